import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupsOf, textOf } from './groups.mjs';

const lines = (count) => '\n'.repeat(count - 1);
const kernel = (body = '') => `#include "hwy/foreach_target.h"\n${body}`;
const filesOf = (texts) => groupsOf(new Map(Object.entries(texts))).map((group) => group.files);

const manyFiles = (count) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`src/part${i}.cpp`, lines(100)]));

test('each file is in one group, of at most 3000 lines unless one file is longer', () => {
  const texts = { ...manyFiles(290), 'src/long.cpp': lines(9000) };
  const groups = filesOf(texts);
  assert.deepEqual(groups.flat().sort(), Object.keys(texts).sort());
  for (const group of groups) assert.ok(group.length <= 30 || group[0] === 'src/long.cpp');
  assert.ok(groups.length <= 20);
  assert.deepEqual(filesOf({}), []);
});

test('a new file changes one group', () => {
  const before = filesOf(manyFiles(290)).map(String);
  const after = filesOf({ ...manyFiles(290), 'src/new.cpp': lines(50) }).map(String);
  assert.ok(after.filter((group) => !before.includes(group)).length <= 1);
});

test('files that have the same name for themselves are in different groups', () => {
  const text = 'namespace { int limit() { return 1; } }';
  assert.deepEqual(filesOf({ 'src/a.cpp': text, 'src/b.cpp': text }), [
    ['src/a.cpp'],
    ['src/b.cpp'],
  ]);
});

test('so is a file that says a name that another has for itself', () => {
  const own = 'namespace { struct Shape {}; }';
  const said = 'int size(const Shape& shape);';
  assert.equal(filesOf({ 'src/a.cpp': own, 'src/b.cpp': said }).length, 2);
  assert.equal(filesOf({ 'src/a.cpp': said, 'src/b.cpp': own }).length, 2);
});

test('kernels come first, in groups of their own, neighbours in different ones', () => {
  const texts = { 'src/plain.cpp': '' };
  for (const name of ['a', 'b', 'c', 'd', 'e']) texts[`src/${name}.cpp`] = kernel();
  assert.deepEqual(filesOf(texts), [
    ['src/a.cpp', 'src/c.cpp', 'src/e.cpp'],
    ['src/b.cpp', 'src/d.cpp'],
    ['src/plain.cpp'],
  ]);
});

test('kernels that clash are in different groups', () => {
  const text = kernel('namespace mlx::HWY_NAMESPACE { void scale() {} }');
  assert.equal(filesOf({ 'src/a.cpp': text, 'src/b.cpp': text }).length, 2);
});

test('a group includes its files, and kernels once for each instruction set', () => {
  const [group] = groupsOf(new Map(Object.entries({ 'src/a.cpp': '', 'src/b.cpp': '' })));
  assert.equal(
    textOf(group, 'build/groups/files.cpp'),
    '#include "../../src/a.cpp"\n#include "../../src/b.cpp"\n',
  );
  const [kernels] = groupsOf(new Map([['src/a.cpp', kernel()]]));
  const text = textOf(kernels, 'build/groups/kernels.cpp').split('\n');
  const define = '#define HWY_TARGET_INCLUDE "../build/groups/kernels.cpp"';
  // The files define it in between, so it has to be right before and after them.
  assert.ok(text.indexOf(define) < text.indexOf('#include "hwy/foreach_target.h"'));
  assert.ok(text.indexOf('#include "../../src/a.cpp"') < text.lastIndexOf(define));
});
