import { native } from '../addon/native';
import { binary, toArray } from '../arguments/operands';
import { parameters, readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import type { TriangleOptions } from './inverses';

/**
 * x with a @ x = b for square matrices a [..., n, n] and right-hand sides b [..., n, k], or one
 * [n]. Batches are broadcast. A matrix a with NaN or infinity gives NaN. Throws ShapeError for sizes
 * that don't fit, and EngineError for a singular matrix when it is evaluated.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 * @param b - the right-hand side.
 *
 * @example
 * ```ts
 * const a = mx.array([[2, 1], [1, 1]]);
 * console.log(mx.linalg.solve(a, mx.array([3, 2])).tolist()); // => [ 1, 1 ]
 * ```
 */
export function solve(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(
    native.linalgSolve,
    'linalg.solve',
    a,
    b,
    readStream(stream, 'linalg.solve', arguments.length, 3),
  );
}

/**
 * The same for triangular matrices a, lower ones unless upper is true; the other triangle is not
 * read. A zero on the diagonal is an EngineError when it is evaluated.
 *
 * @param a - the matrix, or a stack of matrices over the leading axes.
 * @param b - the right-hand side.
 * @param upper - whether the triangle above the diagonal is meant; default: false.
 *
 * @example
 * ```ts
 * const a = mx.array([[2, 0], [1, 1]]);
 * console.log(mx.linalg.solveTriangular(a, mx.array([2, 3])).tolist()); // => [ 1, 2 ]
 * ```
 */
export function solveTriangular(
  a: ArrayLike,
  b: ArrayLike,
  upper?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function solveTriangular(a: ArrayLike, b: ArrayLike, options: TriangleOptions): MLXArray;
export function solveTriangular(a: ArrayLike, b: ArrayLike, ...rest: unknown[]): MLXArray {
  const { upper, stream } = readSolveTriangular(rest);
  const matrix = toArray(a, 'linalg.solveTriangular');
  const right = toArray(b, 'linalg.solveTriangular');
  return call(native.linalgSolveTriangular, stream, idOf(matrix), idOf(right), upper ?? false);
}
const readSolveTriangular = parameters('linalg.solveTriangular', { upper: 'boolean' });
