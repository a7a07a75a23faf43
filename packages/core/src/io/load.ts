import { native } from '../addon/native';
import type { ArrayId, StreamCode } from '../addon/types';
import { parameters } from '../arguments/reader';
import type { StreamOptions } from '../arguments/types';
import { adoptAll, callNative, type MLXArray } from '../array/array';
import { bytesOf } from '../array/from-javascript';
import { EngineError, within } from '../errors/errors';
import {
  toPath,
  type FileFormat,
  type FilePath,
  type GgufMetadata,
  type Metadata,
  type NamedArrays,
} from './file';

/** The contents of a file. */
export type FileContents = Uint8Array | ArrayBuffer;

/**
 * What load gives for a file F and a format K: an array for npy, arrays by name otherwise. A path
 * that is no literal counts as a file of named arrays; `mx.load(path, 'npy')` says more.
 */
export type Loaded<F, K> = K extends FileFormat
  ? K extends 'npy'
    ? MLXArray
    : NamedArrays
  : F extends `${string}.npy`
    ? MLXArray
    : NamedArrays;

/** The metadata of a file F of the format K. */
export type LoadedMetadata<F, K> = K extends 'gguf'
  ? GgufMetadata
  : F extends `${string}.gguf`
    ? GgufMetadata
    : Metadata;

/**
 * Reads a file of arrays, or the contents of one. The format is `npy`, which gives one array, or
 * `npz`, `safetensors` or `gguf`, which give arrays by name; null tells it from the end of the
 * name, or from the first bytes of contents. With returnMetadata, which the last two formats have,
 * the result is `[arrays, metadata]`. Headers are read and checked at once; an array's values are
 * read when they are needed.
 *
 * The names keep the file's order. A member of an npz file that no array can hold, such as one of
 * texts, throws when it is asked for, and so do the spreading and walking of all of them.
 *
 * A gguf tensor `x.weight` of type Q4_0, Q4_1 or Q8_0 becomes `x.weight`, `x.scales` and
 * `x.biases`, quantised in groups of 32; other packed types become float16.
 *
 * @param file - the name of the file, or its contents.
 * @param format - 'npy', 'npz', 'safetensors' or 'gguf'; default: what the name ends with,
 *   or the contents begin with.
 * @param returnMetadata - whether to return the metadata too; default: false.
 *
 * @throws EngineError naming the file when it is missing, unsound, or has a type that arrays lack;
 * TypeError for an unknown
 * format, or metadata that the format lacks.
 *
 * @example
 * ```ts
 * mx.save('matrix.npy', mx.array([[1, 2]]));
 * console.log(mx.load('matrix.npy').tolist()); // => [ [ 1, 2 ] ]
 * mx.saveSafetensors('weights.safetensors', { w: mx.array([1, 2]) });
 * console.log(mx.load('weights.safetensors').w.tolist()); // => [ 1, 2 ]
 * ```
 */
export function load<
  const F extends FilePath | FileContents,
  const K extends FileFormat | null = null,
>(file: F, format?: K): Loaded<F, K>;
export function load<
  const F extends FilePath | FileContents,
  const K extends FileFormat | null = null,
>(
  file: F,
  options: StreamOptions & { format?: K; returnMetadata?: false | undefined },
): Loaded<F, K>;
export function load<
  const F extends FilePath | FileContents,
  const K extends FileFormat | null = null,
>(
  file: F,
  options: true | (StreamOptions & { format?: K; returnMetadata: true }),
): [NamedArrays, LoadedMetadata<F, K>];
export function load(file: FilePath | FileContents, ...rest: unknown[]): unknown {
  const { format, returnMetadata, stream } = readLoad(rest);
  const bytes = toBytes(file);
  const source = bytes ?? toPath(file, 'load');
  const kind = format ?? (bytes ? formatOfBytes(bytes) : formatOfPath(source as string));
  const reader = Object.hasOwn(readers, kind) ? readers[kind as FileFormat] : undefined;
  if (reader === undefined)
    throw new TypeError(
      `[load] Unknown file format '${kind}'; known are ${Object.keys(readers).join(', ')}.`,
    );
  const [arrays, metadata] = within('load', () => reader(source, stream));
  if (!returnMetadata) return arrays;
  if (metadata === undefined)
    throw new TypeError(`[load] Files of the format ${kind} have no metadata.`);
  return [arrays, metadata];
}
const readLoad = parameters('load', { format: 'string', returnMetadata: 'boolean' });

type Reader = (
  source: string | Uint8Array,
  stream: StreamCode | undefined,
) => [MLXArray | NamedArrays, (Metadata | GgufMetadata)?];

const readers: Record<FileFormat, Reader> = {
  npy: (source, stream) => [adoptAll(callNative(native.loadNpy, source, stream))[0]!],
  npz: (source, stream) => {
    const [names, members] = callNative(native.loadNpz, source, stream);
    return [npzMembers(names, members)];
  },
  safetensors: (source, stream) => {
    const [names, ids, keys, values] = callNative(native.loadSafetensors, source, stream);
    return [byName(names, adoptAll(ids)), byName(keys, values)];
  },
  gguf: (source, stream) => {
    const [names, ids, keys, values] = callNative(native.loadGguf, source, stream);
    const metadata = values.map((value) =>
      typeof value === 'number' ? adoptAll([value])[0]! : value!,
    );
    return [byName(names, adoptAll(ids)), byName(keys, metadata)];
  },
};

function byName<T>(names: readonly string[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
}

/** Arrays by name; those that can't be read throw when they are asked for. */
function npzMembers(
  names: readonly string[],
  members: readonly (ArrayId | string)[],
): Record<string, MLXArray> {
  const arrays: Record<string, MLXArray> = {};
  members.forEach((member, i) => {
    const shared = { enumerable: true, configurable: true };
    if (typeof member === 'number') {
      const [value] = adoptAll([member]);
      Object.defineProperty(arrays, names[i]!, { ...shared, writable: true, value });
      return;
    }
    const get = (): never => {
      throw new EngineError(member);
    };
    Object.defineProperty(arrays, names[i]!, { ...shared, get });
  });
  return arrays;
}

function toBytes(file: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(file)) return bytesOf(file, 'load');
  // The buffers of other realms too.
  const isBuffer = Object.prototype.toString.call(file) === '[object ArrayBuffer]';
  if (!isBuffer) return undefined;
  try {
    return new Uint8Array(file as ArrayBuffer);
  } catch (cause) {
    throw new TypeError('[load] The ArrayBuffer is detached.', { cause });
  }
}

function formatOfPath(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** A safetensors file begins with a length, and so has no mark of its own. */
function formatOfBytes(bytes: Uint8Array): FileFormat {
  const begin = String.fromCharCode(...bytes.subarray(0, 6));
  if (begin === '\x93NUMPY') return 'npy';
  if (begin.startsWith('PK')) return 'npz';
  return begin.startsWith('GGUF') ? 'gguf' : 'safetensors';
}
