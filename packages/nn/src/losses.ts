import * as mx from '@mlx/core';
import { floating, widened } from './floating';

/** Of float32. */
const SMALLEST_NORMAL = 2 ** -126;

/** How a loss for each element becomes the result. */
export type Reduction = 'none' | 'mean' | 'sum';

function reduce(loss: mx.array, reduction: Reduction, name: string): mx.array {
  switch (reduction) {
    case 'none':
      return loss;
    case 'mean':
      return mx.mean(loss);
    case 'sum':
      return mx.sum(loss);
    default:
      throw new TypeError(
        `[${name}] Unknown reduction '${String(reduction)}'; known are 'none', 'mean', 'sum'`,
      );
  }
}

function requireSameShape(name: string, predictions: mx.array, targets: mx.array): void {
  if (predictions.shape.join() !== targets.shape.join())
    throw new mx.ShapeError(
      `[${name}] Predictions of shape (${predictions.shape.join(',')}) do not match targets of ` +
        `shape (${targets.shape.join(',')})`,
    );
}

/**
 * The cross entropy between logits and targets.
 *
 * @param logits - unnormalised log probabilities, classes along `axis`.
 * @param targets - class indices (the logits' shape without `axis`), or probabilities of the
 *   logits' shape.
 * @param weights - a weight for each target; default: all 1.
 * @param axis - the axis of the classes; default -1.
 * @param labelSmoothing - share of probability spread over all classes, at least 0 and less than
 *   1; default 0.
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
 * @throws RangeError for another labelSmoothing; ShapeError when shapes don't fit.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * const logits = mx.array([[0, 0]]);
 * losses.crossEntropy(logits, mx.array([1], mx.int32)).item().toFixed(4); // => '0.6931'
 * ```
 */
export function crossEntropy(
  logits: mx.array,
  targets: mx.array,
  weights: mx.array | null = null,
  axis = -1,
  labelSmoothing = 0,
  reduction: Reduction = 'none',
): mx.array {
  if (!(labelSmoothing >= 0 && labelSmoothing < 1))
    throw new RangeError(`[crossEntropy] labelSmoothing ${labelSmoothing} is not in [0, 1)`);
  const probabilities = targets.ndim === logits.ndim;
  const expected = logits.shape;
  if (!probabilities) expected.splice(axis < 0 ? axis + logits.ndim : axis, 1);
  if (targets.shape.join() !== expected.join())
    throw new mx.ShapeError(
      `[crossEntropy] Targets of shape (${targets.shape.join(',')}) do not match logits of shape ` +
        `(${logits.shape.join(',')}) with classes along axis ${axis}`,
    );

  // Only differences of logits count, and the normaliser would be rounded away beside large ones.
  const real = floating(logits);
  const shifted = mx.subtract(real, mx.stopGradient(mx.max(real, axis, true)));
  const normalizer = mx.logsumexp(shifted, axis, true);
  let loss = probabilities
    ? mx.sum(mx.multiply(targets, mx.subtract(normalizer, shifted)), axis)
    : mx.squeeze(
        mx.subtract(normalizer, mx.takeAlongAxis(shifted, mx.expandDims(targets, axis), axis)),
        axis,
      );
  if (labelSmoothing > 0) {
    // What is spread evenly costs the mean over all classes.
    const even = mx.mean(mx.subtract(normalizer, shifted), axis);
    loss = mx.add(mx.multiply(loss, 1 - labelSmoothing), mx.multiply(even, labelSmoothing));
  }
  if (weights !== null) {
    if (weights.shape.join() !== loss.shape.join())
      throw new mx.ShapeError(
        `[crossEntropy] Weights of shape (${weights.shape.join(',')}) do not match losses of ` +
          `shape (${loss.shape.join(',')})`,
      );
    loss = mx.multiply(loss, weights);
  }
  return reduce(loss, reduction, 'crossEntropy');
}

/**
 * The squared differences.
 *
 * @param reduction - `'mean'` (default), `'none'` or `'sum'`.
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
  predictions: mx.array,
  targets: mx.array,
  reduction: Reduction = 'mean',
): mx.array {
  requireSameShape('mseLoss', predictions, targets);
  const difference = mx.subtract(floating(predictions), targets);
  return reduce(mx.square(difference), reduction, 'mseLoss');
}

/**
 * The logarithm, but that of 0 is -100 and slopes are at most 1e12, as in PyTorch: a probability of
 * exactly 0 or 1 has a finite loss and gradient.
 */
function boundedLog(p: mx.array): mx.array {
  const isInside = mx.greater(p, 1e-12);
  const value = mx.stopGradient(mx.maximum(mx.log(p), -100));
  const outside = mx.add(value, mx.multiply(mx.subtract(p, mx.stopGradient(p)), 1e12));
  return mx.where(isInside, mx.log(mx.where(isInside, p, 1)), outside);
}

