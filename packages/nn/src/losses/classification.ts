import * as mx from '@mlx/core';
import {
  array,
  boolean,
  bounded,
  indices,
  integer,
  number,
  operation,
  optional,
} from '@mlx/core/calls';
import { floating, inDtype, widened } from '../floating';
import { internals } from '../internals';
import { maybeArray } from '../kinds';
import {
  reduce,
  reductionOf,
  requireSameShape,
  type Reduction,
  type ReductionOptions,
} from './reduction';

const share = bounded(number, 'a number in [0, 1)', (value) => value >= 0 && value < 1);

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends ReductionOptions {
  /** A weight for each target; default: all 1. */
  weights?: mx.ArrayLike | null | undefined;
  /** The axis of the classes; default: -1. */
  axis?: number | undefined;
  /** Share of probability spread over all classes, at least 0 and less than 1; default: 0. */
  labelSmoothing?: number | undefined;
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
  logits: mx.ArrayLike,
  targets: mx.ArrayLike,
  weights?: mx.ArrayLike | null,
  axis?: number,
  labelSmoothing?: number,
  reduction?: Reduction,
): mx.array;
export function crossEntropy(
  logits: mx.ArrayLike,
  targets: mx.ArrayLike,
  options: CrossEntropyOptions,
): mx.array;
export function crossEntropy(
  logits: mx.ArrayLike,
  targets: mx.ArrayLike,
  weights: mx.ArrayLike | null,
  options: CrossEntropyOptions,
): mx.array;
export function crossEntropy(...values: unknown[]): mx.array {
  return computeCrossEntropy(values);
}
const crossEntropyParameters = {
  logits: array,
  targets: indices,
  weights: maybeArray,
  axis: optional(integer, -1),
  labelSmoothing: optional(share, 0),
  reduction: reductionOf('none'),
};
const computeCrossEntropy = operation('crossEntropy', crossEntropyParameters, (given) => {
  const { logits, targets, weights, axis, labelSmoothing, reduction } = given;
  const [shape, expected] = [targets.shape, logits.shape];
  const { length: rank } = expected;
  const probabilities = shape.length === rank;
  if (axis < -rank || axis >= rank)
    throw new RangeError(
      `[crossEntropy] Axis ${axis} is out of bounds for logits of shape (${expected.join(',')}).`,
    );
  if (!probabilities) expected.splice(axis < 0 ? axis + rank : axis, 1);
  if (shape.length !== expected.length || shape.some((size, i) => size !== expected[i]))
    throw new mx.ShapeError(
      `[crossEntropy] Targets of shape (${shape.join(',')}) do not match logits of shape ` +
        `(${logits.shape.join(',')}) with classes along axis ${axis}`,
    );

  const real = floating(logits);
  const [largest, logSum] = internals.logsumexpParts(real, axis);
  // Only differences of logits count, and the sum's logarithm would be rounded away beside large
  // ones.
  const cost = (scores: mx.array): mx.array => mx.add(mx.subtract(largest, scores), logSum);
  let loss = probabilities
    ? mx.sum(mx.multiply(targets, cost(real)), axis)
    : mx.squeeze(cost(mx.takeAlongAxis(real, mx.expandDims(targets, axis), axis)), axis);
  if (labelSmoothing > 0) {
    // What is spread evenly costs the mean over all classes.
    const even = mx.mean(cost(real), axis);
    loss = mx.add(mx.multiply(loss, 1 - labelSmoothing), mx.multiply(even, labelSmoothing));
  }
  const dtype = probabilities ? mx.resultType(real, targets) : real.dtype;
  loss = inDtype(loss, dtype);
  if (weights !== null) {
    if (weights.shape.join() !== loss.shape.join())
      throw new mx.ShapeError(
        `[crossEntropy] Weights of shape (${weights.shape.join(',')}) do not match losses of ` +
          `shape (${loss.shape.join(',')})`,
      );
    loss = mx.multiply(loss, weights);
  }
  return reduce(loss, reduction);
});

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

