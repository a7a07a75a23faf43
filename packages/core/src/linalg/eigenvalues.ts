import { native } from '../addon/native';
import { toArray, unary } from '../arguments/operands';
import { parameters, readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, callMany, idOf, type MLXArray } from '../array/array';

// NaN and infinity are an EngineError when it is evaluated. Gradients of eigenvectors need distinct
// eigenvalues.

/** The option of functions of Hermitian matrices. */
export interface HermitianOptions extends StreamOptions {
  /** The triangle that is read, 'L' for the lower or 'U' for the upper one; 'L'. */
  UPLO?: string;
}

/**
 * The eigenvalues of square matrices [..., n, n] in no order, [..., n], and as columns their
 * eigenvectors of norm 1, [..., n, n], both in complex64.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 *
 * @example
 * ```ts
 * const [values, vectors] = mx.linalg.eig(mx.array([[2, 0], [0, 3]]));
 * console.log(values.real.tolist(), vectors.dtype === mx.complex64); // => [ 2, 3 ] true
 * ```
 */
export function eig(a: ArrayLike, stream?: StreamArgument): [MLXArray, MLXArray] {
  const target = readStream(stream, 'linalg.eig', arguments.length, 2);
  const results = callMany(native.linalgEig, target, idOf(toArray(a, 'linalg.eig')));
  return results as [MLXArray, MLXArray];
}

/**
 * The eigenvalues of square matrices, in complex64 and in no order.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 *
 * @example
 * ```ts
 * const turn = mx.array([[0, -1], [1, 0]]);
 * console.log(mx.linalg.eigvals(turn).imag.tolist()); // => [ 1, -1 ]
 * ```
 */
export function eigvals(a: ArrayLike, stream?: StreamArgument): MLXArray {
  return unary(
    native.linalgEigvals,
    'linalg.eigvals',
    a,
    readStream(stream, 'linalg.eigvals', arguments.length, 2),
  );
}

/**
 * The eigenvalues of Hermitian matrices [..., n, n], real and ascending, and as columns their
 * orthonormal eigenvectors. One triangle (UPLO, 'L') is read. The gradient is Hermitian.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 * @param UPLO - which triangle is read: 'L' or 'U'; default: 'L'.
 *
 * @example
 * ```ts
 * const [values, vectors] = mx.linalg.eigh(mx.array([[3, 0], [0, 1]]));
 * console.log(values.tolist(), vectors.abs().tolist()); // => [ 1, 3 ] [ [ 0, 1 ], [ 1, 0 ] ]
 * ```
 */
export function eigh(a: ArrayLike, UPLO?: string, stream?: StreamArgument): [MLXArray, MLXArray];
export function eigh(a: ArrayLike, options: HermitianOptions): [MLXArray, MLXArray];
export function eigh(a: ArrayLike, ...rest: unknown[]): [MLXArray, MLXArray] {
  const { UPLO, stream } = readEigh(rest);
  const input = toArray(a, 'linalg.eigh');
  return callMany(native.linalgEigh, stream, idOf(input), UPLO ?? 'L') as [MLXArray, MLXArray];
}
const readEigh = parameters('linalg.eigh', { UPLO: 'string' });

/**
 * The eigenvalues of Hermitian matrices alone, ascending.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 * @param UPLO - which triangle is read: 'L' or 'U'; default: 'L'.
 *
 * @example
 * ```ts
 * console.log(mx.linalg.eigvalsh(mx.array([[3, 0], [0, 1]])).tolist()); // => [ 1, 3 ]
 * ```
 */
export function eigvalsh(a: ArrayLike, UPLO?: string, stream?: StreamArgument): MLXArray;
export function eigvalsh(a: ArrayLike, options: HermitianOptions): MLXArray;
export function eigvalsh(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { UPLO, stream } = readEigvalsh(rest);
  return call(native.linalgEigvalsh, stream, idOf(toArray(a, 'linalg.eigvalsh')), UPLO ?? 'L');
}
const readEigvalsh = parameters('linalg.eigvalsh', { UPLO: 'string' });
