import * as mx from '@mlx/core';
import { arrayTree, nonNegative, operation } from '@mlx/core/calls';
import { squares } from './precision';

/**
 * Scales gradients down so that the norm of all of them together is at most maxNorm.
 *
 * @param grads - a tree of gradients.
 * @param maxNorm - the largest norm.
 * @returns the scaled tree and the norm before, a scalar.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { clipGradNorm } from '@mlx/optimizers';
 *
 * const [clipped, norm] = clipGradNorm({ w: mx.array([3, 4]) }, 1);
 * [norm.item(), clipped.w.tolist().map((g) => Number(g).toFixed(2))]; // => [5, ['0.60', '0.80']]
 * ```
 */
export function clipGradNorm<T extends object>(
  grads: T,
  maxNorm: number | { maxNorm: number },
): [T, mx.array];
export function clipGradNorm(...values: unknown[]): [object, mx.array] {
  return clip(values);
}
const clip = operation('clipGradNorm', { grads: arrayTree, maxNorm: nonNegative }, (given) => {
  const { grads, maxNorm } = given;
  const total = mx.treeReduce(
    (sum: mx.array, gradient: mx.array) => mx.add(sum, mx.sum(squares(gradient))),
    grads,
    mx.array(0),
  );
  const norm = mx.sqrt(total);
  const scale = mx.minimum(mx.divide(maxNorm, mx.add(norm, 1e-6)), 1);
  const clipped = mx.treeMap((gradient: mx.array) => {
    const scaled = mx.multiply(gradient, scale);
    // Integers become floats, or what is clipped would be 0.
    return mx.issubdtype(gradient.dtype, mx.inexact) ? mx.astype(scaled, gradient.dtype) : scaled;
  }, grads) as object;
  return [clipped, norm] as [object, mx.array];
});
