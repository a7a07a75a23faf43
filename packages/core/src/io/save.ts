import { native } from '../addon/native';
import { listWithArrays } from '../arguments/array-lists';
import { checkCount } from '../arguments/count';
import { isListOf } from '../arguments/kinds';
import { checkDepth, lengthOf, mostValues } from '../arguments/lists';
import { isArrayLike, toArray } from '../arguments/operands';
import type { ArrayLike } from '../arguments/types';
import { idOf, isArray, type MLXArray } from '../array/array';
import { checkedFor } from '../errors/errors';
import { idsOf } from '../transforms/traced-call';
import { leavesOf } from '../trees/tree';
import { namesAndArrays, toPath, type FilePath, type GgufMetadata, type Metadata } from './file';

/**
 * Evaluates an array and writes it to a `.npy` file, as NumPy has them; the ending is added where
 * it lacks. The file takes an older one's place only once it is complete. NumPy reads bfloat16 as
 * raw values of two bytes.
 *
 * @param file - the name of the file; what is lacking of its ending is added.
 * @param arr - the array.
 *
 * @throws EngineError naming the file.
 *
 * @example
 * ```ts
 * mx.save('counts.npy', mx.arange(3));
 * console.log(mx.load('counts.npy').tolist()); // => [ 0, 1, 2 ]
 * ```
 */
export function save(file: FilePath, arr: ArrayLike): void {
  checkCount(arguments.length, 2, 'save');
  const a = toArray(arr, 'save');
  checkedFor('save', native.saveNpy(toPath(file, 'save'), idOf(a)));
}

/** What savez writes: an array, or arrays in objects that name them. */
export type SavezArgument = ArrayLike | { readonly [name: string]: unknown };

/**
 * Evaluates arrays and writes them to an `.npz` file, as NumPy has them; the ending is added where
 * it lacks. Arrays are named `arr_0`, `arr_1` and so on, those in objects by their keys, with a
 * point between the keys of nested ones. Modules count as such objects.
 *
 * @param file - the name of the file; what is lacking of its ending is added.
 * @param args - arrays, named arr_0 and so on, and objects of arrays by name.
 *
 * @throws EngineError naming the file; TypeError where two arrays have one name.
 *
 * @example
 * ```ts
 * mx.savez('layer.npz', mx.ones([2]), { weight: mx.zeros([1]) });
 * const { arr_0, weight } = mx.load('layer.npz');
 * console.log(arr_0.tolist(), weight.tolist()); // => [ 1, 1 ] [ 0 ]
 * ```
 */
export function savez(file: FilePath, ...args: (SavezArgument | readonly MLXArray[])[]): void {
  writeNpz('savez', file, args, false);
}

/**
 * Like `savez`, with deflated arrays: smaller files, which take longer to write and read.
 *
 * @param file - the name of the file; what is lacking of its ending is added.
 * @param args - arrays, named arr_0 and so on, and objects of arrays by name.
 *
 * @throws EngineError naming the file; TypeError where two arrays have one name.
 *
 * @example
 * ```ts
 * mx.savezCompressed('zeros.npz', { zeros: mx.zeros([1000]) });
 * console.log(mx.load('zeros.npz').zeros.shape); // => [ 1000 ]
 * ```
 */
export function savezCompressed(
  file: FilePath,
  ...args: (SavezArgument | readonly MLXArray[])[]
): void {
  writeNpz('savezCompressed', file, args, true);
}

function writeNpz(
  name: string,
  file: FilePath,
  args: readonly unknown[],
  isCompressed: boolean,
): void {
  const arrays = new Map<string, MLXArray>();
  const add = (key: string, value: unknown): void => {
    if (arrays.has(key)) throw new TypeError(`[${name}] Two arrays have the name ${key}.`);
    arrays.set(key, toArray(value, name));
  };
  const [first] = args;
  const list = args.length === 1 ? listWithArrays(first, name) : undefined;
  const isValue = (node: unknown): boolean => isListOfNumbers(node, name);
  let unnamed = 0;
  for (const value of list ?? args) {
    if (isArrayLike(value)) add(`arr_${unnamed++}`, value);
    else for (const [key, leaf] of leavesOf(tree(value, name), name, isValue)) add(key, leaf);
  }
  const values = [...arrays.values()];
  checkedFor(
    name,
    native.saveNpz(toPath(file, name), [...arrays.keys()], idsOf(values), isCompressed),
  );
}

