import { native } from '../addon/native';
import { toArray } from '../arguments/operands';
import { axisList, parameters } from '../arguments/reader';
import type { ArrayLike, Axes, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';

/** Options of softmax. */
export interface SoftmaxOptions extends StreamOptions {
  /** The axes to normalise over; default: all. */
  axis?: Axes;
  /** Whether half types are computed in float32; they always are. */
  precise?: boolean;
}

/**
 * exp(a) / sum(exp(a)) over the axes (all), without overflow. Integers give float32.
 *
 * @param a - the array, of any shape; the result has the same.
 * @param axis - the axis or axes along which the sum is 1; default: all.
 * @param precise - whether half dtypes are computed in float32; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.softmax(mx.array([0, 0])).tolist()); // => [ 0.5, 0.5 ]
 * ```
 */
export function softmax(
  a: ArrayLike,
  axis?: Axes | boolean,
  precise?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function softmax(a: ArrayLike, options: SoftmaxOptions): MLXArray;
export function softmax(a: ArrayLike, axis: Axes, options: SoftmaxOptions): MLXArray;
export function softmax(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, precise, stream } = readSoftmax(rest);
  const input = toArray(a, 'softmax');
  return call(native.softmax, stream, idOf(input), axisList(axis), precise ?? false);
}
const readSoftmax = parameters('softmax', { axis: 'axes', precise: 'boolean' });