/**
 * The cross entropy between two-valued predictions and targets.
 *
 * @param inputs - logits, or probabilities if withLogits is false.
 * @param targets - probabilities, of the same shape.
 * @param weights - a weight for each element; default: all 1.
 * @param withLogits - whether inputs are logits; default true.
 * @param reduction - `'mean'` (default), `'none'` or `'sum'`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.binaryCrossEntropy(mx.array([0]), mx.array([1])).item().toFixed(4); // => '0.6931'
 * ```
 */
export function binaryCrossEntropy(
  inputs: mx.array,
  targets: mx.array,
  weights: mx.array | null = null,
  withLogits = true,
  reduction: Reduction = 'mean',
): mx.array {
  requireSameShape('binaryCrossEntropy', inputs, targets);
  let loss: mx.array;
  if (withLogits) {
    // softplus(x) - t x, without the difference of two large numbers where x is positive.
    const x = floating(inputs);
    const positive = mx.greater(x, 0);
    const share = mx.where(positive, mx.subtract(1, targets), mx.negative(floating(targets)));
    const rest = mx.logaddexp(mx.where(positive, mx.negative(x), x), 0);
    loss = mx.add(mx.multiply(x, share), rest);
  } else {
    const p = widened(inputs);
    const hit = mx.multiply(targets, boundedLog(p));
    const miss = mx.multiply(mx.subtract(1, targets), boundedLog(mx.subtract(1, p)));
    loss = mx.astype(mx.negative(mx.add(hit, miss)), floating(inputs).dtype);
  }
  if (weights !== null) loss = mx.multiply(loss, weights);
  return reduce(loss, reduction, 'binaryCrossEntropy');
}

/**
 * The absolute differences.
 *
 * @param reduction - `'mean'` (default), `'none'` or `'sum'`.
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
  predictions: mx.array,
  targets: mx.array,
  reduction: Reduction = 'mean',
): mx.array {
  requireSameShape('l1Loss', predictions, targets);
  return reduce(mx.abs(mx.subtract(floating(predictions), targets)), reduction, 'l1Loss');
}

/**
 * The negative log likelihood of the targets.
 *
 * @param inputs - log probabilities, classes along `axis`.
 * @param targets - class indices, of the inputs' shape without `axis`.
 * @param axis - the axis of the classes; default -1.
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.nllLoss(mx.array([[-1, -2]]), mx.array([1], mx.int32)).tolist(); // => [2]
 * ```
 */
export function nllLoss(
  inputs: mx.array,
  targets: mx.array,
  axis = -1,
  reduction: Reduction = 'none',
): mx.array {
  const picked = mx.takeAlongAxis(inputs, mx.expandDims(targets, axis), axis);
  return reduce(mx.negative(mx.squeeze(picked, axis)), reduction, 'nllLoss');
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
  inputs: mx.array,
  targets: mx.array,
  vars: mx.array,
  full = false,
  eps = 1e-6,
  reduction: Reduction = 'mean',
): mx.array {
  requireSameShape('gaussianNllLoss', inputs, targets);
  requireSameShape('gaussianNllLoss', inputs, vars);
  const variance = mx.maximum(eps, widened(vars));
  const difference = mx.subtract(widened(targets), inputs);
  const distance = mx.divide(mx.square(difference), variance);
  let loss = mx.multiply(mx.add(mx.log(variance), distance), 0.5);
  if (full) loss = mx.add(loss, 0.5 * Math.log(2 * Math.PI));
  return reduce(mx.astype(loss, floating(inputs).dtype), reduction, 'gaussianNllLoss');
}

/**
 * The Kullback-Leibler divergence of the inputs from the targets.
 *
 * @param inputs - log probabilities of the prediction.
 * @param targets - log probabilities of what is true.
 * @param axis - the axis of the outcomes, which is summed; default -1.
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.klDivLoss(mx.array([[-1, -1]]), mx.array([[-1, -1]])).tolist(); // => [0]
 * ```
 */
export function klDivLoss(
  inputs: mx.array,
  targets: mx.array,
  axis = -1,
  reduction: Reduction = 'none',
): mx.array {
  requireSameShape('klDivLoss', inputs, targets);
  const terms = mx.multiply(mx.exp(targets), mx.subtract(floating(targets), inputs));
  return reduce(mx.sum(terms, axis), reduction, 'klDivLoss');
}

