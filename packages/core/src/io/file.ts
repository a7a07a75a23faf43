import { toArray } from '../arguments/operands';
import type { ArrayLike } from '../arguments/types';
import type { MLXArray } from '../array/array';
import { builtin } from '../node/builtin';

const { fileURLToPath } = builtin('node:url');

/** The formats of files of arrays. */
export type FileFormat = 'npy' | 'npz' | 'safetensors' | 'gguf';

/** A `file:` URL; a type of its own, as programs without Node's or the browser's have no `URL`. */
export interface FileUrl {
  readonly href: string;
  readonly pathname: string;
}

/** A path or a `file:` URL. */
export type FilePath = string | FileUrl;

/** Arrays by name. */
export interface NamedArrays {
  [name: string]: MLXArray;
}

/** What stands beside the arrays in a safetensors file. */
export interface Metadata {
  readonly [name: string]: string;
}

/** What stands beside the arrays in a gguf file. */
export interface GgufMetadata {
  readonly [name: string]: MLXArray | string | string[];
}

/** The path of a file; `name` is the function that was called. */
export function toPath(file: unknown, name: string): string {
  const path = typeof file === 'string' ? file : pathOfUrl(file, name);
  if (path === '') throw new TypeError(`[${name}] The file's name is empty.`);
  // The system would take what stands before it for the name.
  if (path.includes('\0')) throw new TypeError(`[${name}] The file's name has a NUL in it.`);
  return path;
}

function pathOfUrl(file: unknown, name: string): string {
  const href = (file as Partial<FileUrl> | null | undefined)?.href;
  if (typeof href !== 'string') throw new TypeError(`[${name}] A file is a path or a URL.`);
  try {
    return fileURLToPath(href);
  } catch (cause) {
    throw new TypeError(`[${name}] ${href} is no URL of a file.`, { cause });
  }
}

/** Lists of names and arrays, as they cross to the addon, from an object of arrays. */
export function namesAndArrays(
  arrays: Readonly<Record<string, ArrayLike>>,
  name: string,
): [string[], MLXArray[]] {
  const names = Object.keys(arrays);
  return [names, names.map((key) => toArray(arrays[key], name))];
}
