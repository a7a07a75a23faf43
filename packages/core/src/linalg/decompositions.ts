import { native } from '../addon/native';
import type { ArrayId, ManyOperation } from '../addon/types';
import { checkStreamIsLast } from '../arguments/count';
import { toArray } from '../arguments/operands';
import { parameters, readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, callMany, idOf, type MLXArray } from '../array/array';
import type { TriangleOptions } from './inverses';

function decompose<Ids extends readonly ArrayId[]>(
  operation: ManyOperation<[ArrayId], Ids>,
  name: string,
  a: ArrayLike,
  stream: StreamArgument | undefined,
): { [Index in keyof Ids]: MLXArray } {
  const target = readStream(stream, name);
  return callMany(operation, target, idOf(toArray(a, name)));
}

/**
 * Lower triangular l with l @ conj(l).T = a, or upper triangular u with conj(u).T @ u = a when upper
 * is true, for Hermitian positive definite matrices of which that triangle is read. Other matrices
 * are an EngineError when it is evaluated. The gradient is Hermitian.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 * @param upper - whether the triangle above the diagonal is meant; default: false.
 *
 * @example
 * ```ts
 * const a = mx.array([[4, 2], [2, 5]]);
 * console.log(mx.linalg.cholesky(a).tolist()); // => [ [ 2, 0 ], [ 1, 2 ] ]
 * ```
 */
export function cholesky(a: ArrayLike, upper?: boolean, stream?: StreamArgument): MLXArray;
export function cholesky(a: ArrayLike, options: TriangleOptions): MLXArray;
export function cholesky(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { upper, stream } = readCholesky(rest);
  return call(native.linalgCholesky, stream, idOf(toArray(a, 'linalg.cholesky')), upper ?? false);
}
const readCholesky = parameters('linalg.cholesky', { upper: 'boolean' });

/**
 * p (uint32), l and u of matrices [..., m, n] with a = (l @ u)[p]: l [..., m, k] has ones on its
 * diagonal, u is [..., k, n], k = min(m, n). A matrix with NaN or infinity gives NaN.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 *
 * @example
 * ```ts
 * const a = mx.array([[1, 2], [4, 4]]);
 * const [p, l, u] = mx.linalg.lu(a);
 * console.log(l.tolist(), u.tolist()); // => [ [ 1, 0 ], [ 0.25, 1 ] ] [ [ 4, 4 ], [ 0, 1 ] ]
 * console.log(mx.take(l.matmul(u), p, 0).tolist()); // => [ [ 1, 2 ], [ 4, 4 ] ]
 * ```
 */
export function lu(a: ArrayLike, stream?: StreamArgument): [MLXArray, MLXArray, MLXArray] {
  checkStreamIsLast(arguments.length, 2, 'linalg.lu');
  const [p, l, u] = decompose(native.linalgLu, 'linalg.lu', a, stream);
  return [p!, l!, u!];
}

/**
 * The LU decomposition in one matrix, l below and u on and above the diagonal, and the exchanges of
 * rows (uint32): row i with row pivots[i], one after the other.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 *
 * @example
 * ```ts
 * const [both, pivots] = mx.linalg.luFactor(mx.array([[1, 2], [4, 4]]));
 * console.log(both.tolist(), pivots.tolist()); // => [ [ 4, 4 ], [ 0.25, 1 ] ] [ 1, 1 ]
 * ```
 */
export function luFactor(a: ArrayLike, stream?: StreamArgument): [MLXArray, MLXArray] {
  checkStreamIsLast(arguments.length, 2, 'linalg.luFactor');
  return decompose(native.linalgLuFactor, 'linalg.luFactor', a, stream);
}

/**
 * q [..., m, k] with orthonormal columns and upper triangular r [..., k, n] with a = q @ r,
 * k = min(m, n). A matrix with NaN or infinity gives NaN.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 *
 * @example
 * ```ts
 * const [q, r] = mx.linalg.qr(mx.array([[3, 1], [4, 2]]));
 * console.log(r.index(0, 0).item(), q.shape); // => -5 [ 2, 2 ]
 * ```
 */
export function qr(a: ArrayLike, stream?: StreamArgument): [MLXArray, MLXArray] {
  checkStreamIsLast(arguments.length, 2, 'linalg.qr');
  return decompose(native.linalgQr, 'linalg.qr', a, stream);
}

/** Options of svd. */
export interface SvdOptions<ComputeUv extends boolean> extends StreamOptions {
  /** Whether the singular vectors are wanted, true. */
  computeUv?: ComputeUv;
}

/**
 * u [..., m, m], the singular values s [..., min(m, n)], descending, and vt [..., n, n] with
 * a = u @ diag(s) @ vt; without computeUv only s. Gradients need distinct singular values. NaN and
 * infinity are an EngineError when it is evaluated.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 * @param computeUv - whether to return the vectors too; default: true.
 *
 * @example
 * ```ts
 * const [u, s, vt] = mx.linalg.svd(mx.array([[3, 0, 0], [0, 4, 0]]));
 * console.log(u.shape, s.tolist(), vt.shape); // => [ 2, 2 ] [ 4, 3 ] [ 3, 3 ]
 * console.log(mx.linalg.svd(mx.array([[3, 0], [0, 4]]), false).tolist()); // => [ 4, 3 ]
 * ```
 */
export function svd(
  a: ArrayLike,
  computeUv?: true,
  stream?: StreamArgument,
): [MLXArray, MLXArray, MLXArray];
export function svd(a: ArrayLike, computeUv: false, stream?: StreamArgument): MLXArray;
export function svd(a: ArrayLike, options: SvdOptions<false> & { computeUv: false }): MLXArray;
export function svd(a: ArrayLike, options: SvdOptions<true>): [MLXArray, MLXArray, MLXArray];
export function svd(
  a: ArrayLike,
  computeUv: boolean,
  stream?: StreamArgument,
): MLXArray | [MLXArray, MLXArray, MLXArray];
export function svd(a: ArrayLike, ...rest: unknown[]): MLXArray | [MLXArray, MLXArray, MLXArray] {
  const { computeUv = true, stream } = readSvd(rest);
  const results = callMany(native.linalgSvd, stream, idOf(toArray(a, 'linalg.svd')), computeUv);
  return computeUv ? (results as [MLXArray, MLXArray, MLXArray]) : results[0]!;
}
const readSvd = parameters('linalg.svd', { computeUv: 'boolean' });
