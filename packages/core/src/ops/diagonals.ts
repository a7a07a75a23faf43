import { native } from '../addon/native';
import { toArray } from '../arguments/operands';
import { parameters } from '../arguments/reader';
import type { ArrayLike, DtypeOptions, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import type { Dtype } from '../dtypes/dtype';

// Diagonals of matrices.

/**
 * A diagonal of the matrices on two axes (0 and 1), as the last axis of the result.
 *
 * @param a - the array.
 * @param offset - the number of the diagonal: positive above the main one, negative below;
 *   default: 0.
 * @param axis1 - the axis of the rows; default: 0.
 * @param axis2 - the axis of the columns; default: 1.
 *
 * @example
 * ```ts
 * console.log(mx.diagonal(mx.array([[1, 2], [3, 4]])).tolist()); // => [ 1, 4 ]
 * ```
 */
export function diagonal(
  a: ArrayLike,
  offset?: number,
  axis1?: number,
  axis2?: number,
  stream?: StreamArgument,
): MLXArray;
export function diagonal(
  a: ArrayLike,
  options: StreamOptions & { offset?: number; axis1?: number; axis2?: number },
): MLXArray;
export function diagonal(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { offset, axis1, axis2, stream } = readDiagonal(rest);
  const input = toArray(a, 'diagonal');
  return call(native.diagonal, stream, idOf(input), offset ?? 0, axis1 ?? 0, axis2 ?? 1);
}
const readDiagonal = parameters('diagonal', {
  offset: 'integer',
  axis1: 'integer',
  axis2: 'integer',
});

/**
 * A matrix with a vector on diagonal k (0), or a matrix's diagonal k.
 *
 * @param a - the array.
 * @param k - the number of the diagonal: positive above the main one, negative below; default:
 *   0.
 *
 * @example
 * ```ts
 * console.log(mx.diag(mx.array([1, 2])).tolist()); // => [ [ 1, 0 ], [ 0, 2 ] ]
 * ```
 */
export function diag(a: ArrayLike, k?: number, stream?: StreamArgument): MLXArray;
export function diag(a: ArrayLike, options: StreamOptions & { k?: number }): MLXArray;
export function diag(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { k, stream } = readDiag(rest);
  const input = toArray(a, 'diag');
  return call(native.diag, stream, idOf(input), k ?? 0);
}
const readDiag = parameters('diag', { k: 'integer' });

/**
 * The sum of a diagonal of the matrices on two axes (0 and 1), in the dtype of sums.
 *
 * @param a - the array.
 * @param offset - the number of the diagonal: positive above the main one, negative below;
 *   default: 0.
 * @param axis1 - the axis of the rows; default: 0.
 * @param axis2 - the axis of the columns; default: 1.
 * @param dtype - the dtype of the result; default: that of sum.
 *
 * @example
 * ```ts
 * console.log(mx.trace(mx.array([[1, 2], [3, 4]])).item()); // => 5
 * ```
 */
export function trace(
  a: ArrayLike,
  offset?: number,
  axis1?: number,
  axis2?: number,
  dtype?: Dtype | null,
  stream?: StreamArgument,
): MLXArray;
export function trace(
  a: ArrayLike,
  options: DtypeOptions & { offset?: number; axis1?: number; axis2?: number },
): MLXArray;
export function trace(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { offset, axis1, axis2, dtype, stream } = readTrace(rest);
  const input = toArray(a, 'trace');
  return call(native.trace, stream, idOf(input), offset ?? 0, axis1 ?? 0, axis2 ?? 1, dtype?.code);
}
const readTrace = parameters('trace', {
  offset: 'integer',
  axis1: 'integer',
  axis2: 'integer',
  dtype: 'dtype',
});