function tree(value: unknown, name: string): unknown {
  if (value !== null && (typeof value === 'object' || typeof value === 'function')) return value;
  throw new TypeError(`[${name}] Expected arrays or objects of arrays, but got ${String(value)}.`);
}

/** Lists of numbers are arrays; lists of arrays or objects are part of the tree. */
function isListOfNumbers(node: unknown, name: string): boolean {
  return Array.isArray(node) && node.length > 0 && !holdsArrays(node, name);
}

function holdsArrays(node: unknown, name: string, depth = 0): boolean {
  if (!Array.isArray(node)) return isArray(node) || !isArrayLike(node);
  checkDepth(depth, name);
  const length = lengthOf(node, name, mostValues);
  for (let i = 0; i < length; i++) if (holdsArrays(node[i], name, depth + 1)) return true;
  return false;
}

/**
 * Evaluates arrays and writes them by name, with metadata, to a `.safetensors` file; the ending is
 * added where it lacks. The file takes an older one's place only once it is complete.
 *
 * @param file - the name of the file; what is lacking of its ending is added.
 * @param arrays - the arrays by name.
 * @param metadata - texts by name that go into the file; default: none.
 *
 * @throws EngineError naming the file; TypeError for metadata that are not strings.
 *
 * @example
 * ```ts
 * mx.saveSafetensors('one.safetensors', { a: mx.ones([2]) }, { made: 'here' });
 * console.log(mx.load('one.safetensors', true)[1].made); // => here
 * ```
 */
export function saveSafetensors(
  file: FilePath,
  arrays: { readonly [name: string]: ArrayLike },
  metadata: Metadata | null = null,
): void {
  checkCount(arguments.length, 3, 'saveSafetensors');
  const name = 'saveSafetensors';
  const [names, values] = namesAndArrays(objectOf(arrays, name), name);
  const entries = Object.entries(metadata ?? {});
  if (!entries.every(([, value]) => typeof value === 'string'))
    throw new TypeError('[saveSafetensors] The values of metadata are strings.');
  checkedFor(
    name,
    native.saveSafetensors(
      toPath(file, name),
      names,
      idsOf(values),
      entries.map(([key]) => key),
      entries.map(([, value]) => value),
    ),
  );
}

/**
 * Evaluates arrays and writes them by name, with metadata, to a `.gguf` file; the ending is added
 * where it lacks. Arrays are float16, bfloat16, float32, float64 or signed integers of at most 8
 * dimensions; metadata are strings, lists of strings, scalars and one-dimensional arrays. The file
 * takes an older one's place only once it is complete.
 *
 * @param file - the name of the file; what is lacking of its ending is added.
 * @param arrays - the arrays by name.
 * @param metadata - texts by name that go into the file; default: none.
 *
 * @throws EngineError naming the file; DtypeError and ShapeError for what the format can't hold.
 *
 * @example
 * ```ts
 * const metadata = { 'general.name': 'tiny', sizes: mx.array([2, 3], mx.int32) };
 * mx.saveGguf('tiny.gguf', { w: mx.ones([2, 3]) }, metadata);
 * const [arrays, loaded] = mx.load('tiny.gguf', true);
 * console.log(arrays.w.shape, loaded['general.name']); // => [ 2, 3 ] tiny
 * ```
 */
export function saveGguf(
  file: FilePath,
  arrays: { readonly [name: string]: ArrayLike },
  metadata: { readonly [name: string]: GgufMetadata[string] | ArrayLike } | null = null,
): void {
  checkCount(arguments.length, 3, 'saveGguf');
  const name = 'saveGguf';
  const [names, values] = namesAndArrays(objectOf(arrays, name), name);
  const entries = Object.entries(metadata ?? {}).map(
    ([key, value]): [string, MLXArray | string | readonly string[]] => [
      key,
      isText(value) ? value : toArray(value, name),
    ],
  );
  checkedFor(
    name,
    native.saveGguf(
      toPath(file, name),
      names,
      idsOf(values),
      entries.map(([key]) => key),
      entries.map(([, value]) => (isArray(value) ? idOf(value) : value)),
    ),
  );
}

function isText(value: unknown): value is string | readonly string[] {
  if (typeof value === 'string') return true;
  return isListOf(value, (one) => typeof one === 'string') && value.length > 0;
}

function objectOf(
  arrays: { readonly [name: string]: ArrayLike },
  name: string,
): { readonly [name: string]: ArrayLike } {
  if (typeof arrays !== 'object' || arrays === null || isArray(arrays) || Array.isArray(arrays))
    throw new TypeError(`[${name}] Expected an object of arrays.`);
  return arrays;
}
