import { native } from '../addon/native';
import type { NestedArray, TypedArray } from '../arguments/types';
import {
  bfloat16,
  bool_,
  complex64,
  float16,
  float32,
  int64,
  safeInteger,
  typedArrayClass,
  uint64,
  type Dtype,
} from '../dtypes/dtype';
import { checked, EngineError } from '../errors/errors';
import { asyncEval } from '../evaluation/evaluate';
import { builtin } from '../node/builtin';
import { call, idOf, share, type MLXArray } from './array';
import { Complex } from './complex';
import { bytesOf } from './from-javascript';

const { getHeapStatistics } = builtin('node:v8');

/** The values in row-major order, evaluating them: see `toTypedArray`. */
export function readTypedArray(a: MLXArray): TypedArray {
  const dtype = a.dtype;
  const size = dtype === complex64 ? 2 * a.size : a.size;
  const values = makeTypedArray(typedArrayClass(dtype), size);
  checked(native.read(idOf(a), bytesOf(values, 'data')));
  return values;
}

function makeTypedArray(Constructor: new (size: number) => TypedArray, size: number): TypedArray {
  try {
    return new Constructor(size);
  } catch (cause) {
    throw new EngineError(`[data] JavaScript has no memory for a TypedArray of ${size} elements.`, {
      cause,
    });
  }
}

/** The values once they are computed, without blocking this thread. */
export async function readData(a: MLXArray, signal: AbortSignal | undefined): Promise<TypedArray> {
  // Handles of its own, because the array may be assigned or released while this waits.
  const dense = call(native.contiguous, undefined, idOf(a), false);
  await (signal === undefined ? asyncEval(dense) : asyncEval(dense, signal));
  return readTypedArray(dense);
}

/** The only element: a number, boolean, Complex, or a bigint where a number would be rounded. */
export function readItem(a: MLXArray): number | boolean | bigint | Complex {
  const value = checked<number | boolean | bigint | [number, number]>(native.item(idOf(a)));
  return Array.isArray(value) ? Complex(value[0], value[1]) : value;
}

/** How to get element i of a TypedArray as a JavaScript value. */
function elementReader(dtype: Dtype, values: TypedArray): (i: number) => unknown {
  switch (dtype) {
    case bool_:
      return (i) => values[i] !== 0;
    case int64:
    case uint64:
      return (i) => safeInteger(values[i] as bigint);
    case complex64:
      return (i) => Complex(values[2 * i] as number, values[2 * i + 1] as number);
    default:
      return (i) => values[i];
  }
}

/** The most elements that a list of V8's can grow to. */
const mostInList = 1e8;
// What a list, an element and a Complex or a bigint take in V8's heap.
const bytesPerList = 64;
const bytesPerElement = 8;
const bytesPerObject = 40;
/** So many bytes fit without a look at the heap. */
const smallHeapBytes = 2 ** 24;

/** Throws unless V8's heap has room for nested lists: it ends the process when it has none. */
function checkHeap(shape: readonly number[], dtype: Dtype): void {
  const longest = Math.max(...shape);
  let lists = 1;
  let bytes = bytesPerList;
  for (const n of shape) {
    // The elements are lists, but for the last axis.
    lists *= n;
    bytes += lists * (bytesPerElement + bytesPerList);
  }
  const isObjects = dtype === complex64 || dtype === int64 || dtype === uint64;
  bytes += lists * ((isObjects ? bytesPerObject : 0) - bytesPerList);
  if (bytes <= smallHeapBytes) return;
  // A list that grows is copied.
  const needed = 2 * bytes;
  if (longest <= mostInList) {
    if (needed <= freeHeapBytes()) return;
    checked(native.collect());
    if (needed <= freeHeapBytes()) return;
  }
  throw new RangeError(
    `[tolist] Lists of shape (${shape.join(',')}) are too large for JavaScript: they need ` +
      `${needed} bytes of its heap, which has ${freeHeapBytes()}. Use toTypedArray.`,
  );
}

/** A JavaScript object that stands for an array. */
const bytesPerArray = 100;

/** Throws unless V8's heap has room for all slices of an array, since who iterates may keep them. */
export function checkIteration(length: number): void {
  const needed = length * bytesPerArray;
  if (needed <= smallHeapBytes || needed <= freeHeapBytes()) return;
  throw new RangeError(
    `[array] ${length} slices are too many to iterate over: take some by index, or all values by ` +
      'toTypedArray.',
  );
}

function freeHeapBytes(): number {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  return Math.max(0, limit - used);
}

/** The values as nested lists, or the only element of a scalar. */
export function readList(a: MLXArray): NestedArray<unknown> {
  const shape = a.shape;
  if (shape.length === 0) return readItem(a);
  checkHeap(shape, a.dtype);
  const isHalf = a.dtype === float16 || a.dtype === bfloat16;
  const wide = isHalf ? call(native.astype, undefined, idOf(a), float32.code) : share(a);
  const element = elementReader(wide.dtype, readTypedArray(wide));
  let next = 0;
  const build = (axis: number): unknown[] => {
    const list: unknown[] = [];
    const isLast = axis === shape.length - 1;
    for (let i = 0; i < shape[axis]!; i++) list.push(isLast ? element(next++) : build(axis + 1));
    return list;
  };
  return build(0);
}
