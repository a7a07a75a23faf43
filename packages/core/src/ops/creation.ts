import { native } from '../addon/native';
import { checkCount } from '../arguments/count';
import { number, readKind } from '../arguments/kinds';
import { isScalar, operandId, toArray, toHeldArray, toOperand } from '../arguments/operands';
import { parameters, shapeList } from '../arguments/reader';
import type { ArrayLike, DtypeOptions, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import { arrayFromValue } from '../array/from-javascript';
import { float32, type Dtype } from '../dtypes/dtype';
import { within } from '../errors/errors';

type Shape = number | readonly number[];

/**
 * The numbers from start (0) up to stop, without it, by step (1), in float32 unless a dtype is
 * given. Throws TypeError for a step of zero.
 *
 * @param stop - the end, which is not reached.
 * @param dtype - the dtype of the result; default: float32.
 * @param start - the first number; default: 0.
 * @param step - the distance; default: 1.
 *
 * @example
 * ```ts
 * console.log(mx.arange(3).tolist()); // => [ 0, 1, 2 ]
 * console.log(mx.arange(1, 10, 4).tolist()); // => [ 1, 5, 9 ]
 * console.log(mx.arange(3, mx.int32).dtype); // => int32
 * ```
 */
export function arange(stop: number, dtype?: Dtype | null, stream?: StreamArgument): MLXArray;
export function arange(
  start: number,
  stop: number,
  step?: number | Dtype | null,
  dtype?: Dtype | null | StreamArgument,
  stream?: StreamArgument,
): MLXArray;
export function arange(
  start: number,
  options: DtypeOptions & { stop?: number; step?: number },
): MLXArray;
export function arange(first: number, ...rest: unknown[]): MLXArray {
  const { stop, step, dtype, stream } = readArange(rest);
  if (typeof first !== 'number') throw new TypeError('[arange] The bounds are numbers.');
  const [from, to] = stop === undefined || stop === null ? [0, first] : [first, stop];
  return call(native.arange, stream, from, to, step ?? 1, (dtype ?? float32).code);
}
const readArange = parameters('arange', { stop: 'number', step: 'number', dtype: 'dtype' });

/**
 * num (50) numbers evenly spaced from start to stop, which is included unless endpoint is false.
 *
 * @param start - the first number.
 * @param stop - the last number.
 * @param num - how many; default: 50.
 * @param endpoint - whether stop is one of them; default: true.
 * @param dtype - the dtype of the result; default: float32.
 *
 * @example
 * ```ts
 * console.log(mx.linspace(0, 1, 3).tolist()); // => [ 0, 0.5, 1 ]
 * console.log(mx.linspace(0, 1, 2, false).tolist()); // => [ 0, 0.5 ]
 * ```
 */
export function linspace(
  start: number,
  stop: number,
  num?: number,
  endpoint?: boolean | Dtype,
  dtype?: Dtype | null,
  stream?: StreamArgument,
): MLXArray;
export function linspace(
  start: number,
  stop: number,
  options: DtypeOptions & { num?: number; endpoint?: boolean },
): MLXArray;
export function linspace(start: number, stop: number, ...rest: unknown[]): MLXArray {
  const { num, endpoint, dtype, stream } = readLinspace(rest);
  readKind(number, start, 'linspace', 'start');
  readKind(number, stop, 'linspace', 'stop');
  const count = num ?? 50;
  const last = (endpoint ?? true) || count < 1 ? stop : stop - (stop - start) / count;
  return call(native.linspace, stream, start, last, count, (dtype ?? float32).code);
}
const readLinspace = parameters('linspace', {
  num: 'integer',
  endpoint: 'boolean',
  dtype: 'dtype',
});

/**
 * An array of a shape filled with a value, which is broadcast. Its dtype is the value's unless one
 * is given.
 *
 * @param shape - the shape of the result, one number for one axis.
 * @param vals - the value, broadcast to the shape.
 * @param dtype - the dtype of the result; default: the value's.
 *
 * @example
 * ```ts
 * console.log(mx.full([2, 2], 7).tolist()); // => [ [ 7, 7 ], [ 7, 7 ] ]
 * ```
 */
export function full(
  shape: Shape,
  vals: ArrayLike,
  dtype?: Dtype | null,
  stream?: StreamArgument,
): MLXArray;
export function full(shape: Shape, vals: ArrayLike, options: DtypeOptions): MLXArray;
export function full(shape: Shape, vals: ArrayLike, ...rest: unknown[]): MLXArray {
  const { dtype, stream } = readFull(rest);
  const value =
    isScalar(vals) && dtype ? arrayFromValue(vals, dtype, 'full') : toArray(vals, 'full');
  return call(native.full, stream, shapeList(shape, 'full'), idOf(value), dtype?.code);
}
const readFull = parameters('full', { dtype: 'dtype' });

/**
 * An array of another's shape filled with a value; its dtype is the other's unless one is given.
 *
 * @param a - the array whose shape and dtype are taken.
 * @param vals - the value, broadcast to the shape.
 * @param dtype - the dtype of the result; default: the array's.
 *
 * @example
 * ```ts
 * console.log(mx.fullLike(mx.zeros([2], mx.int32), 3).tolist()); // => [ 3, 3 ]
 * ```
 */
export function fullLike(
  a: ArrayLike,
  vals: ArrayLike,
  dtype?: Dtype | null,
  stream?: StreamArgument,
): MLXArray;
export function fullLike(a: ArrayLike, vals: ArrayLike, options: DtypeOptions): MLXArray;
export function fullLike(a: ArrayLike, vals: ArrayLike, ...rest: unknown[]): MLXArray {
  const { dtype, stream } = readFullLike(rest);
  const like = toHeldArray(a, 'fullLike');
  const result = dtype ?? like.dtype;
  const shape = like.shape;
  const value = toOperand(vals, result, 'fullLike');
  return within('fullLike', () => call(native.full, stream, shape, operandId(value), result.code));
}
const readFullLike = parameters('fullLike', { dtype: 'dtype' });

/**
 * An array of zeros, in float32 unless a dtype is given.
 *
 * @param shape - the shape of the result, one number for one axis.
 * @param dtype - the dtype of the result; default: float32.
 *
 * @example
 * ```ts
 * console.log(mx.zeros([2, 3]).shape); // => [ 2, 3 ]
 * console.log(mx.zeros(2, mx.int8).tolist()); // => [ 0, 0 ]
 * ```
 */
export function zeros(shape: Shape, dtype?: Dtype | null, stream?: StreamArgument): MLXArray;
export function zeros(shape: Shape, options: DtypeOptions): MLXArray;
export function zeros(shape: Shape, ...rest: unknown[]): MLXArray {
  const { dtype, stream } = readZeros(rest);
  return call(native.zeros, stream, shapeList(shape, 'zeros'), (dtype ?? float32).code);
}
const readZeros = parameters('zeros', { dtype: 'dtype' });

/**
 * An array of ones, in float32 unless a dtype is given.
 *
 * @param shape - the shape of the result, one number for one axis.
 * @param dtype - the dtype of the result; default: float32.
 *
 * @example
 * ```ts
 * console.log(mx.ones([2]).tolist()); // => [ 1, 1 ]
 * ```
 */
export function ones(shape: Shape, dtype?: Dtype | null, stream?: StreamArgument): MLXArray;
export function ones(shape: Shape, options: DtypeOptions): MLXArray;
export function ones(shape: Shape, ...rest: unknown[]): MLXArray {
  const { dtype, stream } = readOnes(rest);
  return call(native.ones, stream, shapeList(shape, 'ones'), (dtype ?? float32).code);
}
const readOnes = parameters('ones', { dtype: 'dtype' });

/**
 * Zeros of another array's shape, and its dtype unless one is given.
 *
 * @param a - the array whose shape and dtype are taken.
 * @param dtype - the dtype of the result; default: the array's.
 *
 * @example
 * ```ts
 * console.log(mx.zerosLike(mx.array([1, 2])).tolist()); // => [ 0, 0 ]
 * ```
 */
export function zerosLike(a: ArrayLike, dtype?: Dtype | null, stream?: StreamArgument): MLXArray;
export function zerosLike(a: ArrayLike, options: DtypeOptions): MLXArray;
export function zerosLike(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { dtype, stream } = readZerosLike(rest);
  const like = toHeldArray(a, 'zerosLike');
  const { code } = dtype ?? like.dtype;
  return within('zerosLike', () => call(native.zeros, stream, like.shape, code));
}
const readZerosLike = parameters('zerosLike', { dtype: 'dtype' });

/**
 * Ones of another array's shape, and its dtype unless one is given.
 *
 * @param a - the array whose shape and dtype are taken.
 * @param dtype - the dtype of the result; default: the array's.
 *
 * @example
 * ```ts
 * console.log(mx.onesLike(mx.array([3, 4])).tolist()); // => [ 1, 1 ]
 * ```
 */
export function onesLike(a: ArrayLike, dtype?: Dtype | null, stream?: StreamArgument): MLXArray;
export function onesLike(a: ArrayLike, options: DtypeOptions): MLXArray;
export function onesLike(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { dtype, stream } = readOnesLike(rest);
  const like = toHeldArray(a, 'onesLike');
  const { code } = dtype ?? like.dtype;
  return within('onesLike', () => call(native.ones, stream, like.shape, code));
}
const readOnesLike = parameters('onesLike', { dtype: 'dtype' });

/**
 * A matrix of n rows and m (n) columns with ones where column - row is k (0), zeros elsewhere.
 *
 * @param n - the number of rows.
 * @param m - the number of columns; default: n.
 * @param k - the number of the diagonal: positive above the main one, negative below; default:
 *   0.
 * @param dtype - the dtype of the result; default: float32.
 *
 * @example
 * ```ts
 * console.log(mx.eye(2).tolist()); // => [ [ 1, 0 ], [ 0, 1 ] ]
 * ```
 */
export function eye(
  n: number,
  m?: number | null,
  k?: number,
  dtype?: Dtype | null,
  stream?: StreamArgument,
): MLXArray;
export function eye(n: number, options: DtypeOptions & { m?: number | null; k?: number }): MLXArray;
export function eye(n: number, ...rest: unknown[]): MLXArray {
  const { m, k, dtype, stream } = readEye(rest);
  return call(native.eye, stream, n, m ?? n, k ?? 0, (dtype ?? float32).code);
}
const readEye = parameters('eye', { m: 'axis', k: 'integer', dtype: 'dtype' });

/**
 * The square matrix of n rows with ones on its diagonal.
 *
 * @param n - the number of rows and columns.
 * @param dtype - the dtype of the result; default: float32.
 *
 * @example
 * ```ts
 * console.log(mx.identity(2, mx.int32).tolist()); // => [ [ 1, 0 ], [ 0, 1 ] ]
 * ```
 */
export function identity(n: number, dtype?: Dtype | null, stream?: StreamArgument): MLXArray;
export function identity(n: number, options: DtypeOptions): MLXArray;
export function identity(n: number, ...rest: unknown[]): MLXArray {
  const { dtype, stream } = readIdentity(rest);
  const { code } = dtype ?? float32;
  return within('identity', () => call(native.eye, stream, n, n, 0, code));
}
const readIdentity = parameters('identity', { dtype: 'dtype' });

/**
 * A matrix of n rows and m (n) columns with ones where column - row <= k (0), zeros elsewhere.
 *
 * @param n - the number of rows.
 * @param m - the number of columns; default: n.
 * @param k - the number of the diagonal: positive above the main one, negative below; default:
 *   0.
 * @param dtype - the dtype of the result; default: float32.
 *
 * @example
 * ```ts
 * console.log(mx.tri(2).tolist()); // => [ [ 1, 0 ], [ 1, 1 ] ]
 * ```
 */
export function tri(
  n: number,
  m?: number | null,
  k?: number,
  dtype?: Dtype | null,
  stream?: StreamArgument,
): MLXArray;
export function tri(n: number, options: DtypeOptions & { m?: number | null; k?: number }): MLXArray;
export function tri(n: number, ...rest: unknown[]): MLXArray {
  const { m, k, dtype, stream } = readTri(rest);
  return call(native.tri, stream, n, m ?? n, k ?? 0, (dtype ?? float32).code);
}
const readTri = parameters('tri', { m: 'axis', k: 'integer', dtype: 'dtype' });

/**
 * The matrices on the last two axes with zeros above diagonal k (0).
 *
 * @param x - the matrix, or a stack of matrices.
 * @param k - the number of the diagonal: positive above the main one, negative below; default:
 *   0.
 *
 * @example
 * ```ts
 * console.log(mx.tril(mx.ones([2, 2])).tolist()); // => [ [ 1, 0 ], [ 1, 1 ] ]
 * ```
 */
export function tril(x: ArrayLike, k?: number, stream?: StreamArgument): MLXArray;
export function tril(x: ArrayLike, options: StreamOptions & { k?: number }): MLXArray;
export function tril(x: ArrayLike, ...rest: unknown[]): MLXArray {
  const { k, stream } = readTril(rest);
  const input = toArray(x, 'tril');
  return call(native.tril, stream, idOf(input), k ?? 0);
}
const readTril = parameters('tril', { k: 'integer' });

/**
 * The matrices on the last two axes with zeros below diagonal k (0).
 *
 * @param x - the matrix, or a stack of matrices.
 * @param k - the number of the diagonal: positive above the main one, negative below; default:
 *   0.
 *
 * @example
 * ```ts
 * console.log(mx.triu(mx.ones([2, 2])).tolist()); // => [ [ 1, 1 ], [ 0, 1 ] ]
 * ```
 */
export function triu(x: ArrayLike, k?: number, stream?: StreamArgument): MLXArray;
export function triu(x: ArrayLike, options: StreamOptions & { k?: number }): MLXArray;
export function triu(x: ArrayLike, ...rest: unknown[]): MLXArray {
  const { k, stream } = readTriu(rest);
  const input = toArray(x, 'triu');
  return call(native.triu, stream, idOf(input), k ?? 0);
}
const readTriu = parameters('triu', { k: 'integer' });

/**
 * An array to be filled, in float32 unless a dtype is given. It holds zeros: no memory is ever seen
 * before it was written.
 *
 * @param shape - the shape of the result, one number for one axis.
 * @param dtype - the dtype of the result; default: float32.
 *
 * @example
 * ```ts
 * console.log(mx.empty([2, 3]).shape); // => [ 2, 3 ]
 * ```
 */
export function empty(shape: Shape, dtype?: Dtype | null, stream?: StreamArgument): MLXArray;
export function empty(shape: Shape, options: DtypeOptions): MLXArray;
export function empty(shape: Shape, ...rest: unknown[]): MLXArray {
  const { dtype, stream } = readEmpty(rest);
  const sizes = shapeList(shape, 'empty');
  return within('empty', () => call(native.zeros, stream, sizes, (dtype ?? float32).code));
}
const readEmpty = parameters('empty', { dtype: 'dtype' });

/**
 * An array to be filled, of another's shape, and its dtype unless one is given. It holds zeros.
 *
 * @param a - the array whose shape and dtype are taken.
 * @param dtype - the dtype of the result; default: the array's.
 *
 * @example
 * ```ts
 * console.log(mx.emptyLike(mx.array([1, 2], mx.int8)).dtype); // => int8
 * ```
 */
export function emptyLike(a: ArrayLike, dtype?: Dtype | null, stream?: StreamArgument): MLXArray;
export function emptyLike(a: ArrayLike, options: DtypeOptions): MLXArray;
export function emptyLike(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { dtype, stream } = readEmptyLike(rest);
  const like = toHeldArray(a, 'emptyLike');
  const code = (dtype ?? like.dtype).code;
  return within('emptyLike', () => call(native.zeros, stream, like.shape, code));
}
const readEmptyLike = parameters('emptyLike', { dtype: 'dtype' });

/**
 * Always throws a TypeError: memory of other frameworks has no handle in JavaScript. Give its
 * numbers to mx.array as a TypedArray.
 *
 * @param x - an array.
 *
 * @example
 * ```ts
 * try {
 *   mx.fromDlpack({});
 * } catch (error) {
 *   console.log(error instanceof TypeError); // => true
 * }
 * ```
 */
export function fromDlpack(x: unknown): never {
  checkCount(arguments.length, 1, 'fromDlpack');
  throw new TypeError(
    `[fromDlpack] JavaScript has no DLPack capsules, and this is ${x === null ? 'null' : `a value of type ${typeof x}`}; ` +
      'give the numbers to mx.array as a TypedArray.',
  );
}
