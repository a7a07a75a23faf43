import { native } from '../addon/native';
import { unary } from '../arguments/operands';
import { readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import type { MLXArray } from '../array/array';

// What kind of number each element is.

/**
 * Whether each element is NaN: bool_.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.isnan(mx.array([1, NaN])).tolist()); // => [ false, true ]
 * ```
 */
export function isnan(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.isnan, 'isnan', a, readStream(stream, 'isnan', arguments.length, 2));
}

/**
 * Whether each element is an infinity: bool_.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.isinf(mx.array([1, -Infinity])).tolist()); // => [ false, true ]
 * ```
 */
export function isinf(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.isinf, 'isinf', a, readStream(stream, 'isinf', arguments.length, 2));
}

/**
 * Whether each element is neither NaN nor an infinity: bool_.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.isfinite(mx.array([1, NaN])).tolist()); // => [ true, false ]
 * ```
 */
export function isfinite(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.isfinite, 'isfinite', a, readStream(stream, 'isfinite', arguments.length, 2));
}

/**
 * Whether each element is the positive infinity: bool_.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.isposinf(mx.array([Infinity, -Infinity])).tolist()); // => [ true, false ]
 * ```
 */
export function isposinf(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.isposinf, 'isposinf', a, readStream(stream, 'isposinf', arguments.length, 2));
}

/**
 * Whether each element is the negative infinity: bool_.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.isneginf(mx.array([Infinity, -Infinity])).tolist()); // => [ false, true ]
 * ```
 */
export function isneginf(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.isneginf, 'isneginf', a, readStream(stream, 'isneginf', arguments.length, 2));
}
