import { native } from '../addon/native';
import { toArray } from '../arguments/operands';
import { parameters } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';

/**
 * Multiplies the last axis with a Hadamard matrix and a scale, 1 / sqrt(n) by default. The axis has
 * n = m * 2^k elements with m = 1, 12, 20 or 28, else a ShapeError is thrown; the matrix is the
 * Kronecker product of those of m and of 2^k. Integers give float32.
 *
 * @param a - the array; the size of its last axis is m · 2^k with m of 1, 12, 20 or 28.
 * @param scale - what the result is multiplied by; default: one over the root of the size.
 *
 * @example
 * ```ts
 * console.log(mx.hadamardTransform(mx.array([1, 2, 3, 4])).tolist()); // => [ 5, -1, -2, 0 ]
 * ```
 */
export function hadamardTransform(
  a: ArrayLike,
  scale?: number | null,
  stream?: StreamArgument,
): MLXArray;
export function hadamardTransform(
  a: ArrayLike,
  options: StreamOptions & { scale?: number | null },
): MLXArray;
export function hadamardTransform(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { scale, stream } = readHadamard(rest);
  const input = toArray(a, 'hadamardTransform');
  return call(native.hadamardTransform, stream, idOf(input), scale ?? undefined);
}
const readHadamard = parameters('hadamardTransform', { scale: 'number' });
