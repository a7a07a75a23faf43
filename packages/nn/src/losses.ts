import * as mx from '@mlx/core';

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

  const score = probabilities
    ? mx.sum(mx.multiply(logits, targets), axis)
    : mx.squeeze(mx.takeAlongAxis(logits, mx.expandDims(targets, axis), axis), axis);
  const normalizer = mx.logsumexp(logits, axis);
  let loss: mx.array;
  if (labelSmoothing > 0) {
    // The targets' share, and the mean of all logits for what is spread evenly.
    const smooth = mx.multiply(mx.mean(logits, axis), -labelSmoothing);
    loss = mx.add(mx.subtract(normalizer, mx.multiply(score, 1 - labelSmoothing)), smooth);
  } else {
    loss = mx.subtract(normalizer, score);
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
 */
export function mseLoss(
  predictions: mx.array,
  targets: mx.array,
  reduction: Reduction = 'mean',
): mx.array {
  if (predictions.shape.join() !== targets.shape.join())
    throw new mx.ShapeError(
      `[mseLoss] Predictions of shape (${predictions.shape.join(',')}) do not match targets of ` +
        `shape (${targets.shape.join(',')})`,
    );
  return reduce(mx.square(mx.subtract(predictions, targets)), reduction, 'mseLoss');
}
