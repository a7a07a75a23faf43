import { fileURLToPath } from 'node:url';

import { adoptAll, callNative, isArray, type MLXArray } from './array';
import { checked } from './errors';
import { native } from './native';
import { toArray } from './operand';
import { parameters } from './parameters';
import { idsOf } from './transforms/traced-call';
import type { ArrayLike, StreamOptions } from './types';

/** Arrays by name. */
export interface NamedArrays {
  [name: string]: MLXArray;
}

/** What stands beside the arrays in a file. */
export interface Metadata {
  readonly [name: string]: string;
}

/** A `file:` URL; a type of its own, as programs without Node's or the browser's have no `URL`. */
export interface FileUrl {
  readonly href: string;
  readonly pathname: string;
}

export function toPath(file: string | FileUrl, name: string): string {
  if (typeof file === 'string') return file;
  if (typeof (file as Partial<FileUrl> | null)?.href === 'string') return fileURLToPath(file.href);
  throw new TypeError(`[${name}] A file is a path or a URL.`);
}

/**
 * Reads arrays by name from a file; the format (null) is told from the name's end: `.safetensors`.
 * With returnMetadata the result is `[arrays, metadata]`. Throws EngineError naming the file when
 * it is missing or unsound, TypeError for an unknown format.
 *
 * @example
 * ```ts
 * mx.saveSafetensors('weights.safetensors', { w: mx.array([1, 2]) });
 * console.log(mx.load('weights.safetensors').w.tolist()); // => [ 1, 2 ]
 * ```
 */
export function load(file: string | FileUrl, format?: 'safetensors' | null): NamedArrays;
export function load(
  file: string | FileUrl,
  options: StreamOptions & { format?: 'safetensors' | null; returnMetadata?: false },
): NamedArrays;
export function load(
  file: string | FileUrl,
  options: true | (StreamOptions & { format?: 'safetensors' | null; returnMetadata: true }),
): [NamedArrays, Metadata];
export function load(
  file: string | FileUrl,
  ...rest: unknown[]
): NamedArrays | [NamedArrays, Metadata] {
  const { format, returnMetadata, stream } = readLoad(rest);
  const path = toPath(file, 'load');
  const kind = format ?? path.slice(path.lastIndexOf('.') + 1);
  if (kind !== 'safetensors')
    throw new TypeError(`[load] Unknown file format '${kind}'; known is 'safetensors'.`);
  const [names, ids, metadataNames, metadataValues] = callNative<
    [string[], number[], string[], string[]]
  >(native.loadSafetensors, path, stream);
  const values = adoptAll(ids);
  const arrays = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  const metadata = Object.fromEntries(metadataNames.map((name, i) => [name, metadataValues[i]!]));
  return returnMetadata ? [arrays, metadata] : arrays;
}
const readLoad = parameters('load', { format: 'string', returnMetadata: 'boolean' });

/**
 * Evaluates arrays and writes them by name, with metadata, to a `.safetensors` file, which takes
 * an older one's place only once it is complete. Throws EngineError naming the file.
 *
 * @example
 * ```ts
 * mx.saveSafetensors('one.safetensors', { a: mx.ones([2]) }, { made: 'here' });
 * console.log(mx.load('one.safetensors', true)[1].made); // => here
 * ```
 */
export function saveSafetensors(
  file: string | FileUrl,
  arrays: { readonly [name: string]: ArrayLike },
  metadata: Metadata | null = null,
): void {
  if (typeof arrays !== 'object' || arrays === null || isArray(arrays) || Array.isArray(arrays))
    throw new TypeError('[saveSafetensors] Expected an object of arrays.');
  const names = Object.keys(arrays);
  const values = names.map((name) => toArray(arrays[name], 'saveSafetensors'));
  const entries = Object.entries(metadata ?? {});
  if (!entries.every(([, value]) => typeof value === 'string'))
    throw new TypeError('[saveSafetensors] The values of metadata are strings.');
  checked(
    native.saveSafetensors(
      toPath(file, 'saveSafetensors'),
      names,
      idsOf(values),
      entries.map(([name]) => name),
      entries.map(([, value]) => value),
    ),
  );
}
