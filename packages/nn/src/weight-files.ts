import * as mx from '@mlx/core';
import { isPlainObject, within } from '@mlx/core/calls';
import { builtin } from './builtin';

type Weights = [name: string, value: mx.array][];

const indexName = 'model.safetensors.index.json';
const indexEnding = '.index.json';

/**
 * The weights in a file; in the files that an index of Hugging Face names; or in a folder with such
 * an index, or with safetensors files.
 */
export function readWeights(path: string, name: string): Weights {
  return within(name, () => read(path, name));
}

function read(path: string, name: string): Weights {
  // The system would take what stands before a NUL for the name; mx.load says so.
  if (path.includes('\0')) return load(path);
  const { existsSync, readdirSync, statSync } = builtin('node:fs');
  const { join } = builtin('node:path');
  if (path.endsWith(indexEnding)) return readIndexed(path, name);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return load(path);
  const index = join(path, indexName);
  if (existsSync(index)) return readIndexed(index, name);
  const files = readdirSync(path)
    .filter((file) => file.endsWith('.safetensors'))
    .sort();
  if (files.length === 0)
    throw new mx.EngineError(`[${name}] ${path} holds no ${indexName} and no safetensors file.`);
  return files.flatMap((file) => load(join(path, file)));
}

function load(file: string): Weights {
  return Object.entries(mx.load(file) as Record<string, mx.array>);
}

/** Files are opened once each, and read where their arrays are needed. */
function readIndexed(path: string, name: string): Weights {
  const { dirname, join } = builtin('node:path');
  const opened = new Map<string, Record<string, mx.array>>();
  return Object.entries(readIndex(path, name)).map(([weight, file]) => {
    let arrays = opened.get(file);
    if (!arrays) opened.set(file, (arrays = mx.load(join(dirname(path), file), 'safetensors')));
    const value = Object.hasOwn(arrays, weight) ? arrays[weight] : undefined;
    if (value === undefined)
      throw new mx.EngineError(
        `[${name}] ${path} says that ${weight} is in ${file}, but it is not.`,
      );
    return [weight, value];
  });
}

/** The `weight_map` of an index: the file of each weight, beside the index. */
function readIndex(path: string, name: string): Record<string, string> {
  const { readFileSync, statSync } = builtin('node:fs');
  let index: unknown;
  try {
    // What is no regular file might never end.
    if (!statSync(path).isFile()) throw new Error('it is not a regular file');
    index = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new mx.EngineError(`[${name}] Can't read ${path}: ${reason}.`, { cause });
  }
  const map = isPlainObject(index) ? index.weight_map : undefined;
  const isFileName = (file: unknown) => typeof file === 'string' && /^[^/\\\0]+$/.test(file);
  if (isPlainObject(map) && Object.values(map).every(isFileName))
    return map as Record<string, string>;
  throw new mx.EngineError(
    `[${name}] ${path} has no weight_map from names of weights to files beside it.`,
  );
}
