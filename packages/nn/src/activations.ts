import * as mx from '@mlx/core';
import { array, integer, number, operation, optional } from '@mlx/core/calls';
import { floating } from './floating';
import { internals } from './internals';

// At a tie maximum and minimum give the gradient to their second argument, which decides about the
// slope at each corner below: it is PyTorch's.

const input = { x: array };

/** Options of {@link hardTanh}. */
export interface HardTanhOptions {
  /** The least value; default: -1. */
  minVal?: number | undefined;
  /** The largest value; default: 1. */
  maxVal?: number | undefined;
}

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
 * 1 / (1 + exp(-x)).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { sigmoid } from '@mlx/nn';
 *
 * sigmoid(mx.array(0)).item(); // => 0.5
 * ```
 */
export function sigmoid(x: mx.ArrayLike): mx.array;
export function sigmoid(...values: unknown[]): mx.array {
  return computeSigmoid(values);
}
const computeSigmoid = operation('sigmoid', input, ({ x }) => mx.sigmoid(x));

/**
 * The hyperbolic tangent.
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { tanh } from '@mlx/nn';
 *
 * tanh(mx.array(0)).item(); // => 0
 * ```
 */
export function tanh(x: mx.ArrayLike): mx.array;
export function tanh(...values: unknown[]): mx.array {
  return computeTanh(values);
}
const computeTanh = operation('tanh', input, ({ x }) => mx.tanh(x));

/**
 * Exponentials that sum to 1 along an axis.
 *
 * @param x - the array, of any shape; the result has the same.
 * @param axis - the axis along which the sum is 1; default: -1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softmax } from '@mlx/nn';
 *
 * softmax(mx.array([1, 1])).tolist(); // => [0.5, 0.5]
 * ```
 */
export function softmax(x: mx.ArrayLike, axis?: number | { axis?: number | undefined }): mx.array;
export function softmax(...values: unknown[]): mx.array {
  return computeSoftmax(values);
}
const softmaxParameters = { x: array, axis: optional(integer, -1) };
const computeSoftmax = operation('softmax', softmaxParameters, ({ x, axis }) =>
  mx.softmax(x, axis),
);

/**
 * The logarithm of {@link softmax}, without its overflow.
 *
 * @param x - the array, of any shape; the result has the same.
 * @param axis - the axis along which the sum is 1; default: -1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { logSoftmax } from '@mlx/nn';
 *
 * logSoftmax(mx.array([[1000]])).tolist(); // => [[0]]
 * ```
 */
export function logSoftmax(
  x: mx.ArrayLike,
  axis?: number | { axis?: number | undefined },
): mx.array;
export function logSoftmax(...values: unknown[]): mx.array {
  return computeLogSoftmax(values);
}
const logSoftmaxParameters = { x: array, axis: optional(integer, -1) };
const computeLogSoftmax = operation('logSoftmax', logSoftmaxParameters, ({ x, axis }) => {
  const real = floating(x);
  // A sum of the two parts would lose the second beside large numbers.
  const [largest, logSum] = internals.logsumexpParts(real, axis);
  return mx.astype(mx.subtract(mx.subtract(real, largest), logSum), real.dtype);
});

/**
 * {@link softmax} of -x.
 *
 * @param x - the array, of any shape; the result has the same.
 * @param axis - the axis along which the sum is 1; default: -1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softmin } from '@mlx/nn';
 *
 * softmin(mx.array([1, 1])).tolist(); // => [0.5, 0.5]
 * ```
 */
export function softmin(x: mx.ArrayLike, axis?: number | { axis?: number | undefined }): mx.array;
export function softmin(...values: unknown[]): mx.array {
  return computeSoftmin(values);
}
const softminParameters = { x: array, axis: optional(integer, -1) };
const computeSoftmin = operation('softmin', softminParameters, ({ x, axis }) =>
  mx.softmax(mx.negative(floating(x)), axis),
);

/**
 * x where it is positive, alpha · (exp(x) - 1) elsewhere (Clevert, Unterthiner and Hochreiter 2016,
 * arXiv:1511.07289).
 *
 * @param x - the array, of any shape; the result has the same.
 * @param alpha - the scale below zero; default: 1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { elu } from '@mlx/nn';
 *
 * elu(mx.array([0, 2])).tolist(); // => [0, 2]
 * ```
 */
