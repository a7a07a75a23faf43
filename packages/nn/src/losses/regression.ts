import * as mx from '@mlx/core';
import { array, boolean, nonNegative, number, operation, optional } from '@mlx/core/calls';
import { floating, widened } from '../floating';
import {
  reduce,
  reductionOf,
  requireSameShape,
  type Reduction,
  type ReductionOptions,
} from './reduction';

/**
 * The squared differences.
 *
 * @param reduction - `'mean'` (default), `'none'` or `'sum'`.
 * @param predictions - the predictions.
 * @param targets - what they should be, of the same shape.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.mseLoss(mx.array([1, 5]), mx.array([2, 2])).item(); // => 5
 * ```
 */
export function mseLoss(
  predictions: mx.ArrayLike,
  targets: mx.ArrayLike,
  reduction?: Reduction,
): mx.array;
export function mseLoss(
  predictions: mx.ArrayLike,
  targets: mx.ArrayLike,
  options: ReductionOptions,
): mx.array;
export function mseLoss(...values: unknown[]): mx.array {
  return computeMseLoss(values);
}
const mseLossParameters = { predictions: array, targets: array, reduction: reductionOf('mean') };
const computeMseLoss = operation('mseLoss', mseLossParameters, (given) => {
  const { predictions, targets, reduction } = given;
  requireSameShape('mseLoss', predictions, targets);
  const difference = mx.subtract(floating(predictions), targets);
  return reduce(mx.square(difference), reduction);
});

/**
 * The absolute differences.
 *
 * @param reduction - `'mean'` (default), `'none'` or `'sum'`.
 * @param predictions - the predictions.
 * @param targets - what they should be, of the same shape.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.l1Loss(mx.array([1, 5]), mx.array([2, 2])).item(); // => 2
 * ```
 */
export function l1Loss(
  predictions: mx.ArrayLike,
  targets: mx.ArrayLike,
  reduction?: Reduction,
): mx.array;
export function l1Loss(
  predictions: mx.ArrayLike,
  targets: mx.ArrayLike,
  options: ReductionOptions,
): mx.array;
export function l1Loss(...values: unknown[]): mx.array {
  return computeL1Loss(values);
}
const l1LossParameters = { predictions: array, targets: array, reduction: reductionOf('mean') };
const computeL1Loss = operation('l1Loss', l1LossParameters, (given) => {
  const { predictions, targets, reduction } = given;
  requireSameShape('l1Loss', predictions, targets);
  return reduce(mx.abs(mx.subtract(floating(predictions), targets)), reduction);
});

/** Options of {@link smoothL1Loss}. */
export interface SmoothL1LossOptions extends ReductionOptions {
  /** Up to which difference it is squared; default: 1. */
  beta?: number | undefined;
}

/**
 * Squared differences where they are small, absolute ones elsewhere (Girshick 2015,
 * arXiv:1504.08083).
 *
 * @param beta - up to which difference it is squared; default 1.
 * @param reduction - `'mean'` (default), `'none'` or `'sum'`.
 * @param predictions - the predictions.
 * @param targets - what they should be, of the same shape.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.smoothL1Loss(mx.array([0, 3]), mx.array([1, 0])).item(); // => 1.5
 * ```
 */
export function smoothL1Loss(
  predictions: mx.ArrayLike,
  targets: mx.ArrayLike,
  beta?: number,
  reduction?: Reduction,
): mx.array;
export function smoothL1Loss(
  predictions: mx.ArrayLike,
  targets: mx.ArrayLike,
  options: SmoothL1LossOptions,
): mx.array;
export function smoothL1Loss(
  predictions: mx.ArrayLike,
  targets: mx.ArrayLike,
  beta: number,
  options: SmoothL1LossOptions,
): mx.array;
export function smoothL1Loss(...values: unknown[]): mx.array {
  return computeSmoothL1Loss(values);
}
const smoothL1LossParameters = {
  predictions: array,
  targets: array,
  beta: optional(nonNegative, 1),
  reduction: reductionOf('mean'),
};
const computeSmoothL1Loss = operation('smoothL1Loss', smoothL1LossParameters, (given) => {
  const { predictions, targets, beta, reduction } = given;
  requireSameShape('smoothL1Loss', predictions, targets);
  const difference = mx.abs(mx.subtract(floating(predictions), targets));
  // Differences beyond beta must not overflow in the branch that is not taken.
  const near = mx.minimum(difference, beta);
  const square = beta > 0 ? mx.multiply(near, mx.multiply(near, 0.5 / beta)) : near;
  const loss = mx.where(mx.less(difference, beta), square, mx.subtract(difference, 0.5 * beta));
  return reduce(loss, reduction);
});

/** Options of {@link huberLoss}. */
export interface HuberLossOptions extends ReductionOptions {
  /** Where it becomes linear; default: 1. */
  delta?: number | undefined;
}