/**
 * Squared differences where they are small, absolute ones elsewhere (Girshick 2015,
 * arXiv:1504.08083).
 *
 * @param beta - up to which difference it is squared; default 1.
 * @param reduction - `'mean'` (default), `'none'` or `'sum'`.
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
  predictions: mx.array,
  targets: mx.array,
  beta = 1,
  reduction: Reduction = 'mean',
): mx.array {
  requireSameShape('smoothL1Loss', predictions, targets);
  const difference = mx.abs(mx.subtract(floating(predictions), targets));
  // Differences beyond beta must not overflow in the branch that is not taken.
  const near = mx.minimum(difference, beta);
  const square = beta > 0 ? mx.multiply(near, mx.multiply(near, 0.5 / beta)) : near;
  const loss = mx.where(mx.less(difference, beta), square, mx.subtract(difference, 0.5 * beta));
  return reduce(loss, reduction, 'smoothL1Loss');
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
  anchors: mx.array,
  positives: mx.array,
  negatives: mx.array,
  axis = -1,
  p = 2,
  margin = 1,
  eps = 1e-6,
  reduction: Reduction = 'none',
): mx.array {
  const distance = (other: mx.array) => {
    const difference = mx.subtract(widened(anchors), other);
    if (p === 2) return mx.sqrt(mx.add(mx.sum(mx.square(difference), axis), eps));
    const powers = mx.power(mx.abs(difference), p);
    return mx.power(mx.add(mx.sum(powers, axis), eps), 1 / p);
  };
  const excess = mx.add(mx.subtract(distance(positives), distance(negatives)), margin);
  const loss = mx.astype(mx.maximum(0, excess), floating(anchors).dtype);
  return reduce(loss, reduction, 'tripletLoss');
}

/**
 * max(0, 1 - inputs · targets), for targets of -1 and 1.
 *
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { losses } from '@mlx/nn';
 *
 * losses.hingeLoss(mx.array([0.5, 2]), mx.array([1, 1])).tolist(); // => [0.5, 0]
 * ```
 */
export function hingeLoss(
  inputs: mx.array,
  targets: mx.array,
  reduction: Reduction = 'none',
): mx.array {
  const margin = mx.subtract(1, mx.multiply(floating(inputs), targets));
  return reduce(mx.maximum(margin, 0), reduction, 'hingeLoss');
}

/**
 * Squared differences up to delta, linear beyond (Huber 1964).
 *
 * @param delta - where it becomes linear; default 1.
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
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
  inputs: mx.array,
  targets: mx.array,
  delta = 1,
  reduction: Reduction = 'none',
): mx.array {
  const difference = mx.abs(mx.subtract(floating(inputs), targets));
  const quadratic = mx.minimum(difference, delta);
  const linear = mx.subtract(difference, quadratic);
  const loss = mx.add(
    mx.multiply(quadratic, mx.multiply(quadratic, 0.5)),
    mx.multiply(linear, delta),
  );
  return reduce(loss, reduction, 'huberLoss');
}

/**
 * log(cosh(inputs - targets)), without its overflow.
 *
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
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
  inputs: mx.array,
  targets: mx.array,
  reduction: Reduction = 'none',
): mx.array {
  const error = mx.subtract(floating(inputs), targets);
  // Far off log 2 is subtracted; near 0 that would cancel all digits, and log1p(sinh²) / 2 is exact.
  const isNear = mx.less(mx.abs(error), 1);
  const sinh = mx.sinh(mx.where(isNear, error, 0));
  const near = mx.multiply(mx.log1p(mx.square(sinh)), 0.5);
  const far = mx.subtract(mx.logaddexp(error, mx.negative(error)), Math.LN2);
  const loss = mx.where(isNear, near, far);
  return reduce(loss, reduction, 'logCoshLoss');
}

/**
 * The cosine of the angle between two vectors.
 *
 * @param axis - the axis of the features; default 1.
 * @param eps - the least product of the norms; default 1e-8.
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
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
  x1: mx.array,
  x2: mx.array,
  axis = 1,
  eps = 1e-8,
  reduction: Reduction = 'none',
): mx.array {
  const [a, b] = [widened(x1), widened(x2)];
  // The root of 0 has no slope; beside a vector of zeros eps is the denominator.
  const norm = (x: mx.array) => mx.sqrt(mx.maximum(mx.sum(mx.square(x), axis), SMALLEST_NORMAL));
  const norms = mx.maximum(mx.multiply(norm(a), norm(b)), eps);
  const cosine = mx.divide(mx.sum(mx.multiply(a, b), axis), norms);
  return reduce(mx.astype(cosine, floating(x1).dtype), reduction, 'cosineSimilarityLoss');
}

/**
 * How far two inputs are from the order that the targets ask for: 1 for the first above the
 * second, -1 for the other way round.
 *
 * @param margin - by how much at least; default 0.
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
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
  inputs1: mx.array,
  inputs2: mx.array,
  targets: mx.array,
  margin = 0,
  reduction: Reduction = 'none',
): mx.array {
  requireSameShape('marginRankingLoss', inputs1, inputs2);
  requireSameShape('marginRankingLoss', inputs1, targets);
  const ordered = mx.multiply(mx.subtract(floating(inputs1), inputs2), targets);
  // Equal inputs must learn to differ: at the margin the gradient is that of what exceeds it.
  return reduce(mx.maximum(0, mx.subtract(margin, ordered)), reduction, 'marginRankingLoss');
}
