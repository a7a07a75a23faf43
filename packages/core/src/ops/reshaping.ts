import type { OperationsLike } from '../addon/functions';
import { native } from '../addon/native';
import { copyList, mostElements } from '../arguments/lists';
import { isArrayLike, toArray } from '../arguments/operands';
import { axisList, parameters, readStream, required, shapeList } from '../arguments/reader';
import type { ArrayLike, Axes, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';

// The same elements in another shape. Whatever strides can express is a view and copies nothing.

/**
 * The same elements in another shape; one dimension may be -1 and takes what is left. Throws
 * ShapeError when the sizes differ.
 *
 * @param a - the array.
 * @param shape - the shape of the result; one size may be -1.
 *
 * @example
 * ```ts
 * console.log(mx.reshape(mx.arange(4), [2, -1]).tolist()); // => [ [ 0, 1 ], [ 2, 3 ] ]
 * ```
 */
export function reshape(
  a: ArrayLike,
  shape: number | readonly number[],
  stream?: StreamArgument,
): MLXArray;
export function reshape(
  a: ArrayLike,
  options: StreamOptions & { shape: readonly number[] },
): MLXArray;
export function reshape(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { shape, stream } = readReshape(rest);
  const input = toArray(a, 'reshape');
  const sizes = shapeList(required(shape, 'reshape', 'shape'), 'reshape');
  return call(native.reshape, stream, idOf(input), sizes);
}
const readReshape = parameters('reshape', { shape: 'shape' });

/**
 * Splits one axis into several; one of their sizes may be -1.
 *
 * @param a - the array.
 * @param axis - the axis to divide.
 * @param shape - the axes that it becomes; one size may be -1.
 *
 * @example
 * ```ts
 * console.log(mx.unflatten(mx.arange(4), 0, [2, 2]).shape); // => [ 2, 2 ]
 * ```
 */
export function unflatten(
  a: ArrayLike,
  axis: number,
  shape: readonly number[],
  stream?: StreamArgument,
): MLXArray;
export function unflatten(
  a: ArrayLike,
  options: StreamOptions & { axis: number; shape: readonly number[] },
): MLXArray;
export function unflatten(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, shape, stream } = readUnflatten(rest);
  const input = toArray(a, 'unflatten');
  const sizes = shapeList(required(shape, 'unflatten', 'shape'), 'unflatten');
  return call(native.unflatten, stream, idOf(input), required(axis, 'unflatten', 'axis'), sizes);
}
const readUnflatten = parameters('unflatten', { axis: 'integer', shape: 'shape' });

/**
 * Joins the axes from startAxis (0) to endAxis (-1), both included, into one. A scalar becomes
 * one element.
 *
 * @param a - the array.
 * @param startAxis - the first axis to join; default: 0.
 * @param endAxis - the last axis to join; default: -1.
 *
 * @example
 * ```ts
 * console.log(mx.flatten(mx.zeros([2, 3, 4]), 1).shape); // => [ 2, 12 ]
 * ```
 */
export function flatten(
  a: ArrayLike,
  startAxis?: number,
  endAxis?: number,
  stream?: StreamArgument,
): MLXArray;
export function flatten(
  a: ArrayLike,
  options: StreamOptions & { startAxis?: number; endAxis?: number },
): MLXArray;
export function flatten(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { startAxis, endAxis, stream } = readFlatten(rest);
  const input = toArray(a, 'flatten');
  return call(native.flatten, stream, idOf(input), startAxis ?? 0, endAxis ?? -1);
}
const readFlatten = parameters('flatten', { startAxis: 'integer', endAxis: 'integer' });

/**
 * Drops the axes (all) of size one. Throws ShapeError for an axis of another size.
 *
 * @param a - the array.
 * @param axis - the axes of size one to remove; default: all of them.
 *
 * @example
 * ```ts
 * console.log(mx.squeeze(mx.zeros([1, 3, 1])).shape); // => [ 3 ]
 * console.log(mx.squeeze(mx.zeros([1, 3, 1]), 0).shape); // => [ 3, 1 ]
 * ```
 */
