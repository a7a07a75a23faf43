import { native } from '../addon/native';
import { unary } from '../arguments/operands';
import { readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import type { MLXArray } from '../array/array';

// One array, element by element. Functions with fractional results turn integers and booleans
// into float32.

/**
 * The absolute value of each element; of complex numbers their length, in float32.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.abs(mx.array([-1, 2])).tolist()); // => [ 1, 2 ]
 * ```
 */
export function abs(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.abs, 'abs', a, readStream(stream, 'abs', arguments.length, 2));
}

/**
 * Each element with the other sign. Throws DtypeError for bool_.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.negative(mx.array([1, -2])).tolist()); // => [ -1, 2 ]
 * ```
 */
export function negative(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.negative, 'negative', a, readStream(stream, 'negative', arguments.length, 2));
}

/**
 * The elements as they are.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.positive(mx.array([1, -2])).tolist()); // => [ 1, -2 ]
 * ```
 */
export function positive(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.positive, 'positive', a, readStream(stream, 'positive', arguments.length, 2));
}

/**
 * -1, 0 or 1 for each element; z / |z| for complex numbers.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.sign(mx.array([-3, 0, 5])).tolist()); // => [ -1, 0, 1 ]
 * ```
 */
export function sign(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.sign, 'sign', a, readStream(stream, 'sign', arguments.length, 2));
}

/**
 * The largest whole number that is not above each element. Throws DtypeError for complex
 * numbers.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.floor(mx.array([1.5, -1.5])).tolist()); // => [ 1, -2 ]
 * ```
 */
export function floor(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.floor, 'floor', a, readStream(stream, 'floor', arguments.length, 2));
}

/**
 * The smallest whole number that is not below each element. Throws DtypeError for complex
 * numbers.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.ceil(mx.array([1.25, 2])).tolist()); // => [ 2, 2 ]
 * ```
 */
export function ceil(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.ceil, 'ceil', a, readStream(stream, 'ceil', arguments.length, 2));
}

/**
 * Each element without its fraction. Throws DtypeError for complex numbers.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.trunc(mx.array([1.75, -1.75])).tolist()); // => [ 1, -1 ]
 * ```
 */
export function trunc(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.trunc, 'trunc', a, readStream(stream, 'trunc', arguments.length, 2));
}

/**
 * Each element times itself, in its dtype.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.square(mx.array([3, -4])).tolist()); // => [ 9, 16 ]
 * ```
 */
export function square(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.square, 'square', a, readStream(stream, 'square', arguments.length, 2));
}

/**
 * The square root of each element; NaN below zero.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.sqrt(mx.array([4, 9])).tolist()); // => [ 2, 3 ]
 * ```
 */
export function sqrt(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.sqrt, 'sqrt', a, readStream(stream, 'sqrt', arguments.length, 2));
}

/**
 * One over the square root of each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.rsqrt(mx.array([4, 0.25])).tolist()); // => [ 0.5, 2 ]
 * ```
 */
export function rsqrt(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.rsqrt, 'rsqrt', a, readStream(stream, 'rsqrt', arguments.length, 2));
}

/**
 * One over each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.reciprocal(mx.array([2, 0.5])).tolist()); // => [ 0.5, 2 ]
 * ```
 */
export function reciprocal(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(
    native.reciprocal,
    'reciprocal',
    a,
    readStream(stream, 'reciprocal', arguments.length, 2),
  );
}

/**
 * The exponential of each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.exp(mx.array([0])).tolist()); // => [ 1 ]
 * ```
 */
export function exp(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.exp, 'exp', a, readStream(stream, 'exp', arguments.length, 2));
}

/**
 * exp(a) - 1, precise near 0.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.expm1(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function expm1(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.expm1, 'expm1', a, readStream(stream, 'expm1', arguments.length, 2));
}

/**
 * The natural logarithm of each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.log(mx.array([1])).tolist()); // => [ 0 ]
 * ```
 */
export function log(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.log, 'log', a, readStream(stream, 'log', arguments.length, 2));
}

/**
 * The logarithm to base 2 of each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.log2(mx.array([8])).tolist()); // => [ 3 ]
 * ```
 */
export function log2(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.log2, 'log2', a, readStream(stream, 'log2', arguments.length, 2));
}

/**
 * The logarithm to base 10 of each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.log10(mx.array([1])).tolist()); // => [ 0 ]
 * ```
 */
export function log10(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.log10, 'log10', a, readStream(stream, 'log10', arguments.length, 2));
}

/**
 * log(1 + a), precise near 0.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.log1p(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function log1p(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.log1p, 'log1p', a, readStream(stream, 'log1p', arguments.length, 2));
}

/**
 * 1 / (1 + exp(-a)) for each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.sigmoid(mx.array([0])).tolist()); // => [ 0.5 ]
 * ```
 */
export function sigmoid(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.sigmoid, 'sigmoid', a, readStream(stream, 'sigmoid', arguments.length, 2));
}

/**
 * The error function of each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.erf(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function erf(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.erf, 'erf', a, readStream(stream, 'erf', arguments.length, 2));
}

/**
 * The inverse of the error function for each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.erfinv(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function erfinv(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.erfinv, 'erfinv', a, readStream(stream, 'erfinv', arguments.length, 2));
}

/**
 * Whether each element is zero: bool_.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.logicalNot(mx.array([0, 2])).tolist()); // => [ true, false ]
 * ```
 */
export function logicalNot(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(
    native.logicalNot,
    'logicalNot',
    a,
    readStream(stream, 'logicalNot', arguments.length, 2),
  );
}

/**
 * Each element with all bits changed. Throws DtypeError for floating and complex dtypes.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.bitwiseInvert(mx.array([0, 5], mx.int32)).tolist()); // => [ -1, -6 ]
 * ```
 */
export function bitwiseInvert(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(
    native.bitwiseInvert,
    'bitwiseInvert',
    a,
    readStream(stream, 'bitwiseInvert', arguments.length, 2),
  );
}

/**
 * The same values, which gradients do not pass.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.grad((x) => x.multiply(mx.stopGradient(x)).sum())(mx.array([3])).tolist()); // => [ 3 ]
 * ```
 */
export function stopGradient(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(
    native.stopGradient,
    'stopGradient',
    a,
    readStream(stream, 'stopGradient', arguments.length, 2),
  );
}
