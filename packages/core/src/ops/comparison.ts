import { native } from '../addon/native';
import { binary } from '../arguments/operands';
import { readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import type { MLXArray } from '../array/array';

// Operands are broadcast against each other (ShapeError when they don't fit) and promoted to one
// dtype; a scalar takes the dtype of the array beside it.

const nativeEqual = native.equal;
const nativeNotEqual = native.notEqual;
const nativeLess = native.less;
const nativeLessEqual = native.lessEqual;
const nativeGreater = native.greater;
const nativeGreaterEqual = native.greaterEqual;

/**
 * Whether elements are equal: bool_.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.equal(mx.array([1, 2]), 2).tolist()); // => [ false, true ]
 * ```
 */
export function equal(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(nativeEqual, 'equal', a, b, readStream(stream, 'equal', arguments.length, 3));
}

/**
 * Whether elements differ: bool_.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.notEqual(mx.array([1, 2]), 2).tolist()); // => [ true, false ]
 * ```
 */
export function notEqual(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeNotEqual,
    'notEqual',
    a,
    b,
    readStream(stream, 'notEqual', arguments.length, 3),
  );
}

/**
 * Whether a is below b: bool_.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.less(mx.array([1, 2]), 2).tolist()); // => [ true, false ]
 * ```
 */
export function less(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(nativeLess, 'less', a, b, readStream(stream, 'less', arguments.length, 3));
}

/**
 * Whether a is not above b: bool_.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.lessEqual(mx.array([1, 3]), 2).tolist()); // => [ true, false ]
 * ```
 */
export function lessEqual(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeLessEqual,
    'lessEqual',
    a,
    b,
    readStream(stream, 'lessEqual', arguments.length, 3),
  );
}

/**
 * Whether a is above b: bool_.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.greater(mx.array([1, 3]), 2).tolist()); // => [ false, true ]
 * ```
 */
export function greater(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(nativeGreater, 'greater', a, b, readStream(stream, 'greater', arguments.length, 3));
}

/**
 * Whether a is not below b: bool_.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.greaterEqual(mx.array([1, 2]), 2).tolist()); // => [ false, true ]
 * ```
 */
export function greaterEqual(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeGreaterEqual,
    'greaterEqual',
    a,
    b,
    readStream(stream, 'greaterEqual', arguments.length, 3),
  );
}