/** Options of {@link binaryCrossEntropy}. */
export interface BinaryCrossEntropyOptions extends ReductionOptions {
  /** A weight for each element; default: all 1. */
  weights?: mx.ArrayLike | null | undefined;
  /** Whether inputs are logits, or probabilities; default: true. */
  withLogits?: boolean | undefined;
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
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  weights?: mx.ArrayLike | null,
  withLogits?: boolean,
  reduction?: Reduction,
): mx.array;
export function binaryCrossEntropy(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  options: BinaryCrossEntropyOptions,
): mx.array;
export function binaryCrossEntropy(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  weights: mx.ArrayLike | null,
  options: BinaryCrossEntropyOptions,
): mx.array;
export function binaryCrossEntropy(...values: unknown[]): mx.array {
  return computeBinaryCrossEntropy(values);
}
const binaryCrossEntropyParameters = {
  inputs: array,
  targets: array,
  weights: maybeArray,
  withLogits: optional(boolean, true),
  reduction: reductionOf('mean'),
};
const computeBinaryCrossEntropy = operation(
  'binaryCrossEntropy',
  binaryCrossEntropyParameters,
  (given) => {
    const { inputs, targets, weights, withLogits, reduction } = given;
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
    return reduce(loss, reduction);
  },
);

/** Options of {@link nllLoss}. */
export interface NllLossOptions extends ReductionOptions {
  /** The axis of the classes; default: -1. */
  axis?: number | undefined;
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
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  axis?: number,
  reduction?: Reduction,
): mx.array;
export function nllLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  options: NllLossOptions,
): mx.array;
export function nllLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  axis: number,
  options: NllLossOptions,
): mx.array;
export function nllLoss(...values: unknown[]): mx.array {
  return computeNllLoss(values);
}
const nllLossParameters = {
  inputs: array,
  targets: indices,
  axis: optional(integer, -1),
  reduction: reductionOf('none'),
};
const computeNllLoss = operation('nllLoss', nllLossParameters, (given) => {
  const { inputs, targets, axis, reduction } = given;
  const picked = mx.takeAlongAxis(inputs, mx.expandDims(targets, axis), axis);
  return reduce(mx.negative(mx.squeeze(picked, axis)), reduction);
});

/** Options of {@link klDivLoss}. */
export interface KlDivLossOptions extends ReductionOptions {
  /** The axis of the outcomes, which is summed; default: -1. */
  axis?: number | undefined;
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
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  axis?: number,
  reduction?: Reduction,
): mx.array;
export function klDivLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  options: KlDivLossOptions,
): mx.array;
export function klDivLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  axis: number,
  options: KlDivLossOptions,
): mx.array;
export function klDivLoss(...values: unknown[]): mx.array {
  return computeKlDivLoss(values);
}
const klDivLossParameters = {
  inputs: array,
  targets: array,
  axis: optional(integer, -1),
  reduction: reductionOf('none'),
};
const computeKlDivLoss = operation('klDivLoss', klDivLossParameters, (given) => {
  const { inputs, targets, axis, reduction } = given;
  requireSameShape('klDivLoss', inputs, targets);
  const terms = mx.multiply(mx.exp(targets), mx.subtract(floating(targets), inputs));
  return reduce(mx.sum(terms, axis), reduction);
});

/**
 * max(0, 1 - inputs · targets), for targets of -1 and 1.
 *
 * @param reduction - `'none'` (default), `'mean'` or `'sum'`.
 * @param inputs - the predictions.
 * @param targets - 1 or -1 for each.
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
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  reduction?: Reduction,
): mx.array;
export function hingeLoss(
  inputs: mx.ArrayLike,
  targets: mx.ArrayLike,
  options: ReductionOptions,
): mx.array;
export function hingeLoss(...values: unknown[]): mx.array {
  return computeHingeLoss(values);
}
const hingeLossParameters = { inputs: array, targets: array, reduction: reductionOf('none') };
const computeHingeLoss = operation('hingeLoss', hingeLossParameters, (given) => {
  const { inputs, targets, reduction } = given;
  const margin = mx.subtract(1, mx.multiply(floating(inputs), targets));
  return reduce(mx.maximum(margin, 0), reduction);
});