/**
 * Squared differences up to delta, linear beyond (Huber 1964).
 *
 * @param delta - where it becomes linear; default 1.
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
 * @param inputs - the predictions.
 * @param targets - what they should be, of the same shape.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.huberLoss(mx.array([0, 3]), mx.array([1, 0])).tolist(); // => [0.5, 2.5]
 * ```
 */
export function huberLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  delta?: number,
  reduction?: Reduction,
): mx.array;
export function huberLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  options: HuberLossOptions,
): mx.array;
export function huberLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  delta: number,
  options: HuberLossOptions,
): mx.array;
export function huberLoss(...values: unknown[]): mx.array {
  return computeHuberLoss(values);
}
const huberLossParameters = {
  inputs: array,
  targets: array,
  delta: optional(number, 1),
  reduction: reductionOf('none'),
};
const computeHuberLoss = operation('huberLoss', huberLossParameters, (given) => {
  const { inputs, targets, delta, reduction } = given;
  const difference = mx.abs(mx.subtract(floating(inputs), targets));
  const quadratic = mx.minimum(difference, delta);
  const linear = mx.subtract(difference, quadratic);
  const loss = mx.add(
    mx.multiply(quadratic, mx.multiply(quadratic, 0.5)),
    mx.multiply(linear, delta),
  );
  return reduce(loss, reduction);
});

/**
 * log(cosh(inputs - targets)), without its overflow.
 *
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
 * @param inputs - the predictions.
 * @param targets - what they should be, of the same shape.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.logCoshLoss(mx.array([1]), mx.array([1])).tolist(); // => [0]
 * ```
 */
export function logCoshLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  reduction?: Reduction,
): mx.array;
export function logCoshLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  options: ReductionOptions,
): mx.array;
export function logCoshLoss(...values: unknown[]): mx.array {
  return computeLogCoshLoss(values);
}
const logCoshLossParameters = { inputs: array, targets: array, reduction: reductionOf('none') };
const computeLogCoshLoss = operation('logCoshLoss', logCoshLossParameters, (given) => {
  const { inputs, targets, reduction } = given;
  const error = mx.subtract(floating(inputs), targets);
  // Far off log 2 is subtracted; near 0 that would cancel all digits, and log1p(sinh²) / 2 is exact.
  const isNear = mx.less(mx.abs(error), 1);
  const sinh = mx.sinh(mx.where(isNear, error, 0));
  const near = mx.multiply(mx.log1p(mx.square(sinh)), 0.5);
  const far = mx.subtract(mx.logaddexp(error, mx.negative(error)), Math.LN2);
  const loss = mx.where(isNear, near, far);
  return reduce(loss, reduction);
});

/** Options of {@link gaussianNllLoss}. */
export interface GaussianNllLossOptions extends ReductionOptions {
  /** Whether to add the constant ½ log 2π; default: false. */
  full?: boolean | undefined;
  /** The least variance; default: 1e-6. */
  eps?: number | undefined;
}

/**
 * The negative log likelihood of targets under normal distributions.
 *
 * @param inputs - the means.
 * @param targets - the values.
 * @param vars - the variances.
 * @param full - whether to add the constant ½ log 2π; default false.
 * @param eps - the least variance; default 1e-6.
 * @param reduction - `'mean'` (default), `'none'` or `'sum'`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.gaussianNllLoss(mx.array([1]), mx.array([3]), mx.array([1])).item(); // => 2
 * ```
 */
export function gaussianNllLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  vars: mx.ArrayLike,
  full?: boolean,
  eps?: number,
  reduction?: Reduction,
): mx.array;
export function gaussianNllLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  vars: mx.ArrayLike,
  options: GaussianNllLossOptions,
): mx.array;
export function gaussianNllLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  vars: mx.ArrayLike,
  full: boolean,
  options: GaussianNllLossOptions,
): mx.array;
export function gaussianNllLoss(...values: unknown[]): mx.array {
  return computeGaussianNllLoss(values);
}
const gaussianNllLossParameters = {
  inputs: array,
  targets: array,
  vars: array,
  full: optional(boolean, false),
  eps: optional(nonNegative, 1e-6),
  reduction: reductionOf('mean'),
};
const computeGaussianNllLoss = operation('gaussianNllLoss', gaussianNllLossParameters, (given) => {
  const { inputs, targets, vars, full, eps, reduction } = given;
  requireSameShape('gaussianNllLoss', inputs, targets);
  requireSameShape('gaussianNllLoss', inputs, vars);
  const variance = mx.maximum(eps, widened(vars));
  const difference = mx.subtract(widened(targets), inputs);
  const distance = mx.divide(mx.square(difference), variance);
  let loss = mx.multiply(mx.add(mx.log(variance), distance), 0.5);
  if (full) loss = mx.add(loss, 0.5 * Math.log(2 * Math.PI));
  return reduce(mx.astype(loss, floating(inputs).dtype), reduction);
});
