import { native } from '../addon/native';
import { checkStreamIsLast } from '../arguments/count';
import { binary } from '../arguments/operands';
import { readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import type { MLXArray } from '../array/array';
import { within } from '../errors/errors';

// Operands are broadcast against each other (ShapeError when they don't fit) and promoted to one
// dtype; a scalar takes the dtype of the array beside it.

const nativeLogicalAnd = native.logicalAnd;
const nativeLogicalOr = native.logicalOr;
const nativeLogicalXor = native.logicalXor;
const nativeBitwiseAnd = native.bitwiseAnd;
const nativeBitwiseOr = native.bitwiseOr;
const nativeBitwiseXor = native.bitwiseXor;
const nativeLeftShift = native.leftShift;
const nativeRightShift = native.rightShift;

/**
 * Whether both elements are true: bool_.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.logicalAnd(mx.array([true, false]), true).tolist()); // => [ true, false ]
 * ```
 */
export function logicalAnd(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeLogicalAnd,
    'logicalAnd',
    a,
    b,
    readStream(stream, 'logicalAnd', arguments.length, 3),
  );
}

/**
 * Whether one of both elements is true: bool_.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.logicalOr(mx.array([true, false]), false).tolist()); // => [ true, false ]
 * ```
 */
export function logicalOr(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeLogicalOr,
    'logicalOr',
    a,
    b,
    readStream(stream, 'logicalOr', arguments.length, 3),
  );
}

/**
 * Whether exactly one of both elements is true: bool_.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.logicalXor(mx.array([true, false]), true).tolist()); // => [ false, true ]
 * ```
 */
export function logicalXor(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeLogicalXor,
    'logicalXor',
    a,
    b,
    readStream(stream, 'logicalXor', arguments.length, 3),
  );
}

/**
 * The bits that both have. Throws DtypeError for floating and complex dtypes.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.bitwiseAnd(mx.array([6], mx.int32), 3).tolist()); // => [ 2 ]
 * ```
 */
export function bitwiseAnd(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeBitwiseAnd,
    'bitwiseAnd',
    a,
    b,
    readStream(stream, 'bitwiseAnd', arguments.length, 3),
  );
}

/**
 * The bits that one of both has. Throws DtypeError for floating and complex dtypes.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.bitwiseOr(mx.array([6], mx.int32), 3).tolist()); // => [ 7 ]
 * ```
 */
export function bitwiseOr(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeBitwiseOr,
    'bitwiseOr',
    a,
    b,
    readStream(stream, 'bitwiseOr', arguments.length, 3),
  );
}

/**
 * The bits that exactly one of both has. Throws DtypeError for floating and complex dtypes.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.bitwiseXor(mx.array([6], mx.int32), 3).tolist()); // => [ 5 ]
 * ```
 */
export function bitwiseXor(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeBitwiseXor,
    'bitwiseXor',
    a,
    b,
    readStream(stream, 'bitwiseXor', arguments.length, 3),
  );
}

/**
 * a with its bits moved up b places; by the width or more gives 0. Throws DtypeError for
 * floating and complex dtypes.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.leftShift(mx.array([1, 3], mx.int32), 2).tolist()); // => [ 4, 12 ]
 * ```
 */
export function leftShift(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeLeftShift,
    'leftShift',
    a,
    b,
    readStream(stream, 'leftShift', arguments.length, 3),
  );
}

/**
 * a with its bits moved down b places, keeping the sign. Throws DtypeError for floating and
 * complex dtypes.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.rightShift(mx.array([8, -8], mx.int32), 2).tolist()); // => [ 2, -2 ]
 * ```
 */
export function rightShift(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeRightShift,
    'rightShift',
    a,
    b,
    readStream(stream, 'rightShift', arguments.length, 3),
  );
}

/**
 * a with its bits moved up b places: leftShift by the array API's name.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.bitwiseLeftShift(mx.array([1, 3], mx.int32), 2).tolist()); // => [ 4, 12 ]
 * ```
 */
export function bitwiseLeftShift(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 3, 'bitwiseLeftShift');
  return within('bitwiseLeftShift', () => leftShift(a, b, stream));
}

/**
 * a with its bits moved down b places: rightShift by the array API's name.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.bitwiseRightShift(mx.array([4, -4], mx.int32), 1).tolist()); // => [ 2, -2 ]
 * ```
 */
export function bitwiseRightShift(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 3, 'bitwiseRightShift');
  return within('bitwiseRightShift', () => rightShift(a, b, stream));
}
