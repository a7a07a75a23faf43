import { native } from '../addon/native';
import type { OperationsLike } from '../addon/functions';
import { toArray } from '../arguments/operands';
import { axisList, parameters } from '../arguments/reader';
import type { ArrayLike, Axes, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import { within } from '../errors/errors';

// Reductions run over one axis, several, or all (null); an empty list is none. Axes count from the
// end when negative; one out of bounds is a RangeError, one given twice a TypeError.

/** Options of reductions. */
export interface ReduceOptions extends StreamOptions {
  /** The axes to reduce; default: all. */
  axis?: Axes;
  /** Whether reduced axes stay with size one; default: false. */
  keepdims?: boolean;
}

/** Options of var and std. */
export interface MomentOptions extends ReduceOptions {
  /** What is taken off the count before dividing by it; default: 0. */
  ddof?: number;
}

/** Options of argmax and argmin. */
export interface ArgReduceOptions extends StreamOptions {
  /** The axis to reduce; null flattens first. */
  axis?: number | null;
  /** Whether the reduced axis stays with size one; default: false. */
  keepdims?: boolean;
}

type Reduction = (a: ArrayLike, rest: readonly unknown[]) => MLXArray;

function reduction(name: OperationsLike<typeof native.sum>): Reduction {
  const operation = native[name];
  const read = parameters(name, { axis: 'axes', keepdims: 'boolean' });
  return (a, rest) => {
    const { axis, keepdims, stream } = read(rest);
    const input = toArray(a, name);
    return call(operation, stream, idOf(input), axisList(axis), keepdims ?? false);
  };
}

function moment(name: OperationsLike<typeof native.var>): Reduction {
  const operation = native[name];
  const read = parameters(name, { axis: 'axes', keepdims: 'boolean', ddof: 'integer' });
  return (a, rest) => {
    const { axis, keepdims, ddof, stream } = read(rest);
    const input = toArray(a, name);
    return call(operation, stream, idOf(input), axisList(axis), keepdims ?? false, ddof ?? 0);
  };
}

function argReduction(name: OperationsLike<typeof native.argmax>): Reduction {
  const operation = native[name];
  const read = parameters(name, { axis: 'axis', keepdims: 'boolean' });
  return (a, rest) => {
    const { axis, keepdims, stream } = read(rest);
    const input = toArray(a, name);
    return call(operation, stream, idOf(input), axis, keepdims ?? false);
  };
}

const reduceAll = reduction('all');
/**
 * Whether all elements are true: bool_. Over the axes (all), which keepdims leaves with size
 * one.
 *
 * @param a - the array to reduce.
 * @param axis - the axis or axes to reduce, from the end if negative; default: all.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.all(mx.array([1, 0])).item()); // => false
 * ```
 */
export function all(
  a: ArrayLike,
  axis?: Axes | boolean,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function all(a: ArrayLike, options: ReduceOptions): MLXArray;
export function all(a: ArrayLike, axis: Axes, options: ReduceOptions): MLXArray;
export function all(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceAll(a, rest);
}

const reduceAny = reduction('any');
/**
 * Whether any element is true: bool_. Over the axes (all), which keepdims leaves with size one.
 *
 * @param a - the array to reduce.
 * @param axis - the axis or axes to reduce, from the end if negative; default: all.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.any(mx.array([1, 0])).item()); // => true
 * ```
 */
export function any(
  a: ArrayLike,
  axis?: Axes | boolean,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function any(a: ArrayLike, options: ReduceOptions): MLXArray;
export function any(a: ArrayLike, axis: Axes, options: ReduceOptions): MLXArray;
export function any(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceAny(a, rest);
}

const reduceSum = reduction('sum');
/**
 * The sum of the elements, in their dtype, but of bool_ and small integers in int32 and of small
 * unsigned ones in uint32. Over the axes (all), which keepdims leaves with size one.
 *
 * @param a - the array to reduce.
 * @param axis - the axis or axes to reduce, from the end if negative; default: all.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.sum(mx.array([[1, 2], [3, 4]]), 0).tolist()); // => [ 4, 6 ]
 * ```
 */
export function sum(
  a: ArrayLike,
  axis?: Axes | boolean,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function sum(a: ArrayLike, options: ReduceOptions): MLXArray;
export function sum(a: ArrayLike, axis: Axes, options: ReduceOptions): MLXArray;
export function sum(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceSum(a, rest);
}

const reduceProd = reduction('prod');
/**
 * The product of the elements, in the dtype that sum has. Over the axes (all), which keepdims
 * leaves with size one.
 *
 * @param a - the array to reduce.
 * @param axis - the axis or axes to reduce, from the end if negative; default: all.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.prod(mx.array([2, 3, 4])).item()); // => 24
 * ```
 */
export function prod(
  a: ArrayLike,
  axis?: Axes | boolean,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function prod(a: ArrayLike, options: ReduceOptions): MLXArray;
export function prod(a: ArrayLike, axis: Axes, options: ReduceOptions): MLXArray;
export function prod(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceProd(a, rest);
}

const reduceMax = reduction('max');
/**
 * The largest element; NaN when there is one. Throws TypeError over an empty axis. Over the axes
 * (all), which keepdims leaves with size one.
 *
 * @param a - the array to reduce.
 * @param axis - the axis or axes to reduce, from the end if negative; default: all.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.max(mx.array([[1, 5], [7, 2]]), 1).tolist()); // => [ 5, 7 ]
 * ```
 */
export function max(
  a: ArrayLike,
  axis?: Axes | boolean,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function max(a: ArrayLike, options: ReduceOptions): MLXArray;
export function max(a: ArrayLike, axis: Axes, options: ReduceOptions): MLXArray;
export function max(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceMax(a, rest);
}

const reduceMin = reduction('min');
/**
 * The smallest element; NaN when there is one. Throws TypeError over an empty axis. Over the
 * axes (all), which keepdims leaves with size one.
 *
 * @param a - the array to reduce.
 * @param axis - the axis or axes to reduce, from the end if negative; default: all.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.min(mx.array([[1, 5], [7, 2]]), 1).tolist()); // => [ 1, 2 ]
 * ```
 */
export function min(
  a: ArrayLike,
  axis?: Axes | boolean,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function min(a: ArrayLike, options: ReduceOptions): MLXArray;
export function min(a: ArrayLike, axis: Axes, options: ReduceOptions): MLXArray;
export function min(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceMin(a, rest);
}

const reduceMean = reduction('mean');
/**
 * The mean of the elements; of integers in float32. Over the axes (all), which keepdims leaves
 * with size one.
 *
 * @param a - the array to reduce.
 * @param axis - the axis or axes to reduce, from the end if negative; default: all.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.mean(mx.array([1, 2, 6])).item()); // => 3
 * ```
 */
export function mean(
  a: ArrayLike,
  axis?: Axes | boolean,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function mean(a: ArrayLike, options: ReduceOptions): MLXArray;
export function mean(a: ArrayLike, axis: Axes, options: ReduceOptions): MLXArray;
export function mean(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceMean(a, rest);
}

const reduceLogsumexp = reduction('logsumexp');
/**
 * log(sum(exp(a))) without overflow; integers give float32. Over the axes (all), which keepdims
 * leaves with size one.
 *
 * @param a - the array to reduce.
 * @param axis - the axis or axes to reduce, from the end if negative; default: all.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.logsumexp(mx.array([0, -Infinity])).item()); // => 0
 * ```
 */
export function logsumexp(
  a: ArrayLike,
  axis?: Axes | boolean,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function logsumexp(a: ArrayLike, options: ReduceOptions): MLXArray;
export function logsumexp(a: ArrayLike, axis: Axes, options: ReduceOptions): MLXArray;
export function logsumexp(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceLogsumexp(a, rest);
}

const reduceVar = moment('var');
/**
 * The mean squared distance from the mean, dividing by the count less ddof (0). Over the axes
 * (all), which keepdims leaves with size one.
 *
 * @param a - the array to reduce.
 * @param axis - the axis or axes to reduce, from the end if negative; default: all.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 * @param ddof - what is taken off the count before dividing by it; default: 0.
 *
 * @example
 * ```ts
 * console.log(mx.var(mx.array([1, 3])).item()); // => 1
 * ```
 */
export function variance(
  a: ArrayLike,
  axis?: Axes | boolean,
  keepdims?: boolean,
  ddof?: number,
  stream?: StreamArgument,
): MLXArray;
export function variance(a: ArrayLike, options: MomentOptions): MLXArray;
export function variance(a: ArrayLike, axis: Axes, options: MomentOptions): MLXArray;
export function variance(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return within('variance', () => reduceVar(a, rest));
}

const reduceStd = moment('std');
/**
 * The square root of the variance. Over the axes (all), which keepdims leaves with size one.
 *
 * @param a - the array to reduce.
 * @param axis - the axis or axes to reduce, from the end if negative; default: all.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 * @param ddof - what is taken off the count before dividing by it; default: 0.
 *
 * @example
 * ```ts
 * console.log(mx.std(mx.array([1, 3])).item()); // => 1
 * ```
 */
export function std(
  a: ArrayLike,
  axis?: Axes | boolean,
  keepdims?: boolean,
  ddof?: number,
  stream?: StreamArgument,
): MLXArray;
export function std(a: ArrayLike, options: MomentOptions): MLXArray;
export function std(a: ArrayLike, axis: Axes, options: MomentOptions): MLXArray;
export function std(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceStd(a, rest);
}

const reduceMedian = reduction('median');
/**
 * The middle one of the ordered elements, or the mean of the middle two; NaN when there is one. Of
 * integers and bool_ in float32. Over the axes (all), which keepdims leaves with size one. Throws
 * TypeError over an empty axis.
 *
 * @param a - the array to reduce.
 * @param axis - the axis or axes to reduce, from the end if negative; default: all.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.median(mx.array([5, 1, 2, 9])).item()); // => 3.5
 * console.log(mx.median(mx.array([[3, 1, 2], [6, 5, 9]]), 1).tolist()); // => [ 2, 6 ]
 * ```
 */
export function median(
  a: ArrayLike,
  axis?: Axes | boolean,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function median(a: ArrayLike, options: ReduceOptions): MLXArray;
export function median(a: ArrayLike, axis: Axes, options: ReduceOptions): MLXArray;
export function median(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceMedian(a, rest);
}

const reduceCountNonzero = reduction('countNonzero');
/**
 * How many elements are not zero, in int32; NaN counts. Over the axes (all), which keepdims leaves
 * with size one.
 *
 * @param a - the array to reduce.
 * @param axis - the axis or axes to reduce, from the end if negative; default: all.
 * @param keepdims - whether reduced axes stay with size one; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.countNonzero(mx.array([[0, 1], [2, 3]])).item()); // => 3
 * console.log(mx.countNonzero(mx.array([[0, 1], [2, 3]]), { axis: 0 }).tolist()); // => [ 1, 2 ]
 * ```
 */
export function countNonzero(
  a: ArrayLike,
  axis?: Axes | boolean,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function countNonzero(a: ArrayLike, options: ReduceOptions): MLXArray;
export function countNonzero(a: ArrayLike, axis: Axes, options: ReduceOptions): MLXArray;
export function countNonzero(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceCountNonzero(a, rest);
}

const reduceArgmax = argReduction('argmax');
/**
 * The index (uint32) of the first largest element, or of the first NaN. Along an axis, or of the
 * flattened array.
 *
 * @param a - the array to reduce.
 * @param axis - the axis to search along; default: the array is flattened first.
 * @param keepdims - whether the axis stays with size one; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.argmax(mx.array([1, 5, 2])).item()); // => 1
 * ```
 */
export function argmax(
  a: ArrayLike,
  axis?: number | null | boolean,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function argmax(a: ArrayLike, options: ArgReduceOptions): MLXArray;
export function argmax(a: ArrayLike, axis: number | null, options: ArgReduceOptions): MLXArray;
export function argmax(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceArgmax(a, rest);
}

const reduceArgmin = argReduction('argmin');
/**
 * The index (uint32) of the first smallest element, or of the first NaN. Along an axis, or of
 * the flattened array.
 *
 * @param a - the array to reduce.
 * @param axis - the axis to search along; default: the array is flattened first.
 * @param keepdims - whether the axis stays with size one; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.argmin(mx.array([[4, 1], [2, 3]]), 1).tolist()); // => [ 1, 0 ]
 * ```
 */
export function argmin(
  a: ArrayLike,
  axis?: number | null | boolean,
  keepdims?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function argmin(a: ArrayLike, options: ArgReduceOptions): MLXArray;
export function argmin(a: ArrayLike, axis: number | null, options: ArgReduceOptions): MLXArray;
export function argmin(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return reduceArgmin(a, rest);
}
