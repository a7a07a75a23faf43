import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missingSpaces, missingSpacesIn } from './address-spaces.mjs';

const kernels = fileURLToPath(new URL(join('..', 'src', 'gpu', 'kernels'), import.meta.url));

test('every pointer and reference of the kernels names its address space', () => {
  assert.deepEqual(missingSpacesIn(kernels), []);
});

test('those that do not are found', () => {
  const body = (parameters) => `template <typename T>\ninline void f(${parameters}) {}\n`;
  const line = (parameters) => [`2: inline void f(${parameters}) {}`];
  for (const wrong of [
    'T* x',
    'const T* x, uint n',
    'device const T* x, float& sum',
    'threadgroup T* part, Pack<T, 4>* pack',
    'constant Arguments& p, const Group& g',
  ])
    assert.deepEqual(missingSpaces(body(wrong)), line(wrong), wrong);
  assert.deepEqual(missingSpaces('  float* p = (float*)&x;\n'), [
    '1: float* p = (float*)&x;',
    '1: float* p = (float*)&x;',
  ]);
});

test('what is right, and products and comments, are left alone', () => {
  for (const right of [
    'inline void f(device const T* x, thread float& sum, constant Arguments<a, b>& p) {}',
    'float y = a * b + (c & d), z = x *w;',
    '// of T* x\n/* and float& y */',
    'thread uint* words = (thread uint*)&value;',
    'bool b = x && y;',
  ])
    assert.deepEqual(missingSpaces(right), [], right);
});
