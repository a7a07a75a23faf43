import { native } from '../addon/native';
import { checkStreamIsLast } from '../arguments/count';
import { binary } from '../arguments/operands';
import { readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import type { MLXArray } from '../array/array';
import { within } from '../errors/errors';

// Operands are broadcast against each other (ShapeError when they don't fit) and promoted to one
// dtype; a scalar takes the dtype of the array beside it.

const nativeAdd = native.add;
const nativeSubtract = native.subtract;
const nativeMultiply = native.multiply;
const nativeDivide = native.divide;
const nativeFloorDivide = native.floorDivide;
const nativeRemainder = native.remainder;
const nativePower = native.power;
const nativeMaximum = native.maximum;
const nativeMinimum = native.minimum;
const nativeLogaddexp = native.logaddexp;
const nativeArctan2 = native.arctan2;

/**
 * The sum of two arrays, element by element.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.add(mx.array([1, 2]), 10).tolist()); // => [ 11, 12 ]
 * ```
 */
export function add(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(nativeAdd, 'add', a, b, readStream(stream, 'add', arguments.length, 3));
}

/**
 * The difference of two arrays, element by element.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.subtract(mx.array([1, 2]), 1).tolist()); // => [ 0, 1 ]
 * ```
 */
export function subtract(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeSubtract,
    'subtract',
    a,
    b,
    readStream(stream, 'subtract', arguments.length, 3),
  );
}

/**
 * The product of two arrays, element by element.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.multiply(mx.array([1, 2]), mx.array([3, 4])).tolist()); // => [ 3, 8 ]
 * ```
 */
export function multiply(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeMultiply,
    'multiply',
    a,
    b,
    readStream(stream, 'multiply', arguments.length, 3),
  );
}

/**
 * The quotient of two arrays, element by element; of integers in float32.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.divide(mx.array([1, 2]), 4).tolist()); // => [ 0.25, 0.5 ]
 * ```
 */
export function divide(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(nativeDivide, 'divide', a, b, readStream(stream, 'divide', arguments.length, 3));
}

/**
 * The quotient rounded down, keeping the dtype. Integers divided by zero give 0.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.floorDivide(mx.array([7, -7], mx.int32), 2).tolist()); // => [ 3, -4 ]
 * ```
 */
export function floorDivide(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeFloorDivide,
    'floorDivide',
    a,
    b,
    readStream(stream, 'floorDivide', arguments.length, 3),
  );
}

/**
 * What floorDivide leaves, with the sign of b.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.remainder(mx.array([7, -7], mx.int32), 3).tolist()); // => [ 1, 2 ]
 * ```
 */
export function remainder(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeRemainder,
    'remainder',
    a,
    b,
    readStream(stream, 'remainder', arguments.length, 3),
  );
}

/**
 * a to the power of b; integers keep their dtype.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.power(mx.array([2, 3]), 2).tolist()); // => [ 4, 9 ]
 * ```
 */
export function power(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(nativePower, 'power', a, b, readStream(stream, 'power', arguments.length, 3));
}

/**
 * The larger of two elements; NaN when one is. Where they are equal the gradient is b's alone.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.maximum(mx.array([1, 5]), 3).tolist()); // => [ 3, 5 ]
 * ```
 */
export function maximum(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(nativeMaximum, 'maximum', a, b, readStream(stream, 'maximum', arguments.length, 3));
}

/**
 * The smaller of two elements; NaN when one is. Where they are equal the gradient is b's alone.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.minimum(mx.array([1, 5]), 3).tolist()); // => [ 1, 3 ]
 * ```
 */
export function minimum(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(nativeMinimum, 'minimum', a, b, readStream(stream, 'minimum', arguments.length, 3));
}

/**
 * log(exp(a) + exp(b)) without overflow.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.logaddexp(mx.array([-Infinity]), 0).tolist()); // => [ 0 ]
 * ```
 */
export function logaddexp(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    nativeLogaddexp,
    'logaddexp',
    a,
    b,
    readStream(stream, 'logaddexp', arguments.length, 3),
  );
}

/**
 * The angle of the point (b, a), between -pi and pi.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.arctan2(mx.array([0]), 1).tolist()); // => [ 0 ]
 * ```
 */
export function arctan2(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(nativeArctan2, 'arctan2', a, b, readStream(stream, 'arctan2', arguments.length, 3));
}

/**
 * a to the power of b: power by the array API's name.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.pow(mx.array([2, 3]), 2).tolist()); // => [ 4, 9 ]
 * ```
 */
export function pow(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 3, 'pow');
  return within('pow', () => power(a, b, stream));
}

/**
 * The angle of the point (b, a): arctan2 by the array API's name.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.atan2(mx.array([0]), 1).tolist()); // => [ 0 ]
 * ```
 */
export function atan2(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 3, 'atan2');
  return within('atan2', () => arctan2(a, b, stream));
}
