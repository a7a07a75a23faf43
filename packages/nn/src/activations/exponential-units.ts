import * as mx from '@mlx/core';
import { array, number, operation, optional } from '@mlx/core/calls';
import { floating } from '../floating';
import { relu } from './rectifiers';

const input = { x: array };

/**
 * x where it is positive, alpha · (exp(x) - 1) elsewhere (Clevert, Unterthiner and Hochreiter 2016,
 * arXiv:1511.07289).
 *
 * @param x - the array, of any shape; the result has the same.
 * @param alpha - the scale below zero; default: 1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { elu } from '@mlx/nn';
 *
 * elu(mx.array([0, 2])).tolist(); // => [0, 2]
 * ```
 */
export function elu(x: mx.ArrayLike, alpha?: number | { alpha?: number | undefined }): mx.array;
export function elu(...values: unknown[]): mx.array {
  return computeElu(values);
}
const eluParameters = { x: array, alpha: optional(number, 1) };
const computeElu = operation('elu', eluParameters, ({ x, alpha }) => {
  // Values that are not taken must not overflow, or their gradient is NaN.
  const negative = mx.multiply(mx.expm1(mx.minimum(0, x)), alpha);
  return mx.where(mx.greater(x, 0), x, negative);
});

/**
 * max(x, 0) + min(0, alpha · (exp(x / alpha) - 1)) (Barron 2017, arXiv:1704.07483).
 *
 * @param x - the array, of any shape; the result has the same.
 * @param alpha - the scale below zero; default: 1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { celu } from '@mlx/nn';
 *
 * celu(mx.array([0, 2])).tolist(); // => [0, 2]
 * ```
 */
export function celu(x: mx.ArrayLike, alpha?: number | { alpha?: number | undefined }): mx.array;
export function celu(...values: unknown[]): mx.array {
  return computeCelu(values);
}
const celuParameters = { x: array, alpha: optional(number, 1) };
const computeCelu = operation('celu', celuParameters, ({ x, alpha }) => {
  const negative = mx.multiply(mx.expm1(mx.divide(mx.minimum(0, x), alpha)), alpha);
  return mx.add(relu(x), negative);
});

/**
 * {@link elu} scaled so that activations keep mean 0 and variance 1 (Klambauer et al. 2017,
 * arXiv:1706.02515).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { selu } from '@mlx/nn';
 *
 * selu(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function selu(x: mx.ArrayLike): mx.array;
export function selu(...values: unknown[]): mx.array {
  return computeSelu(values);
}
const computeSelu = operation('selu', input, ({ x }) =>
  mx.multiply(elu(x, 1.6732632423543772), 1.0507009873554805),
);

/**
 * log(1 + exp(x)).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softplus } from '@mlx/nn';
 *
 * softplus(mx.array(100)).item(); // => 100
 * ```
 */
export function softplus(x: mx.ArrayLike): mx.array;
export function softplus(...values: unknown[]): mx.array {
  return computeSoftplus(values);
}
const computeSoftplus = operation('softplus', input, ({ x }) => mx.logaddexp(x, 0));

/**
 * log(sigmoid(x)), without its underflow.
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { logSigmoid } from '@mlx/nn';
 *
 * logSigmoid(mx.array(-100)).item(); // => -100
 * ```
 */
export function logSigmoid(x: mx.ArrayLike): mx.array;
export function logSigmoid(...values: unknown[]): mx.array {
  return computeLogSigmoid(values);
}
const computeLogSigmoid = operation('logSigmoid', input, ({ x }) =>
  mx.negative(softplus(mx.negative(floating(x)))),
);
