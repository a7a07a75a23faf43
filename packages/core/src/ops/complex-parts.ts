import { native } from '../addon/native';
import { checkStreamIsLast } from '../arguments/count';
import { unary } from '../arguments/operands';
import { readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import type { MLXArray } from '../array/array';
import { within } from '../errors/errors';

// The parts of complex numbers.

/**
 * The complex conjugate; real arrays come back as they are.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(String(mx.conjugate(mx.Complex(1, 2)).item())); // => 1-2j
 * ```
 */
export function conjugate(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(
    native.conjugate,
    'conjugate',
    a,
    readStream(stream, 'conjugate', arguments.length, 2),
  );
}

/**
 * The complex conjugate; real arrays come back as they are: {@link conjugate}.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(String(mx.conj(mx.Complex(1, 2)).item())); // => 1-2j
 * ```
 */
export function conj(a: ArrayLike, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 2, 'conj');
  return within('conj', () => conjugate(a, stream));
}

/**
 * The real parts, in float32 for complex64.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.real(mx.array([mx.Complex(1, 2)])).tolist()); // => [ 1 ]
 * ```
 */
export function real(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.real, 'real', a, readStream(stream, 'real', arguments.length, 2));
}

/**
 * The imaginary parts, in float32 for complex64.
 *
 * @param a - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.imag(mx.array([mx.Complex(1, 2)])).tolist()); // => [ 2 ]
 * ```
 */
export function imag(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(native.imag, 'imag', a, readStream(stream, 'imag', arguments.length, 2));
}
