import { native } from '../addon/native';
import { toArray } from '../arguments/operands';
import { parameters } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';

type ConvolveMode = 'full' | 'same' | 'valid';

/**
 * The convolution of two vectors: sums of a[i] * v[k - i] for each k. mode 'full' (the default)
 * takes every k for which they overlap, a.size + v.size - 1 of them; 'valid' those for which they
 * overlap wholly; 'same' as many in the middle as the longer one has elements. Integers stay
 * integers. Throws ShapeError for what is not a vector or is empty, TypeError for other modes.
 *
 * @param a - the first array, of one axis.
 * @param v - the second, of one axis.
 * @param mode - 'full', 'same' or 'valid'; default: 'full'.
 *
 * @example
 * ```ts
 * const a = mx.array([1, 2, 3]);
 * console.log(mx.convolve(a, mx.array([1, 1])).tolist()); // => [ 1, 3, 5, 3 ]
 * console.log(mx.convolve(a, mx.array([1, 1]), 'valid').tolist()); // => [ 3, 5 ]
 * ```
 */
export function convolve(
  a: ArrayLike,
  v: ArrayLike,
  mode?: ConvolveMode,
  stream?: StreamArgument,
): MLXArray;
export function convolve(
  a: ArrayLike,
  v: ArrayLike,
  options: StreamOptions & { mode?: ConvolveMode },
): MLXArray;
export function convolve(a: ArrayLike, v: ArrayLike, ...rest: unknown[]): MLXArray {
  const { mode, stream } = readConvolve(rest);
  const signal = toArray(a, 'convolve');
  const window = toArray(v, 'convolve');
  return call(native.convolve, stream, idOf(signal), idOf(window), mode ?? 'full');
}
const readConvolve = parameters('convolve', { mode: 'string' });
