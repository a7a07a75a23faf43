import { call, idOf, share, type MLXArray } from './array';
import { Complex } from './complex';
import { bytesOf, Float16ArrayConstructor } from './construct';
import {
  bfloat16,
  bool_,
  complex64,
  float16,
  float32,
  float64,
  int16,
  int32,
  int64,
  int8,
  safeInteger,
  uint16,
  uint32,
  uint64,
  uint8,
  type Dtype,
} from './dtype';
import { checked } from './errors';
import { asyncEval } from './evaluation';
import { native } from './native';
import type { NestedArray, TypedArray } from './types';

type TypedArrayConstructor = new (size: number) => TypedArray;

const typedArrays = new Map<Dtype, TypedArrayConstructor>([
  [bool_, Uint8Array],
  [uint8, Uint8Array],
  [uint16, Uint16Array],
  [uint32, Uint32Array],
  [uint64, BigUint64Array],
  [int8, Int8Array],
  [int16, Int16Array],
  [int32, Int32Array],
  [int64, BigInt64Array],
  // Where the runtime has no Float16Array, the bits.
  [float16, (Float16ArrayConstructor as TypedArrayConstructor | undefined) ?? Uint16Array],
  [bfloat16, Uint16Array],
  [float32, Float32Array],
  [float64, Float64Array],
  [complex64, Float32Array],
]);

/** The values in row-major order, evaluating them: see `toTypedArray`. */
export function readTypedArray(a: MLXArray): TypedArray {
  const dtype = a.dtype;
  const size = dtype === complex64 ? 2 * a.size : a.size;
  const values = new (typedArrays.get(dtype)!)(size);
  checked(native.read(idOf(a), bytesOf(values, 'data')));
  return values;
}

/** The values once they are computed, without blocking this thread. */
export async function readData(a: MLXArray): Promise<TypedArray> {
  // Handles of its own, because the array may be assigned or released while this waits.
  const dense = call(native.contiguous, undefined, idOf(a), false);
  await asyncEval(dense);
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

/** The values as nested lists, or the only element of a scalar. */
export function readList(a: MLXArray): NestedArray<unknown> {
  const shape = a.shape;
  if (shape.length === 0) return readItem(a);
  const isHalf = a.dtype === float16 || a.dtype === bfloat16;
  const wide = isHalf ? call(native.astype, undefined, idOf(a), float32.code) : share(a);
  const element = elementReader(wide.dtype, readTypedArray(wide));
  let next = 0;
  const build = (axis: number): unknown[] =>
    Array.from({ length: shape[axis]! }, () =>
      axis === shape.length - 1 ? element(next++) : build(axis + 1),
    );
  return build(0);
}
