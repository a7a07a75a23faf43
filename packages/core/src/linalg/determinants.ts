import { native } from '../addon/native';
import { toArray, unary } from '../arguments/operands';
import { readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import { callMany, idOf, type MLXArray } from '../array/array';

/**
 * The determinants of square matrices: 0 for singular ones, NaN for those with NaN or infinity.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 *
 * @example
 * ```ts
 * console.log(mx.linalg.det(mx.array([[2, 1], [1, 3]])).item()); // => 5
 * ```
 */
export function det(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(
    native.linalgDet,
    'linalg.det',
    a,
    readStream(stream, 'linalg.det', arguments.length, 2),
  );
}

/**
 * The signs of determinants (1, -1, or 0 for singular matrices; a complex number of absolute value
 * 1 in complex64) and the logarithms of their absolute values, which don't overflow.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 *
 * @example
 * ```ts
 * const [sign, logarithm] = mx.linalg.slogdet(mx.array([[0, 1], [1, 0]]));
 * console.log(sign.item(), logarithm.item()); // => -1 0
 * ```
 */
export function slogdet(a: ArrayLike, stream?: StreamArgument): [MLXArray, MLXArray] {
  const target = readStream(stream, 'linalg.slogdet', arguments.length, 2);
  const results = callMany(native.linalgSlogdet, target, idOf(toArray(a, 'linalg.slogdet')));
  return results as [MLXArray, MLXArray];
}
