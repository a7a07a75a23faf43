import * as mx from '@mlx/core';
import { floating } from './floating';

// At a tie maximum and minimum give the gradient to their second argument, which decides about the
// slope at each corner below: it is PyTorch's.

/**
 * max(x, 0).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { relu } from '@mlx/nn';
 *
 * relu(mx.array([-1, 2])).tolist(); // => [0, 2]
 * ```
 */
export function relu(x: mx.array): mx.array {
  return mx.maximum(x, 0);
}

/**
 * max(x, 0)².
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { relu2 } from '@mlx/nn';
 *
 * relu2(mx.array([-1, 3])).tolist(); // => [0, 9]
 * ```
 */
export function relu2(x: mx.array): mx.array {
  return mx.square(relu(x));
}

/**
 * min(max(x, 0), 6).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { relu6 } from '@mlx/nn';
 *
 * relu6(mx.array([-1, 3, 9])).tolist(); // => [0, 3, 6]
 * ```
 */
export function relu6(x: mx.array): mx.array {
  return mx.minimum(relu(x), 6);
}

/**
 * max(x, negativeSlope · x).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { leakyRelu } from '@mlx/nn';
 *
 * leakyRelu(mx.array([-4, 2]), 0.5).tolist(); // => [-2, 2]
 * ```
 */
export function leakyRelu(x: mx.array, negativeSlope = 0.01): mx.array {
  return mx.maximum(x, mx.multiply(x, negativeSlope));
}

/**
 * 1 / (1 + exp(-x)).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { sigmoid } from '@mlx/nn';
 *
 * sigmoid(mx.array(0)).item(); // => 0.5
 * ```
 */
export function sigmoid(x: mx.array): mx.array {
  return mx.sigmoid(x);
}

/**
 * The hyperbolic tangent.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { tanh } from '@mlx/nn';
 *
 * tanh(mx.array(0)).item(); // => 0
 * ```
 */
export function tanh(x: mx.array): mx.array {
  return mx.tanh(x);
}

/**
 * Exponentials that sum to 1 along an axis.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softmax } from '@mlx/nn';
 *
 * softmax(mx.array([1, 1])).tolist(); // => [0.5, 0.5]
 * ```
 */
export function softmax(x: mx.array, axis = -1): mx.array {
  return mx.softmax(x, axis);
}

/**
 * The logarithm of {@link softmax}, without its overflow.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { logSoftmax } from '@mlx/nn';
 *
 * logSoftmax(mx.array([[1000]])).tolist(); // => [[0]]
 * ```
 */
export function logSoftmax(x: mx.array, axis = -1): mx.array {
  // A normaliser added to large numbers would be rounded away.
  const real = floating(x);
  const shifted = mx.subtract(real, mx.stopGradient(mx.max(real, axis, true)));
  return mx.subtract(shifted, mx.logsumexp(shifted, axis, true));
}

/**
 * {@link softmax} of -x.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softmin } from '@mlx/nn';
 *
 * softmin(mx.array([1, 1])).tolist(); // => [0.5, 0.5]
 * ```
 */
export function softmin(x: mx.array, axis = -1): mx.array {
  return mx.softmax(mx.negative(floating(x)), axis);
}

/**
 * x where it is positive, alpha · (exp(x) - 1) elsewhere (Clevert, Unterthiner and Hochreiter 2016,
 * arXiv:1511.07289).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { elu } from '@mlx/nn';
 *
 * elu(mx.array([0, 2])).tolist(); // => [0, 2]
 * ```
 */
export function elu(x: mx.array, alpha = 1): mx.array {
  // Values that are not taken must not overflow, or their gradient is NaN.
  const negative = mx.multiply(mx.expm1(mx.minimum(0, x)), alpha);
  return mx.where(mx.greater(x, 0), x, negative);
}

/**
 * max(x, 0) + min(0, alpha · (exp(x / alpha) - 1)) (Barron 2017, arXiv:1704.07483).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { celu } from '@mlx/nn';
 *
 * celu(mx.array([0, 2])).tolist(); // => [0, 2]
 * ```
 */
export function celu(x: mx.array, alpha = 1): mx.array {
  const negative = mx.multiply(mx.expm1(mx.divide(mx.minimum(0, x), alpha)), alpha);
  return mx.add(relu(x), negative);
}

/**
 * {@link elu} scaled so that activations keep mean 0 and variance 1 (Klambauer et al. 2017,
 * arXiv:1706.02515).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { selu } from '@mlx/nn';
 *
 * selu(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function selu(x: mx.array): mx.array {
  return mx.multiply(elu(x, 1.6732632423543772), 1.0507009873554805);
}

/**
 * log(1 + exp(x)).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softplus } from '@mlx/nn';
 *
 * softplus(mx.array(100)).item(); // => 100
 * ```
 */
export function softplus(x: mx.array): mx.array {
  return mx.logaddexp(x, 0);
}

/**
 * x / (1 + |x|).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softsign } from '@mlx/nn';
 *
 * softsign(mx.array([-3, 1])).tolist(); // => [-0.75, 0.5]
 * ```
 */
export function softsign(x: mx.array): mx.array {
  const real = floating(x);
  return mx.divide(real, mx.add(mx.abs(real), 1));
}

/**
 * x moved towards 0 by lambd, and 0 within that distance.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softshrink } from '@mlx/nn';
 *
 * softshrink(mx.array([-2, 0.25, 1])).tolist(); // => [-1.5, 0, 0.5]
 * ```
 */
