import { native } from '../addon/native';
import { toHeldArray } from '../arguments/operands';
import { parameters } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import { ShapeError, within } from '../errors/errors';

/** Options of matrixNorm. */
export interface MatrixNormOptions extends StreamOptions {
  /** Whether the last two axes stay with size 1, false. */
  keepdims?: boolean;
  /** 1, -1, 2, -2, Infinity, -Infinity, 'fro' or 'nuc', 'fro'. */
  ord?: number | string;
}

/**
 * The norms of the matrices in the last two axes, by the array API's name; orders as of norm.
 * Throws ShapeError for fewer axes.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 * @param ord - which norm: 1, -1, 2, -2, Infinity, -Infinity, 'fro' or 'nuc'; default: 'fro'.
 *
 * @example
 * ```ts
 * const a = mx.array([[3, 0], [0, 4]]);
 * console.log(mx.matrixNorm(a).item(), mx.matrixNorm(a, { ord: 'nuc' }).item()); // => 5 7
 * ```
 */
export function matrixNorm(
  a: ArrayLike,
  keepdims?: boolean,
  ord?: number | string,
  stream?: StreamArgument,
): MLXArray;
export function matrixNorm(a: ArrayLike, options: MatrixNormOptions): MLXArray;
export function matrixNorm(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { keepdims = false, ord, stream } = readMatrixNorm(rest);
  const input = toHeldArray(a, 'matrixNorm');
  if (input.ndim < 2)
    throw new ShapeError(
      `[matrixNorm] Expected at least 2 axes but received shape (${input.shape.join()}).`,
    );
  const order = ord ?? 'fro';
  const id = idOf(input);
  return within('matrixNorm', () =>
    typeof order === 'string'
      ? call(native.linalgNormByName, stream, id, order, [-2, -1], keepdims)
      : call(native.linalgNormOfOrder, stream, id, order, [-2, -1], keepdims),
  );
}
const readMatrixNorm = parameters('matrixNorm', { keepdims: 'boolean', ord: 'order' });
