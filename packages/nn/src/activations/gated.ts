import * as mx from '@mlx/core';
import { array, integer, operation, optional } from '@mlx/core/calls';
import { relu } from './rectifiers';
import { softplus } from './exponential-units';

// An input times a gate that is made of it.

const input = { x: array };

/**
 * x · sigmoid(x), also known as swish.
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { silu } from '@mlx/nn';
 *
 * silu(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function silu(x: mx.ArrayLike): mx.array;
export function silu(...values: unknown[]): mx.array {
  return computeSilu(values);
}
const computeSilu = operation('silu', input, ({ x }) => mx.multiply(x, mx.sigmoid(x)));

/**
 * x · min(max(x + 3, 0), 6) / 6 (Howard et al. 2019, arXiv:1905.02244).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { hardswish } from '@mlx/nn';
 *
 * hardswish(mx.array([0, 4])).tolist(); // => [0, 4]
 * ```
 */
export function hardswish(x: mx.ArrayLike): mx.array;
export function hardswish(...values: unknown[]): mx.array {
  return computeHardswish(values);
}
const computeHardswish = operation('hardswish', input, ({ x }) => {
  // Divided before it is multiplied, or large numbers overflow.
  const gate = mx.divide(relu(mx.add(mx.minimum(x, 3), 3)), 6);
  return mx.multiply(x, gate);
});

/**
 * x · tanh(softplus(x)) (Misra 2019, arXiv:1908.08681).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { mish } from '@mlx/nn';
 *
 * mish(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function mish(x: mx.ArrayLike): mx.array;
export function mish(...values: unknown[]): mx.array {
  return computeMish(values);
}
const computeMish = operation('mish', input, ({ x }) => mx.multiply(x, mx.tanh(softplus(x))));

/**
 * x · Φ(x), with the normal distribution Φ (Hendrycks and Gimpel 2016, arXiv:1606.08415).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { gelu } from '@mlx/nn';
 *
 * gelu(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function gelu(x: mx.ArrayLike): mx.array;
export function gelu(...values: unknown[]): mx.array {
  return computeGelu(values);
}
const computeGelu = operation('gelu', input, ({ x }) =>
  mx.multiply(mx.multiply(x, 0.5), mx.add(mx.erf(mx.multiply(x, Math.SQRT1_2)), 1)),
);

/**
 * {@link gelu} by a hyperbolic tangent, within 0.0005.
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { geluApprox } from '@mlx/nn';
 *
 * geluApprox(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function geluApprox(x: mx.ArrayLike): mx.array;
export function geluApprox(...values: unknown[]): mx.array {
  return computeGeluApprox(values);
}
const computeGeluApprox = operation('geluApprox', input, ({ x }) => {
  // From 10 on the tangent is 1, and the cube of larger numbers overflows half precision.
  const near = mx.clip(x, -10, 10);
  const cube = mx.multiply(mx.multiply(near, near), near);
  const inner = mx.multiply(mx.add(near, mx.multiply(cube, 0.044715)), Math.sqrt(2 / Math.PI));
  return mx.multiply(mx.multiply(x, 0.5), mx.add(mx.tanh(inner), 1));
});

/**
 * {@link gelu} by a sigmoid: x · sigmoid(1.702 x), within 0.021.
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { geluFastApprox } from '@mlx/nn';
 *
 * geluFastApprox(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function geluFastApprox(x: mx.ArrayLike): mx.array;
export function geluFastApprox(...values: unknown[]): mx.array {
  return computeGeluFastApprox(values);
}
const computeGeluFastApprox = operation('geluFastApprox', input, ({ x }) =>
  mx.multiply(x, mx.sigmoid(mx.multiply(x, 1.702))),
);

/**
 * The first half of an axis, times the sigmoid of the second half (Dauphin et al. 2017,
 * arXiv:1612.08083). Throws ShapeError when the axis has an odd size.
 *
 * @param x - the array; its size along the axis is even, and halved.
 * @param axis - the axis that is halved; default: -1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { glu } from '@mlx/nn';
 *
 * glu(mx.array([4, 0])).tolist(); // => [2]
 * ```
 */
export function glu(x: mx.ArrayLike, axis?: number | { axis?: number | undefined }): mx.array;
export function glu(...values: unknown[]): mx.array {
  return computeGlu(values);
}
const gluParameters = { x: array, axis: optional(integer, -1) };
const computeGlu = operation('glu', gluParameters, ({ x, axis }) => {
  const [a, b] = mx.split(x, 2, axis) as [mx.array, mx.array];
  return mx.multiply(a, mx.sigmoid(b));
});
