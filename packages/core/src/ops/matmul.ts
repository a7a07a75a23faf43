import { native } from '../addon/native';
import { isListOf, type Kind } from '../arguments/kinds';
import { copyList } from '../arguments/lists';
import { binary, operandId, toArray, toHeldArray, toOperand } from '../arguments/operands';
import { parameters, readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';

const nativeMatmul = native.matmul;

/**
 * The matrix product over the last two axes; the others are broadcast. A vector is a row on the
 * left and a column on the right, and that axis is gone from the result. Throws ShapeError for
 * scalars and for sizes that don't fit.
 *
 * @param a - the first array.
 * @param b - the second array.
 *
 * @example
 * ```ts
 * const a = mx.array([[1, 2], [3, 4]]);
 * console.log(mx.matmul(a, mx.array([1, 1])).tolist()); // => [ 3, 7 ]
 * ```
 */
export function matmul(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(nativeMatmul, 'matmul', a, b, readStream(stream, 'matmul', arguments.length, 3));
}

/** Options of addmm. */
export interface AddmmOptions extends StreamOptions {
  /** Factor of the product, 1. */
  alpha?: number;
  /** Factor of c, 1. */
  beta?: number;
}

/**
 * alpha * (a @ b) + beta * c, where c is broadcast to the product.
 *
 * @param c - what is added, broadcast.
 * @param a - the first array.
 * @param b - the second array.
 * @param alpha - what the product is multiplied by; default: 1.
 * @param beta - what c is multiplied by; default: 1.
 *
 * @example
 * ```ts
 * const product = mx.addmm(mx.array([10]), mx.array([[1, 2]]), mx.array([[3], [4]]));
 * console.log(product.tolist()); // => [ [ 21 ] ]
 * ```
 */
export function addmm(
  c: ArrayLike,
  a: ArrayLike,
  b: ArrayLike,
  alpha?: number,
  beta?: number,
  stream?: StreamArgument,
): MLXArray;
export function addmm(c: ArrayLike, a: ArrayLike, b: ArrayLike, options: AddmmOptions): MLXArray;
export function addmm(c: ArrayLike, a: ArrayLike, b: ArrayLike, ...rest: unknown[]): MLXArray {
  const { alpha, beta, stream } = readAddmm(rest);
  const left = toHeldArray(a, 'addmm');
  const right = toArray(b, 'addmm');
  const added = toOperand(c, left.dtype, 'addmm');
  return call(
    native.addmm,
    stream,
    operandId(added),
    idOf(left),
    idOf(right),
    alpha ?? 1,
    beta ?? 1,
  );
}
const readAddmm = parameters('addmm', { alpha: 'number', beta: 'number' });

/**
 * All products of the elements of two flattened arrays: shape [a.size, b.size].
 *
 * @param a - the first array.
 * @param b - the second array.
 *
 * @example
 * ```ts
 * console.log(mx.outer(mx.array([1, 2]), mx.array([3, 4])).tolist()); // => [ [ 3, 4 ], [ 6, 8 ] ]
 * ```
 */
export function outer(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(native.outer, 'outer', a, b, readStream(stream, 'outer', arguments.length, 3));
}

/**
 * The sums of products over the last axis of both; the product with a scalar.
 *
 * @param a - the first array.
 * @param b - the second array.
 *
 * @example
 * ```ts
 * console.log(mx.inner(mx.array([1, 2]), mx.array([3, 4])).item()); // => 11
 * ```
 */
export function inner(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(native.inner, 'inner', a, b, readStream(stream, 'inner', arguments.length, 3));
}

type TensordotAxes = number | readonly [readonly number[] | number, readonly number[] | number];

/**
 * The sums of products over pairs of axes: the last of a and the first of b, so many of them (2),
 * or a list of a's axes and a list of b's.
 *
 * @param a - the first array.
 * @param b - the second array.
 * @param axes - how many axes are summed over, or the axes of both; default: 2.
 *
 * @example
 * ```ts
 * const a = mx.array([[1, 2], [3, 4]]);
 * console.log(mx.tensordot(a, a, 1).tolist()); // => [ [ 7, 10 ], [ 15, 22 ] ]
 * console.log(mx.tensordot(a, a, [[0], [0]]).tolist()); // => [ [ 10, 14 ], [ 14, 20 ] ]
 * ```
 */
export function tensordot(
  a: ArrayLike,
  b: ArrayLike,
  axes?: TensordotAxes,
  stream?: StreamArgument,
): MLXArray;
export function tensordot(
  a: ArrayLike,
  b: ArrayLike,
  options: StreamOptions & { axes?: TensordotAxes },
): MLXArray;
export function tensordot(a: ArrayLike, b: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axes, stream } = readTensordot(rest);
  const left = toHeldArray(a, 'tensordot');
  const right = toHeldArray(b, 'tensordot');
  const [leftAxes, rightAxes] = tensordotAxes(axes ?? 2, left.ndim);
  return call(native.tensordot, stream, idOf(left), idOf(right), leftAxes, rightAxes);
}
const readTensordot = parameters('tensordot', { axes: tensordotAxesKind() });

