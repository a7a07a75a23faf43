import * as mx from '@mlx/core';
import { array, number, operation, optional } from '@mlx/core/calls';

// At a tie maximum and minimum give the gradient to their second argument, which decides about the
// slope at each corner below: it is PyTorch's.

const input = { x: array };

/**
 * max(x, 0).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { relu } from '@mlx/nn';
 *
 * relu(mx.array([-1, 2])).tolist(); // => [0, 2]
 * ```
 */
export function relu(x: mx.ArrayLike): mx.array;
export function relu(...values: unknown[]): mx.array {
  return computeRelu(values);
}
const computeRelu = operation('relu', input, ({ x }) => mx.maximum(x, 0));

/**
 * max(x, 0)².
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { relu2 } from '@mlx/nn';
 *
 * relu2(mx.array([-1, 3])).tolist(); // => [0, 9]
 * ```
 */
export function relu2(x: mx.ArrayLike): mx.array;
export function relu2(...values: unknown[]): mx.array {
  return computeRelu2(values);
}
const computeRelu2 = operation('relu2', input, ({ x }) => mx.square(relu(x)));

/**
 * min(max(x, 0), 6).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { relu6 } from '@mlx/nn';
 *
 * relu6(mx.array([-1, 3, 9])).tolist(); // => [0, 3, 6]
 * ```
 */
export function relu6(x: mx.ArrayLike): mx.array;
export function relu6(...values: unknown[]): mx.array {
  return computeRelu6(values);
}
const computeRelu6 = operation('relu6', input, ({ x }) => mx.minimum(relu(x), 6));

/**
 * max(x, negativeSlope · x).
 *
 * @param x - the array, of any shape; the result has the same.
 * @param negativeSlope - the slope below zero; default: 0.01.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { leakyRelu } from '@mlx/nn';
 *
 * leakyRelu(mx.array([-4, 2]), 0.5).tolist(); // => [-2, 2]
 * ```
 */
export function leakyRelu(
  x: mx.ArrayLike,
  negativeSlope?: number | { negativeSlope?: number | undefined },
): mx.array;
export function leakyRelu(...values: unknown[]): mx.array {
  return computeLeakyRelu(values);
}
const leakyReluParameters = { x: array, negativeSlope: optional(number, 0.01) };
const computeLeakyRelu = operation('leakyRelu', leakyReluParameters, ({ x, negativeSlope }) =>
  mx.maximum(x, mx.multiply(x, negativeSlope)),
);

/**
 * x where it is positive, alpha · x elsewhere, with a learned alpha (He et al. 2015,
 * arXiv:1502.01852).
 *
 * @param x - the array, of any shape; the result has the same.
 * @param alpha - the slope below zero, broadcast.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { prelu } from '@mlx/nn';
 *
 * prelu(mx.array([-4, 2]), mx.array(0.5)).tolist(); // => [-2, 2]
 * ```
 */
export function prelu(x: mx.ArrayLike, alpha: mx.ArrayLike): mx.array;
export function prelu(...values: unknown[]): mx.array {
  return computePrelu(values);
}
const preluParameters = { x: array, alpha: array };
const computePrelu = operation('prelu', preluParameters, ({ x, alpha }) =>
  mx.add(relu(x), mx.multiply(alpha, mx.minimum(0, x))),
);

/**
 * 1 where x is at least threshold, 0 elsewhere.
 *
 * @param x - the array, of any shape; the result has the same.
 * @param threshold - where the step is; default: 0.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { step } from '@mlx/nn';
 *
 * step(mx.array([-1, 0, 2])).tolist(); // => [0, 1, 1]
 * ```
 */
export function step(
  x: mx.ArrayLike,
  threshold?: number | { threshold?: number | undefined },
): mx.array;
export function step(...values: unknown[]): mx.array {
  return computeStep(values);
}
const stepParameters = { x: array, threshold: optional(number, 0) };
const computeStep = operation('step', stepParameters, ({ x, threshold }) => {
  return mx.astype(
    mx.greaterEqual(x, threshold),
    mx.issubdtype(x.dtype, mx.floating) ? x.dtype : mx.float32,
  );
});
