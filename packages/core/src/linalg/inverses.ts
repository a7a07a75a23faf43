import { native } from '../addon/native';
import { toArray, unary } from '../arguments/operands';
import { parameters, readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';

// Of the matrices in the last two axes; the axes before them are a batch. Matrices are in float32,
// float64 or complex64.

/** The option of functions that read one triangle of a matrix. */
export interface TriangleOptions extends StreamOptions {
  /** Whether the upper triangle is read, false; the other one may hold anything. */
  upper?: boolean;
}

/**
 * The inverses of square matrices. A matrix with NaN or infinity gives NaN. Throws DtypeError and
 * ShapeError for other arrays, and EngineError for a singular matrix when it is evaluated.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 *
 * @example
 * ```ts
 * const a = mx.array([[2, 1], [1, 1]]);
 * console.log(mx.linalg.inv(a).tolist()); // => [ [ 1, -1 ], [ -1, 2 ] ]
 * ```
 */
export function inv(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(
    native.linalgInv,
    'linalg.inv',
    a,
    readStream(stream, 'linalg.inv', arguments.length, 2),
  );
}

/**
 * The inverses of triangular matrices, lower ones unless upper is true; the other triangle is not
 * read. A zero on the diagonal is an EngineError when it is evaluated.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 * @param upper - whether the triangle above the diagonal is meant; default: false.
 *
 * @example
 * ```ts
 * const a = mx.array([[1, 0], [2, 1]]);
 * console.log(mx.linalg.triInv(a).tolist()); // => [ [ 1, 0 ], [ -2, 1 ] ]
 * ```
 */
export function triInv(a: ArrayLike, upper?: boolean, stream?: StreamArgument): MLXArray;
export function triInv(a: ArrayLike, options: TriangleOptions): MLXArray;
export function triInv(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { upper, stream } = readTriInv(rest);
  return call(native.linalgTriInv, stream, idOf(toArray(a, 'linalg.triInv')), upper ?? false);
}
const readTriInv = parameters('linalg.triInv', { upper: 'boolean' });

/**
 * The inverses of the matrices whose Cholesky factors are given: of l @ conj(l).T, or of
 * conj(u).T @ u when upper is true.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 * @param upper - whether the triangle above the diagonal is meant; default: false.
 *
 * @example
 * ```ts
 * const l = mx.linalg.cholesky(mx.array([[4, 0], [0, 16]]));
 * console.log(mx.linalg.choleskyInv(l).tolist()); // => [ [ 0.25, 0 ], [ 0, 0.0625 ] ]
 * ```
 */
export function choleskyInv(a: ArrayLike, upper?: boolean, stream?: StreamArgument): MLXArray;
export function choleskyInv(a: ArrayLike, options: TriangleOptions): MLXArray;
export function choleskyInv(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { upper, stream } = readCholeskyInv(rest);
  const factor = toArray(a, 'linalg.choleskyInv');
  return call(native.linalgCholeskyInv, stream, idOf(factor), upper ?? false);
}
const readCholeskyInv = parameters('linalg.choleskyInv', { upper: 'boolean' });

/**
 * The Moore-Penrose inverses [..., n, m] of matrices [..., m, n]. Singular values up to
 * max(m, n) * eps times the largest count as zero. NaN and infinity are an EngineError when it is
 * evaluated.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 *
 * @example
 * ```ts
 * const y = mx.linalg.pinv(mx.array([[1], [1]]));
 * console.log(y.shape, y.index(0, 0).item().toFixed(3)); // => [ 1, 2 ] 0.500
 * ```
 */
export function pinv(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(
    native.linalgPinv,
    'linalg.pinv',
    a,
    readStream(stream, 'linalg.pinv', arguments.length, 2),
  );
}