function isAxes(value: unknown): boolean {
  return Number.isInteger(value) || isListOf(value, Number.isInteger);
}

function tensordotAxesKind(): Kind<TensordotAxes | undefined> {
  return {
    text: 'an integer or a list of a list of axes for each array',
    fits: (value) =>
      typeof value === 'number' || (isListOf(value, isAxes) && (value as unknown[]).length === 2),
    read: (value, name) =>
      typeof value === 'number'
        ? value
        : (copyList(value as unknown[], name).map((one) =>
            Array.isArray(one) ? copyList(one as number[], name) : [one],
          ) as [number[], number[]]),
    fallback: { value: undefined },
  };
}

function tensordotAxes(axes: TensordotAxes, ndim: number): [number[], number[]] {
  if (typeof axes !== 'number') return [[axes[0]].flat() as number[], [axes[1]].flat() as number[]];
  if (!Number.isInteger(axes))
    throw new RangeError(`[tensordot] The number of axes must be an integer, but is ${axes}.`);
  if (axes > ndim)
    throw new RangeError(`[tensordot] ${axes} axes were asked for, but a has only ${ndim}.`);
  const counts = Array.from({ length: Math.max(axes, 0) }, (_, i) => i);
  return [counts.map((i) => ndim - axes + i), counts];
}

/**
 * Kronecker's product: every element of a times the whole of b. The sizes of each axis are
 * multiplied; the array with fewer axes gets leading ones of size 1.
 *
 * @param a - the first array.
 * @param b - the second array.
 *
 * @example
 * ```ts
 * const a = mx.array([[1, 2]]);
 * console.log(mx.kron(a, mx.array([[1], [10]])).tolist()); // => [ [ 1, 2 ], [ 10, 20 ] ]
 * ```
 */
export function kron(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): MLXArray {
  return binary(native.kron, 'kron', a, b, readStream(stream, 'kron', arguments.length, 3));
}

/**
 * The sums of conj(a) * b along an axis (-1) of both; the other axes are broadcast. Throws
 * ShapeError for scalars and for axes of different sizes.
 *
 * @param a - the first array.
 * @param b - the second array.
 * @param axis - the axis that is summed over; default: -1.
 *
 * @example
 * ```ts
 * const a = mx.array([[1, 2], [3, 4]]);
 * console.log(mx.vecdot(a, mx.array([1, 1])).tolist()); // => [ 3, 7 ]
 * ```
 */
export function vecdot(
  a: ArrayLike,
  b: ArrayLike,
  axis?: number,
  stream?: StreamArgument,
): MLXArray;
export function vecdot(
  a: ArrayLike,
  b: ArrayLike,
  options: StreamOptions & { axis?: number },
): MLXArray;
export function vecdot(a: ArrayLike, b: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, stream } = readVecdot(rest);
  const left = toArray(a, 'vecdot');
  const right = toArray(b, 'vecdot');
  return call(native.vecdot, stream, idOf(left), idOf(right), axis ?? -1);
}
const readVecdot = parameters('vecdot', { axis: 'integer' });
