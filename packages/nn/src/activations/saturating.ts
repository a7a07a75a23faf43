import * as mx from '@mlx/core';
import { array, number, operation, optional } from '@mlx/core/calls';
import { floating } from '../floating';

const input = { x: array };

/** Options of {@link hardTanh}. */
export interface HardTanhOptions {
  /** The least value; default: -1. */
  minVal?: number | undefined;
  /** The largest value; default: 1. */
  maxVal?: number | undefined;
}

/**
 * 1 / (1 + exp(-x)).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { sigmoid } from '@mlx/nn';
 *
 * sigmoid(mx.array(0)).item(); // => 0.5
 * ```
 */
export function sigmoid(x: mx.ArrayLike): mx.array;
export function sigmoid(...values: unknown[]): mx.array {
  return computeSigmoid(values);
}
const computeSigmoid = operation('sigmoid', input, ({ x }) => mx.sigmoid(x));

/**
 * The hyperbolic tangent.
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { tanh } from '@mlx/nn';
 *
 * tanh(mx.array(0)).item(); // => 0
 * ```
 */
export function tanh(x: mx.ArrayLike): mx.array;
export function tanh(...values: unknown[]): mx.array {
  return computeTanh(values);
}
const computeTanh = operation('tanh', input, ({ x }) => mx.tanh(x));

/**
 * x / (1 + |x|).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softsign } from '@mlx/nn';
 *
 * softsign(mx.array([-3, 1])).tolist(); // => [-0.75, 0.5]
 * ```
 */
export function softsign(x: mx.ArrayLike): mx.array;
export function softsign(...values: unknown[]): mx.array {
  return computeSoftsign(values);
}
const computeSoftsign = operation('softsign', input, ({ x }) => {
  const real = floating(x);
  return mx.divide(real, mx.add(mx.abs(real), 1));
});

/**
 * x cut off at minVal and maxVal.
 *
 * @param x - the array, of any shape; the result has the same.
 * @param minVal - the least value; default: -1.
 * @param maxVal - the largest value; default: 1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { hardTanh } from '@mlx/nn';
 *
 * hardTanh(mx.array([-2, 0.25, 3])).tolist(); // => [-1, 0.25, 1]
 * ```
 */
export function hardTanh(x: mx.ArrayLike, minVal?: number, maxVal?: number): mx.array;
export function hardTanh(x: mx.ArrayLike, options: HardTanhOptions): mx.array;
export function hardTanh(x: mx.ArrayLike, minVal: number, options: HardTanhOptions): mx.array;
export function hardTanh(...values: unknown[]): mx.array {
  return computeHardTanh(values);
}
const hardTanhParameters = { x: array, minVal: optional(number, -1), maxVal: optional(number, 1) };
const computeHardTanh = operation('hardTanh', hardTanhParameters, ({ x, minVal, maxVal }) =>
  mx.minimum(mx.maximum(x, minVal), maxVal),
);