export function softshrink(x: mx.array, lambd = 0.5): mx.array {
  const moved = mx.subtract(x, mx.multiply(mx.sign(x), lambd));
  return mx.where(mx.lessEqual(mx.abs(x), lambd), 0, moved);
}

/**
 * x where |x| is larger than lambd, 0 elsewhere.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { hardShrink } from '@mlx/nn';
 *
 * hardShrink(mx.array([-2, 0.25, 1])).tolist(); // => [-2, 0, 1]
 * ```
 */
export function hardShrink(x: mx.array, lambd = 0.5): mx.array {
  return mx.where(mx.lessEqual(mx.abs(x), lambd), 0, x);
}

/**
 * x cut off at minVal and maxVal.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { hardTanh } from '@mlx/nn';
 *
 * hardTanh(mx.array([-2, 0.25, 3])).tolist(); // => [-1, 0.25, 1]
 * ```
 */
export function hardTanh(x: mx.array, minVal = -1, maxVal = 1): mx.array {
  return mx.minimum(mx.maximum(x, minVal), maxVal);
}

/**
 * x · min(max(x + 3, 0), 6) / 6 (Howard et al. 2019, arXiv:1905.02244).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { hardswish } from '@mlx/nn';
 *
 * hardswish(mx.array([0, 4])).tolist(); // => [0, 4]
 * ```
 */
export function hardswish(x: mx.array): mx.array {
  // Divided before it is multiplied, or large numbers overflow.
  const gate = mx.divide(relu(mx.add(mx.minimum(x, 3), 3)), 6);
  return mx.multiply(x, gate);
}

/**
 * x · sigmoid(x), also known as swish.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { silu } from '@mlx/nn';
 *
 * silu(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function silu(x: mx.array): mx.array {
  return mx.multiply(x, mx.sigmoid(x));
}

/**
 * log(sigmoid(x)), without its underflow.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { logSigmoid } from '@mlx/nn';
 *
 * logSigmoid(mx.array(-100)).item(); // => -100
 * ```
 */
export function logSigmoid(x: mx.array): mx.array {
  return mx.negative(softplus(mx.negative(floating(x))));
}

/**
 * x · tanh(softplus(x)) (Misra 2019, arXiv:1908.08681).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { mish } from '@mlx/nn';
 *
 * mish(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function mish(x: mx.array): mx.array {
  return mx.multiply(x, mx.tanh(softplus(x)));
}

/**
 * x · Φ(x), with the normal distribution Φ (Hendrycks and Gimpel 2016, arXiv:1606.08415).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { gelu } from '@mlx/nn';
 *
 * gelu(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function gelu(x: mx.array): mx.array {
  return mx.multiply(mx.multiply(x, 0.5), mx.add(mx.erf(mx.multiply(x, Math.SQRT1_2)), 1));
}

/**
 * {@link gelu} by a hyperbolic tangent, within 0.0005.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { geluApprox } from '@mlx/nn';
 *
 * geluApprox(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function geluApprox(x: mx.array): mx.array {
  // From 10 on the tangent is 1, and the cube of larger numbers overflows half precision.
  const near = mx.clip(x, -10, 10);
  const cube = mx.multiply(mx.multiply(near, near), near);
  const inner = mx.multiply(mx.add(near, mx.multiply(cube, 0.044715)), Math.sqrt(2 / Math.PI));
  return mx.multiply(mx.multiply(x, 0.5), mx.add(mx.tanh(inner), 1));
}

/**
 * {@link gelu} by a sigmoid: x · sigmoid(1.702 x), within 0.021.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { geluFastApprox } from '@mlx/nn';
 *
 * geluFastApprox(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function geluFastApprox(x: mx.array): mx.array {
  return mx.multiply(x, mx.sigmoid(mx.multiply(x, 1.702)));
}

/**
 * The first half of an axis, times the sigmoid of the second half (Dauphin et al. 2017,
 * arXiv:1612.08083). Throws ShapeError when the axis has an odd size.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { glu } from '@mlx/nn';
 *
 * glu(mx.array([4, 0])).tolist(); // => [2]
 * ```
 */
export function glu(x: mx.array, axis = -1): mx.array {
  const [a, b] = mx.split(x, 2, axis) as [mx.array, mx.array];
  return mx.multiply(a, mx.sigmoid(b));
}

/**
 * 1 where x is at least threshold, 0 elsewhere.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { step } from '@mlx/nn';
 *
 * step(mx.array([-1, 0, 2])).tolist(); // => [0, 1, 1]
 * ```
 */
export function step(x: mx.array, threshold = 0): mx.array {
  return mx.astype(
    mx.greaterEqual(x, threshold),
    mx.issubdtype(x.dtype, mx.floating) ? x.dtype : mx.float32,
  );
}

/**
 * x where it is positive, alpha · x elsewhere, with a learned alpha (He et al. 2015,
 * arXiv:1502.01852).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { prelu } from '@mlx/nn';
 *
 * prelu(mx.array([-4, 2]), mx.array(0.5)).tolist(); // => [-2, 2]
 * ```
 */
export function prelu(x: mx.array, alpha: mx.array): mx.array {
  return mx.add(relu(x), mx.multiply(alpha, mx.minimum(0, x)));
}
