import * as mx from '@mlx/core';
import { array, number, operation, optional } from '@mlx/core/calls';

/**
 * x moved towards 0 by lambd, and 0 within that distance.
 *
 * @param x - the array, of any shape; the result has the same.
 * @param lambd - half the width of the gap; default: 0.5.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softshrink } from '@mlx/nn';
 *
 * softshrink(mx.array([-2, 0.25, 1])).tolist(); // => [-1.5, 0, 0.5]
 * ```
 */
export function softshrink(
  x: mx.ArrayLike,
  lambd?: number | { lambd?: number | undefined },
): mx.array;
export function softshrink(...values: unknown[]): mx.array {
  return computeSoftshrink(values);
}
const softshrinkParameters = { x: array, lambd: optional(number, 0.5) };
const computeSoftshrink = operation('softshrink', softshrinkParameters, ({ x, lambd }) => {
  const moved = mx.subtract(x, mx.multiply(mx.sign(x), lambd));
  return mx.where(mx.lessEqual(mx.abs(x), lambd), 0, moved);
});

/**
 * x where |x| is larger than lambd, 0 elsewhere.
 *
 * @param x - the array, of any shape; the result has the same.
 * @param lambd - half the width of the gap; default: 0.5.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { hardShrink } from '@mlx/nn';
 *
 * hardShrink(mx.array([-2, 0.25, 1])).tolist(); // => [-2, 0, 1]
 * ```
 */
export function hardShrink(
  x: mx.ArrayLike,
  lambd?: number | { lambd?: number | undefined },
): mx.array;
export function hardShrink(...values: unknown[]): mx.array {
  return computeHardShrink(values);
}
const hardShrinkParameters = { x: array, lambd: optional(number, 0.5) };
const computeHardShrink = operation('hardShrink', hardShrinkParameters, ({ x, lambd }) =>
  mx.where(mx.lessEqual(mx.abs(x), lambd), 0, x),
);
