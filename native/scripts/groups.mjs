// Puts C++ files that spend most of their time on the same headers into groups, each to be compiled
// as one file that includes them.
import { sep } from 'node:path';
import { namesIn } from './names-in.mjs';

/** Groups of this size take about as long as those of kernels, and so balance over the cores. */
const linesOfGroup = 2500;
const kernelsOfGroup = 4;

/**
 * Returns the groups, `{ name, files, isKernels }`, of files given as a map from path to text. Paths
 * are relative, such as `src/ops/softmax.cpp`. No two files of a group say a name that one of them
 * has for itself. A group has about as many lines as is said, at most a fifth more.
 */
export function groupsOf(texts, lines = linesOfGroup) {
  const files = [...texts].map(([path, text]) => ({
    path,
    lines: text.split('\n').length,
    names: namesIn(text),
    isKernel: text.includes('hwy/foreach_target.h'),
  }));
  const kernels = groupsOfKernels(files.filter((file) => file.isKernel));
  const others = groupsOfLines(
    files.filter((file) => !file.isKernel),
    lines,
  );
  // The slowest first, so that none is left for one core at the end.
  return [...named(kernels, 'kernels'), ...named(others, 'files')];
}

function named(groups, kind) {
  return groups.map((group, i) => ({
    name: `${kind}.${i + 1}`,
    files: group.map((file) => file.path),
    isKernels: kind === 'kernels',
  }));
}

/** Kernels of one folder cost alike, whatever their length, so they are dealt out. */
function groupsOfKernels(kernels) {
  const groups = Array.from({ length: Math.ceil(kernels.length / kernelsOfGroup) }, () => []);
  for (const kernel of kernels) {
    const fitting = groups.filter((group) => goesInto(group, kernel));
    fitting.sort((a, b) => a.length - b.length);
    if (fitting.length > 0) fitting[0].push(kernel);
    else groups.push([kernel]);
  }
  return groups;
}

/**
 * Where a file goes depends on its path, not on the files before it, so that a new one changes its
 * own group alone and the others need no compilation.
 */
function groupsOfLines(files, lines) {
  const groups = Array.from({ length: Math.ceil(linesOf(files) / lines) }, () => []);
  for (const file of files) {
    const order = groups.map((_, i) => [hash(`${i} ${file.path}`), i]).sort(([a], [b]) => a - b);
    const fitting = order
      .map(([, i]) => groups[i])
      .find((group) => linesOf([...group, file]) <= 1.2 * lines && goesInto(group, file));
    if (fitting === undefined) groups.push([file]);
    else fitting.push(file);
  }
  return groups.filter((group) => group.length > 0);
}

/** FNV-1a, and a last step that lets every character decide about every bit. */
function hash(text) {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}

function linesOf(group) {
  return group.reduce((sum, file) => sum + file.lines, 0);
}

function goesInto(group, file) {
  return group.every((other) => !haveClash(other.names, file.names));
}

/** Whether a name that one file has for itself means something else in the other. */
function haveClash(a, b) {
  return [...a.own].some((name) => b.said.has(name)) || [...b.own].some((name) => a.said.has(name));
}

/** The C++ text of a group, for a file at `path`; both are relative to the same folder. */
export function textOf({ files, isKernels }, path) {
  const up = '../'.repeat(path.split(sep).length - 1);
  const includes = files.map((file) => `#include "${up}${file}"\n`).join('');
  if (!isKernels) return includes;
  // Highway reads the whole group once for each instruction set, and its headers as often, but not
  // for each kernel. A kernel names itself as what is to be read again, so the group does it anew.
  const again = `#undef HWY_TARGET_INCLUDE\n#define HWY_TARGET_INCLUDE "../${path}"\n`;
  return `${again}#include "cpu/simd_targets.h"\n#include "hwy/foreach_target.h"\n${includes}${again}`;
}
