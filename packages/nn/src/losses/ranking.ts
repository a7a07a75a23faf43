import * as mx from '@mlx/core';
import { array, integer, nonNegative, number, operation, optional } from '@mlx/core/calls';
import { floating, widened } from '../floating';
import {
  reduce,
  reductionOf,
  requireSameShape,
  type Reduction,
  type ReductionOptions,
} from './reduction';

/** Of float32. */
const SMALLEST_NORMAL = 2 ** -126;

/** Options of {@link tripletLoss}. */
export interface TripletLossOptions extends ReductionOptions {
  /** The axis of the features; default: -1. */
  axis?: number | undefined;
  /** The order of the distance's norm; default: 2. */
  p?: number | undefined;
  /** The margin; default: 1. */
  margin?: number | undefined;
  /** Added under the root; default: 1e-6. */
  eps?: number | undefined;
}

/**
 * How much closer a positive is to its anchor than a negative, less than a margin (Balntas et al.
 * 2016).
 *
 * @param axis - the axis of the features; default -1.
 * @param p - the order of the distance's norm; default 2.
 * @param margin - the margin; default 1.
 * @param eps - added under the root; default 1e-6.
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
 * @param anchors - shape [..., features].
 * @param positives - what anchors should be near to, of the same shape.
 * @param negatives - what anchors should be far from, of the same shape.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.tripletLoss(mx.array([[0]]), mx.array([[0]]), mx.array([[9]])).tolist(); // => [0]
 * ```
 */
export function tripletLoss(
  anchors: mx.ArrayLike,
  positives: mx.ArrayLike,
  negatives: mx.ArrayLike,
  axis?: number,
  p?: number,
  margin?: number,
  eps?: number,
  reduction?: Reduction,
): mx.array;
export function tripletLoss(
  anchors: mx.ArrayLike,
  positives: mx.ArrayLike,
  negatives: mx.ArrayLike,
  options: TripletLossOptions,
): mx.array;
export function tripletLoss(
  anchors: mx.ArrayLike,
  positives: mx.ArrayLike,
  negatives: mx.ArrayLike,
  axis: number,
  options: TripletLossOptions,
): mx.array;
export function tripletLoss(...values: unknown[]): mx.array {
  return computeTripletLoss(values);
}
const tripletLossParameters = {
  anchors: array,
  positives: array,
  negatives: array,
  axis: optional(integer, -1),
  p: optional(number, 2),
  margin: optional(number, 1),
  eps: optional(nonNegative, 1e-6),
  reduction: reductionOf('none'),
};
const computeTripletLoss = operation('tripletLoss', tripletLossParameters, (given) => {
  const { anchors, positives, negatives, axis, p, margin, eps, reduction } = given;
  const distance = (other: mx.array) => {
    const difference = mx.subtract(widened(anchors), other);
    if (p === 2) return mx.sqrt(mx.add(mx.sum(mx.square(difference), axis), eps));
    const powers = mx.power(mx.abs(difference), p);
    return mx.power(mx.add(mx.sum(powers, axis), eps), 1 / p);
  };
  const excess = mx.add(mx.subtract(distance(positives), distance(negatives)), margin);
  const loss = mx.astype(mx.maximum(0, excess), floating(anchors).dtype);
  return reduce(loss, reduction);
});

/** Options of {@link cosineSimilarityLoss}. */
export interface CosineSimilarityLossOptions extends ReductionOptions {
  /** The axis of the features; default: 1. */
  axis?: number | undefined;
  /** The least product of the norms; default: 1e-8. */
  eps?: number | undefined;
}

/**
 * The cosine of the angle between two vectors.
 *
 * @param axis - the axis of the features; default 1.
 * @param eps - the least product of the norms; default 1e-8.
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
 * @param x1 - the first vectors.
 * @param x2 - the second, of the same shape.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.cosineSimilarityLoss(mx.array([[0, 2]]), mx.array([[0, 1]])).tolist(); // => [1]
 * ```
 */
