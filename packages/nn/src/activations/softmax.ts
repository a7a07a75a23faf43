import * as mx from '@mlx/core';
import { array, integer, operation, optional } from '@mlx/core/calls';
import { floating, inDtype } from '../floating';
import { internals } from '../internals';

/**
 * Exponentials that sum to 1 along an axis.
 *
 * @param x - the array, of any shape; the result has the same.
 * @param axis - the axis along which the sum is 1; default: -1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softmax } from '@mlx/nn';
 *
 * softmax(mx.array([1, 1])).tolist(); // => [0.5, 0.5]
 * ```
 */
export function softmax(x: mx.ArrayLike, axis?: number | { axis?: number | undefined }): mx.array;
export function softmax(...values: unknown[]): mx.array {
  return computeSoftmax(values);
}
const softmaxParameters = { x: array, axis: optional(integer, -1) };
const computeSoftmax = operation('softmax', softmaxParameters, ({ x, axis }) =>
  mx.softmax(x, axis),
);

/**
 * The logarithm of {@link softmax}, without its overflow.
 *
 * @param x - the array, of any shape; the result has the same.
 * @param axis - the axis along which the sum is 1; default: -1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { logSoftmax } from '@mlx/nn';
 *
 * logSoftmax(mx.array([[1000]])).tolist(); // => [[0]]
 * ```
 */
export function logSoftmax(
  x: mx.ArrayLike,
  axis?: number | { axis?: number | undefined },
): mx.array;
export function logSoftmax(...values: unknown[]): mx.array {
  return computeLogSoftmax(values);
}
const logSoftmaxParameters = { x: array, axis: optional(integer, -1) };
const computeLogSoftmax = operation('logSoftmax', logSoftmaxParameters, ({ x, axis }) => {
  const real = floating(x);
  // A sum of the two parts would lose the second beside large numbers.
  const [largest, logSum] = internals.logsumexpParts(real, axis);
  return inDtype(mx.subtract(mx.subtract(real, largest), logSum), real.dtype);
});

/**
 * {@link softmax} of -x.
 *
 * @param x - the array, of any shape; the result has the same.
 * @param axis - the axis along which the sum is 1; default: -1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softmin } from '@mlx/nn';
 *
 * softmin(mx.array([1, 1])).tolist(); // => [0.5, 0.5]
 * ```
 */
export function softmin(x: mx.ArrayLike, axis?: number | { axis?: number | undefined }): mx.array;
export function softmin(...values: unknown[]): mx.array {
  return computeSoftmin(values);
}
const softminParameters = { x: array, axis: optional(integer, -1) };
const computeSoftmin = operation('softmin', softminParameters, ({ x, axis }) =>
  mx.softmax(mx.negative(floating(x)), axis),
);
