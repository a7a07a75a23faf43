import * as mx from '@mlx/core';

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
export function clipGradNorm<T extends object>(grads: T, maxNorm: number): [T, mx.array] {
  const squares = mx.treeReduce<mx.array>(
    (sum: mx.array, gradient: mx.array) => mx.add(sum, mx.sum(mx.square(gradient))),
    grads,
    mx.array(0),
  );
  const norm = mx.sqrt(squares);
  const scale = mx.minimum(mx.divide(maxNorm, mx.add(norm, 1e-6)), 1);
  const clipped = mx.treeMap(
    (gradient: mx.array) => mx.astype(mx.multiply(gradient, scale), gradient.dtype),
    grads,
  ) as T;
  return [clipped, norm];
}
