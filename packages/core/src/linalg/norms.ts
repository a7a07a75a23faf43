import { native } from '../addon/native';
import { toArray } from '../arguments/operands';
import { axisList, parameters } from '../arguments/reader';
import type { ArrayLike, Axes, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import { within } from '../errors/errors';

/** Options of norm. */
export interface NormOptions extends StreamOptions {
  /** The order: a number, 'fro' or 'nuc'; null, the default, is the root of the sum of squares. */
  ord?: number | string | null;
  /** One axis of vectors, two of matrices (rows, columns), or null for all. */
  axis?: Axes;
  /** Whether reduced axes stay with size 1, false. */
  keepdims?: boolean;
}

/**
 * The norm of all elements, of vectors along an axis, or of matrices in two axes. Without an order:
 * the root of the sum of squares, over one axis, two or all. Orders of vectors: any number p for the p-th root
 * of the sum of p-th powers, 0 for the number of nonzeros, Infinity and -Infinity for the largest
 * and smallest magnitude. Orders of matrices: 1 and -1 (largest and smallest sum of magnitudes in a
 * column), Infinity and -Infinity (in a row), 2 and -2 (largest and smallest singular value), 'fro'
 * (root of the sum of squares), 'nuc' (sum of singular values).
 *
 * Throws TypeError for other orders and ShapeError for an order without axes of an array that has
 * not 1 or 2 dimensions.
 *
 * @param a - the array.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 * @param ord - which norm: a number, Infinity, -Infinity, 'fro' or 'nuc'; default: the 2-norm of
 *   all elements.
 * @param axis - one axis for vectors, two for matrices; default: all.
 *
 * @example
 * ```ts
 * const a = mx.array([[3, 4], [6, 8]]);
 * console.log(mx.linalg.norm(a, { axis: 1 }).tolist()); // => [ 5, 10 ]
 * console.log(mx.linalg.norm(a, 1).item(), mx.linalg.norm(a, Infinity).item()); // => 12 14
 * ```
 */
export function norm(
  a: ArrayLike,
  ord?: number | string | null,
  axis?: Axes,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function norm(a: ArrayLike, options: NormOptions): MLXArray;
export function norm(a: ArrayLike, ord: number | string | null, options: NormOptions): MLXArray;
export function norm(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { ord, axis, keepdims = false, stream } = readNorm(rest);
  const id = idOf(toArray(a, 'linalg.norm'));
  const axes = axisList(axis);
  if (ord === undefined || ord === null) return call(native.linalgNorm, stream, id, axes, keepdims);
  return within('linalg.norm', () =>
    typeof ord === 'string'
      ? call(native.linalgNormByName, stream, id, ord, axes, keepdims)
      : call(native.linalgNormOfOrder, stream, id, ord, axes, keepdims),
  );
}
const readNorm = parameters('linalg.norm', { ord: 'order', axis: 'axes', keepdims: 'boolean' });

/**
 * The cross products of vectors of 3 along an axis (-1); for a vector of 2 the third component is
 * zero. The other axes are broadcast.
 *
 * @param a - vectors of 2 or 3 elements.
 * @param b - vectors of 2 or 3 elements; shapes are broadcast.
 * @param axis - the axis of the vectors; default: -1.
 *
 * @example
 * ```ts
 * const a = mx.array([1, 0, 0]);
 * console.log(mx.linalg.cross(a, mx.array([0, 1, 0])).tolist()); // => [ 0, 0, 1 ]
 * ```
 */
export function cross(a: ArrayLike, b: ArrayLike, axis?: number, stream?: StreamArgument): MLXArray;
export function cross(
  a: ArrayLike,
  b: ArrayLike,
  options: StreamOptions & { axis?: number },
): MLXArray;
export function cross(a: ArrayLike, b: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, stream } = readCross(rest);
  const left = toArray(a, 'linalg.cross');
  const right = toArray(b, 'linalg.cross');
  return call(native.linalgCross, stream, idOf(left), idOf(right), axis ?? -1);
}
const readCross = parameters('linalg.cross', { axis: 'integer' });
