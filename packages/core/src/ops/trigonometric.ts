import { native } from '../addon/native';
import { checkStreamIsLast } from '../arguments/count';
import { unary } from '../arguments/operands';
import { readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import type { MLXArray } from '../array/array';
import { within } from '../errors/errors';

// Angles and hyperbolic functions. Integers and booleans become float32.

/**
 * The sine of each element, in radians.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.sin(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function sin(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.sin, 'sin', a, readStream(stream, 'sin', arguments.length, 2));
}

/**
 * The cosine of each element, in radians.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.cos(mx.array([0])).tolist()); // => [ 1 ]
 * ```
 */
export function cos(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.cos, 'cos', a, readStream(stream, 'cos', arguments.length, 2));
}

/**
 * The tangent of each element, in radians.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.tan(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function tan(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.tan, 'tan', a, readStream(stream, 'tan', arguments.length, 2));
}

/**
 * The angle whose sine each element is.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.arcsin(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function arcsin(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.arcsin, 'arcsin', a, readStream(stream, 'arcsin', arguments.length, 2));
}

/**
 * The angle whose cosine each element is.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.arccos(mx.array([1])).tolist()); // => [ 0 ]
 * ```
 */
export function arccos(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.arccos, 'arccos', a, readStream(stream, 'arccos', arguments.length, 2));
}

/**
 * The angle whose tangent each element is.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.arctan(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function arctan(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.arctan, 'arctan', a, readStream(stream, 'arctan', arguments.length, 2));
}

/**
 * The hyperbolic sine of each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.sinh(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function sinh(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.sinh, 'sinh', a, readStream(stream, 'sinh', arguments.length, 2));
}

/**
 * The hyperbolic cosine of each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.cosh(mx.array([0])).tolist()); // => [ 1 ]
 * ```
 */
export function cosh(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.cosh, 'cosh', a, readStream(stream, 'cosh', arguments.length, 2));
}

/**
 * The hyperbolic tangent of each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.tanh(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function tanh(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.tanh, 'tanh', a, readStream(stream, 'tanh', arguments.length, 2));
}

/**
 * The inverse hyperbolic sine of each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.arcsinh(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function arcsinh(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.arcsinh, 'arcsinh', a, readStream(stream, 'arcsinh', arguments.length, 2));
}

/**
 * The inverse hyperbolic cosine of each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.arccosh(mx.array([1])).tolist()); // => [ 0 ]
 * ```
 */
export function arccosh(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.arccosh, 'arccosh', a, readStream(stream, 'arccosh', arguments.length, 2));
}

/**
 * The inverse hyperbolic tangent of each element.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.arctanh(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function arctanh(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.arctanh, 'arctanh', a, readStream(stream, 'arctanh', arguments.length, 2));
}

/**
 * Radians as degrees.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.degrees(mx.array([mx.pi])).tolist()); // => [ 180 ]
 * ```
 */
export function degrees(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.degrees, 'degrees', a, readStream(stream, 'degrees', arguments.length, 2));
}

/**
 * Degrees as radians.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.radians(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function radians(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.radians, 'radians', a, readStream(stream, 'radians', arguments.length, 2));
}

// The names of the array API standard.

/**
 * The angle whose cosine each element is: arccos by the array API's name.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.acos(mx.array([1])).tolist()); // => [ 0 ]
 * ```
 */
export function acos(a: ArrayLike, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 2, 'acos');
  return within('acos', () => arccos(a, stream));
}

/**
 * The inverse hyperbolic cosine of each element: arccosh by the array API's name.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.acosh(mx.array([1])).tolist()); // => [ 0 ]
 * ```
 */
export function acosh(a: ArrayLike, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 2, 'acosh');
  return within('acosh', () => arccosh(a, stream));
}

/**
 * The angle whose sine each element is: arcsin by the array API's name.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.asin(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function asin(a: ArrayLike, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 2, 'asin');
  return within('asin', () => arcsin(a, stream));
}

/**
 * The inverse hyperbolic sine of each element: arcsinh by the array API's name.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.asinh(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function asinh(a: ArrayLike, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 2, 'asinh');
  return within('asinh', () => arcsinh(a, stream));
}

/**
 * The angle whose tangent each element is: arctan by the array API's name.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.atan(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function atan(a: ArrayLike, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 2, 'atan');
  return within('atan', () => arctan(a, stream));
}

/**
 * The inverse hyperbolic tangent of each element: arctanh by the array API's name.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.atanh(mx.array([0])).tolist()); // => [ 0 ]
 * ```
 */
export function atanh(a: ArrayLike, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 2, 'atanh');
  return within('atanh', () => arctanh(a, stream));
}