export function elu(x: mx.ArrayLike, alpha?: number | { alpha?: number | undefined }): mx.array;
export function elu(...values: unknown[]): mx.array {
  return computeElu(values);
}
const eluParameters = { x: array, alpha: optional(number, 1) };
const computeElu = operation('elu', eluParameters, ({ x, alpha }) => {
  // Values that are not taken must not overflow, or their gradient is NaN.
  const negative = mx.multiply(mx.expm1(mx.minimum(0, x)), alpha);
  return mx.where(mx.greater(x, 0), x, negative);
});

/**
 * max(x, 0) + min(0, alpha · (exp(x / alpha) - 1)) (Barron 2017, arXiv:1704.07483).
 *
 * @param x - the array, of any shape; the result has the same.
 * @param alpha - the scale below zero; default: 1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { celu } from '@mlx/nn';
 *
 * celu(mx.array([0, 2])).tolist(); // => [0, 2]
 * ```
 */
export function celu(x: mx.ArrayLike, alpha?: number | { alpha?: number | undefined }): mx.array;
export function celu(...values: unknown[]): mx.array {
  return computeCelu(values);
}
const celuParameters = { x: array, alpha: optional(number, 1) };
const computeCelu = operation('celu', celuParameters, ({ x, alpha }) => {
  const negative = mx.multiply(mx.expm1(mx.divide(mx.minimum(0, x), alpha)), alpha);
  return mx.add(relu(x), negative);
});

/**
 * {@link elu} scaled so that activations keep mean 0 and variance 1 (Klambauer et al. 2017,
 * arXiv:1706.02515).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { selu } from '@mlx/nn';
 *
 * selu(mx.array([0])).tolist(); // => [0]
 * ```
 */
export function selu(x: mx.ArrayLike): mx.array;
export function selu(...values: unknown[]): mx.array {
  return computeSelu(values);
}
const computeSelu = operation('selu', input, ({ x }) =>
  mx.multiply(elu(x, 1.6732632423543772), 1.0507009873554805),
);

/**
 * log(1 + exp(x)).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softplus } from '@mlx/nn';
 *
 * softplus(mx.array(100)).item(); // => 100
 * ```
 */
export function softplus(x: mx.ArrayLike): mx.array;
export function softplus(...values: unknown[]): mx.array {
  return computeSoftplus(values);
}
const computeSoftplus = operation('softplus', input, ({ x }) => mx.logaddexp(x, 0));

/**
 * x / (1 + |x|).
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { softsign } from '@mlx/nn';
 *
 * softsign(mx.array([-3, 1])).tolist(); // => [-0.75, 0.5]
 * ```
 */
export function softsign(x: mx.ArrayLike): mx.array;
export function softsign(...values: unknown[]): mx.array {
  return computeSoftsign(values);
}
const computeSoftsign = operation('softsign', input, ({ x }) => {
  const real = floating(x);
  return mx.divide(real, mx.add(mx.abs(real), 1));
});

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

/**
 * x cut off at minVal and maxVal.
 *
 * @param x - the array, of any shape; the result has the same.
 * @param minVal - the least value; default: -1.
 * @param maxVal - the largest value; default: 1.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { hardTanh } from '@mlx/nn';
 *
 * hardTanh(mx.array([-2, 0.25, 3])).tolist(); // => [-1, 0.25, 1]
 * ```
 */
export function hardTanh(x: mx.ArrayLike, minVal?: number, maxVal?: number): mx.array;
export function hardTanh(x: mx.ArrayLike, options: HardTanhOptions): mx.array;
export function hardTanh(x: mx.ArrayLike, minVal: number, options: HardTanhOptions): mx.array;
export function hardTanh(...values: unknown[]): mx.array {
  return computeHardTanh(values);
}
const hardTanhParameters = { x: array, minVal: optional(number, -1), maxVal: optional(number, 1) };
const computeHardTanh = operation('hardTanh', hardTanhParameters, ({ x, minVal, maxVal }) =>
  mx.minimum(mx.maximum(x, minVal), maxVal),
);

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
 * log(sigmoid(x)), without its underflow.
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { logSigmoid } from '@mlx/nn';
 *
 * logSigmoid(mx.array(-100)).item(); // => -100
 * ```
 */
export function logSigmoid(x: mx.ArrayLike): mx.array;
export function logSigmoid(...values: unknown[]): mx.array {
  return computeLogSigmoid(values);
}
const computeLogSigmoid = operation('logSigmoid', input, ({ x }) =>
  mx.negative(softplus(mx.negative(floating(x)))),
);

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