export function squeeze(a: ArrayLike, axis?: Axes, stream?: StreamArgument): MLXArray;
export function squeeze(a: ArrayLike, options: StreamOptions & { axis?: Axes }): MLXArray;
export function squeeze(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, stream } = readSqueeze(rest);
  const input = toArray(a, 'squeeze');
  return call(native.squeeze, stream, idOf(input), axisList(axis));
}
const readSqueeze = parameters('squeeze', { axis: 'axes' });

/**
 * Adds axes of size one; the axes count in the result.
 *
 * @param a - the array.
 * @param axis - where new axes stand in the result.
 *
 * @example
 * ```ts
 * console.log(mx.expandDims(mx.zeros([3]), 0).shape); // => [ 1, 3 ]
 * console.log(mx.expandDims(mx.zeros([3]), [0, -1]).shape); // => [ 1, 3, 1 ]
 * ```
 */
export function expandDims(
  a: ArrayLike,
  axis: number | readonly number[],
  stream?: StreamArgument,
): MLXArray;
export function expandDims(
  a: ArrayLike,
  options: StreamOptions & { axis: number | readonly number[] },
): MLXArray;
export function expandDims(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, stream } = readExpandDims(rest);
  const input = toArray(a, 'expandDims');
  const axes = axisList(required(axis, 'expandDims', 'axis'));
  return call(native.expandDims, stream, idOf(input), axes!);
}
const readExpandDims = parameters('expandDims', { axis: 'axes' });

/** The elements of a list of arrays and lists; undefined for what is one array. */
function listOfSeveral(value: unknown, name: string): unknown[] | undefined {
  // A longer one holds numbers.
  if (!Array.isArray(value) || !(value.length <= mostElements)) return undefined;
  const list = copyList(value as unknown[], name);
  return list.some((one) => typeof one === 'object') ? list : undefined;
}

/** Applies an operation to each of several arrays, given one by one or as one list. */
function onEach(
  name: OperationsLike<typeof native.atleast1d>,
  values: readonly unknown[],
): MLXArray | MLXArray[] {
  const last = values.at(-1);
  const hasStream = values.length > 1 && !isArrayLike(last);
  const stream = hasStream ? readStream(last as object, name) : undefined;
  const given = hasStream ? values.slice(0, -1) : values;
  const list = given.length === 1 ? listOfSeveral(given[0], name) : undefined;
  const results = (list ?? given).map((value) => {
    const input = toArray(value, name);
    return call(native[name], stream, idOf(input));
  });
  return results.length === 1 && list === undefined ? results[0]! : results;
}

/**
 * The arrays with at least one dimension: scalars become vectors. One array gives one, several
 * or a list give a list.
 *
 * @param arrays - the arrays, one by one or as one list.
 *
 * @example
 * ```ts
 * console.log((mx.atleast1d(5) as mx.array).shape); // => [ 1 ]
 * ```
 */
export function atleast1d(...arrays: (ArrayLike | StreamArgument)[]): MLXArray | MLXArray[] {
  return onEach('atleast1d', arrays);
}

/**
 * The arrays with at least two dimensions: new ones stand in front. One array gives one, several
 * or a list give a list.
 *
 * @param arrays - the arrays, one by one or as one list.
 *
 * @example
 * ```ts
 * console.log((mx.atleast2d(mx.zeros([3])) as mx.array).shape); // => [ 1, 3 ]
 * ```
 */
export function atleast2d(...arrays: (ArrayLike | StreamArgument)[]): MLXArray | MLXArray[] {
  return onEach('atleast2d', arrays);
}

/**
 * The arrays with at least three dimensions: a vector becomes [1, n, 1], a matrix [n, m, 1]. One
 * array gives one, several or a list give a list.
 *
 * @param arrays - the arrays, one by one or as one list.
 *
 * @example
 * ```ts
 * console.log((mx.atleast3d(mx.zeros([3])) as mx.array).shape); // => [ 1, 3, 1 ]
 * ```
 */
export function atleast3d(...arrays: (ArrayLike | StreamArgument)[]): MLXArray | MLXArray[] {
  return onEach('atleast3d', arrays);
}