export function cosineSimilarityLoss(
  x1: mx.ArrayLike,
  x2: mx.ArrayLike,
  axis?: number,
  eps?: number,
  reduction?: Reduction,
): mx.array;
export function cosineSimilarityLoss(
  x1: mx.ArrayLike,
  x2: mx.ArrayLike,
  options: CosineSimilarityLossOptions,
): mx.array;
export function cosineSimilarityLoss(
  x1: mx.ArrayLike,
  x2: mx.ArrayLike,
  axis: number,
  options: CosineSimilarityLossOptions,
): mx.array;
export function cosineSimilarityLoss(...values: unknown[]): mx.array {
  return computeCosineSimilarityLoss(values);
}
const cosineSimilarityLossParameters = {
  x1: array,
  x2: array,
  axis: optional(integer, 1),
  eps: optional(nonNegative, 1e-8),
  reduction: reductionOf('none'),
};
const computeCosineSimilarityLoss = operation(
  'cosineSimilarityLoss',
  cosineSimilarityLossParameters,
  (given) => {
    const { x1, x2, axis, eps, reduction } = given;
    const [a, b] = [widened(x1), widened(x2)];
    // The root of 0 has no slope; beside a vector of zeros eps is the denominator.
    const norm = (x: mx.array) => mx.sqrt(mx.maximum(mx.sum(mx.square(x), axis), SMALLEST_NORMAL));
    const norms = mx.maximum(mx.multiply(norm(a), norm(b)), eps);
    const cosine = mx.divide(mx.sum(mx.multiply(a, b), axis), norms);
    return reduce(mx.astype(cosine, floating(x1).dtype), reduction);
  },
);

/** Options of {@link marginRankingLoss}. */
export interface MarginRankingLossOptions extends ReductionOptions {
  /** The margin; default: 0. */
  margin?: number | undefined;
}

/**
 * How far two inputs are from the order that the targets ask for: 1 for the first above the
 * second, -1 for the other way round.
 *
 * @param margin - by how much at least; default 0.
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
 * @param inputs1 - the first scores.
 * @param inputs2 - the second scores, of the same shape.
 * @param targets - 1 where the first should be larger, else -1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.marginRankingLoss(mx.array([3]), mx.array([5]), mx.array([1])).tolist(); // => [2]
 * ```
 */
export function marginRankingLoss(
  inputs1: mx.ArrayLike,
  inputs2: mx.ArrayLike,
  targets: mx.ArrayLike,
  margin?: number,
  reduction?: Reduction,
): mx.array;
export function marginRankingLoss(
  inputs1: mx.ArrayLike,
  inputs2: mx.ArrayLike,
  targets: mx.ArrayLike,
  options: MarginRankingLossOptions,
): mx.array;
export function marginRankingLoss(
  inputs1: mx.ArrayLike,
  inputs2: mx.ArrayLike,
  targets: mx.ArrayLike,
  margin: number,
  options: MarginRankingLossOptions,
): mx.array;
export function marginRankingLoss(...values: unknown[]): mx.array {
  return computeMarginRankingLoss(values);
}
const marginRankingLossParameters = {
  inputs1: array,
  inputs2: array,
  targets: array,
  margin: optional(number, 0),
  reduction: reductionOf('none'),
};
const computeMarginRankingLoss = operation(
  'marginRankingLoss',
  marginRankingLossParameters,
  (given) => {
    const { inputs1, inputs2, targets, margin, reduction } = given;
    requireSameShape('marginRankingLoss', inputs1, inputs2);
    requireSameShape('marginRankingLoss', inputs1, targets);
    const ordered = mx.multiply(mx.subtract(floating(inputs1), inputs2), targets);
    // Equal inputs must learn to differ: at the margin the gradient is that of what exceeds it.
    return reduce(mx.maximum(0, mx.subtract(margin, ordered)), reduction);
  },
);
