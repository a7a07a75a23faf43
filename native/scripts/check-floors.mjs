// Keeps the engine's folders in floors: which others a folder of src/ may include. Returns the
// includes that point elsewhere, as text.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/**
 * Beside itself and the public headers. Kinds of nodes and operations are written in each other.
 * distributed/ defines what its kinds do on a GPU's stream, as a family of gpu/ does, so it gives
 * work to that folder's encoder; what a kind of GPU has for it, cuda/ hands out by an interface.
 */
const mayInclude = {
  runtime: [],
  array: ['runtime'],
  primitives: ['array', 'ops', 'runtime'],
  ops: ['array', 'primitives', 'runtime'],
  io: ['array', 'runtime'],
  graph: ['array', 'primitives'],
  evaluation: ['array', 'graph', 'primitives', 'runtime'],
  transforms: ['array', 'evaluation', 'graph', 'primitives'],
  export: ['array', 'graph', 'io', 'ops', 'primitives'],
  cpu: ['array', 'evaluation', 'io', 'ops', 'primitives', 'runtime'],
  gpu: ['array', 'evaluation', 'ops', 'primitives', 'runtime'],
  cuda: ['gpu', 'runtime'],
  metal: ['gpu', 'runtime'],
  distributed: ['array', 'gpu', 'primitives', 'runtime'],
};
/** Headers that are an interface alone, which floors below may know. */
const interfaces = ['gpu/hal.h'];

export function wrongIncludes(src) {
  return readdirSync(src, { recursive: true })
    .filter((name) => /\.(cpp|h)$/.test(name))
    .flatMap((name) => {
      const folder = name.split(sep)[0];
      const text = readFileSync(join(src, name), 'utf8');
      return Array.from(text.matchAll(/^#include "([^"]+)"/gm), ([, path]) => path)
        .filter((path) => !isAllowed(folder, path))
        .map((path) => `src/${name} includes ${path}: ${folder}/ may not know ${dirname(path)}/`);
    });
}

function isAllowed(folder, path) {
  const other = path.split('/')[0];
  const isOwn = other === folder || !(other in mayInclude);
  return isOwn || interfaces.includes(path) || mayInclude[folder].includes(other);
}
