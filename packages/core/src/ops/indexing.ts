import { native } from '../addon/native';
import { toArray, toHeldArray } from '../arguments/operands';
import { axisList, parameters, required, shapeList } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, isArray, type MLXArray } from '../array/array';
import { int32 } from '../dtypes/dtype';
import { within } from '../errors/errors';
import { checkIndices } from '../indexing/parse';

// Indices are integers; negative ones count from the end. Numbers and lists out of bounds are a
// RangeError at once, computed indices an EngineError when they are evaluated.

/** The option of functions that index along an axis. */
interface IndexAxisOptions extends StreamOptions {
  axis?: number | null;
}

function toIndices(indices: unknown, axis: number, size: number, name: string): MLXArray {
  if (isArray(indices)) return indices;
  checkIndices(indices, axis, size, name);
  return toArray(indices, name, int32);
}

function sizeAlong(a: MLXArray, axis: number | null | undefined, name: string): [number, number] {
  if (axis === undefined || axis === null) return [0, a.size];
  const shape = a.shape;
  const place = axis < 0 ? axis + shape.length : axis;
  if (place < 0 || place >= shape.length)
    throw new RangeError(
      `[${name}] Axis ${axis} is out of bounds for an array with ${shape.length} dimensions.`,
    );
  return [place, shape[place]!];
}

/**
 * The slices along an axis that the indices name, in the shape of the indices; without an axis,
 * elements of the flattened array.
 *
 * @param a - the array.
 * @param indices - integers; negative ones count from the end.
 * @param axis - the axis to index; default: the array is flattened first.
 *
 * @example
 * ```ts
 * const a = mx.array([[1, 2], [3, 4]]);
 * console.log(mx.take(a, [1, 0], 0).tolist()); // => [ [ 3, 4 ], [ 1, 2 ] ]
 * console.log(mx.take(a, 3).item()); // => 4
 * ```
 */
export function take(
  a: ArrayLike,
  indices: ArrayLike,
  axis?: number | null,
  stream?: StreamArgument,
): MLXArray;
export function take(a: ArrayLike, indices: ArrayLike, options: IndexAxisOptions): MLXArray;
export function take(a: ArrayLike, indices: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, stream } = readTake(rest);
  const input = toHeldArray(a, 'take');
  const places = toIndices(indices, ...sizeAlong(input, axis, 'take'), 'take');
  return call(native.take, stream, idOf(input), idOf(places), axis);
}
const readTake = parameters('take', { axis: 'axis' });

/**
 * For each place the element of a that the indices name along an axis; the other axes are
 * broadcast. null flattens first.
 *
 * @param a - the array.
 * @param indices - integers; negative ones count from the end.
 * @param axis - the axis to index; default: the array is flattened first.
 *
 * @example
 * ```ts
 * const a = mx.array([[3, 1], [2, 4]]);
 * console.log(mx.takeAlongAxis(a, mx.argsort(a, 1), 1).tolist()); // => [ [ 1, 3 ], [ 2, 4 ] ]
 * ```
 */
export function takeAlongAxis(
  a: ArrayLike,
  indices: ArrayLike,
  axis?: number | null,
  stream?: StreamArgument,
): MLXArray;
export function takeAlongAxis(
  a: ArrayLike,
  indices: ArrayLike,
  options: IndexAxisOptions,
): MLXArray;
export function takeAlongAxis(a: ArrayLike, indices: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, stream } = readTakeAlongAxis(rest);
  const name = 'takeAlongAxis';
  const input = toHeldArray(a, name);
  const places = toIndices(indices, ...sizeAlong(input, axis, name), name);
  return within(name, () => {
    const flat = (part: MLXArray): MLXArray =>
      typeof axis === 'number' ? part : call(native.flatten, stream, idOf(part), 0, -1);
    const [from, at] = [flat(input), flat(places)];
    return call(native.takeAlongAxis, stream, idOf(from), idOf(at), axis ?? 0);
  });
}
const readTakeAlongAxis = parameters('takeAlongAxis', { axis: 'axis' });

/**
 * The array with values written to the places that takeAlongAxis would read; the last of equal
 * indices wins. null flattens the array for the indices, and the result has its shape.
 *
 * @param a - the array.
 * @param indices - integers; negative ones count from the end.
 * @param values - what is written, broadcast to the indices.
 * @param axis - the axis to index; default: the array is flattened first.
 *
 * @example
 * ```ts
 * const a = mx.zeros([3]);
 * console.log(mx.putAlongAxis(a, [2], 5, 0).tolist()); // => [ 0, 0, 5 ]
 * ```
 */
export function putAlongAxis(
  a: ArrayLike,
  indices: ArrayLike,
  values: ArrayLike,
  axis?: number | null,
  stream?: StreamArgument,
): MLXArray;
export function putAlongAxis(
  a: ArrayLike,
  indices: ArrayLike,
  values: ArrayLike,
  options: IndexAxisOptions,
): MLXArray;
export function putAlongAxis(
  a: ArrayLike,
  indices: ArrayLike,
  values: ArrayLike,
  ...rest: unknown[]
): MLXArray {
  const { axis, stream } = readPutAlongAxis(rest);
  const input = toHeldArray(a, 'putAlongAxis');
  const places = toIndices(indices, ...sizeAlong(input, axis, 'putAlongAxis'), 'putAlongAxis');
  const updates = toHeldArray(values, 'putAlongAxis', input.dtype);
  if (axis !== undefined && axis !== null)
    return call(native.putAlongAxis, stream, idOf(input), idOf(places), idOf(updates), axis);
  return within('putAlongAxis', () => {
    const flat = call(native.flatten, stream, idOf(input), 0, -1);
    const flatPlaces = call(native.flatten, stream, idOf(places), 0, -1);
    const flatUpdates =
      updates.ndim > 1 ? call(native.flatten, stream, idOf(updates), 0, -1) : updates;
    const result = call(
      native.putAlongAxis,
      stream,
      idOf(flat),
      idOf(flatPlaces),
      idOf(flatUpdates),
      0,
    );
    return call(native.reshape, stream, idOf(result), input.shape);
  });
}
const readPutAlongAxis = parameters('putAlongAxis', { axis: 'axis' });

/**
 * A part of a given size along some axes, beginning at computed indices; other axes are taken
 * whole. A beginning is moved so that the part lies inside the array.
 *
 * @param a - the array.
 * @param startIndices - where the part begins along the axes, an array.
 * @param axes - the axes that startIndices are for.
 * @param sliceSize - the shape of the part.
 *
 * @example
 * ```ts
 * const a = mx.arange(6).reshape(2, 3);
 * console.log(mx.slice(a, mx.array([1], mx.int32), [1], [2, 2]).tolist()); // => [ [ 1, 2 ], [ 4, 5 ] ]
 * ```
 */
export function slice(
  a: ArrayLike,
  startIndices: ArrayLike,
  axes: readonly number[],
  sliceSize: readonly number[],
  stream?: StreamArgument,
): MLXArray;
export function slice(
  a: ArrayLike,
  startIndices: ArrayLike,
  options: StreamOptions & { axes: readonly number[]; sliceSize: readonly number[] },
): MLXArray;
export function slice(a: ArrayLike, startIndices: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axes, sliceSize, stream } = readSlice(rest);
  const input = toArray(a, 'slice');
  const start = toArray(startIndices, 'slice', int32);
  const along = axisList(required(axes, 'slice', 'axes'))!;
  const sizes = shapeList(required(sliceSize, 'slice', 'sliceSize'), 'slice');
  return within('slice', () =>
    call(native.dynamicSlice, stream, idOf(input), idOf(start), along, sizes),
  );
}
const readSlice = parameters('slice', { axes: 'axes', sliceSize: 'shape' });

/**
 * The array with the part that begins at computed indices along some axes replaced by update.
 *
 * @param a - the array.
 * @param update - what is written.
 * @param startIndices - where the part begins along the axes, an array.
 * @param axes - the axes that startIndices are for.
 *
 * @example
 * ```ts
 * const a = mx.zeros([4]);
 * const start = mx.array([1], mx.int32);
 * console.log(mx.sliceUpdate(a, mx.ones([2]), start, [0]).tolist()); // => [ 0, 1, 1, 0 ]
 * ```
 */
export function sliceUpdate(
  a: ArrayLike,
  update: ArrayLike,
  startIndices: ArrayLike,
  axes: readonly number[],
  stream?: StreamArgument,
): MLXArray;
export function sliceUpdate(
  a: ArrayLike,
  update: ArrayLike,
  startIndices: ArrayLike,
  options: StreamOptions & { axes: readonly number[] },
): MLXArray;
export function sliceUpdate(
  a: ArrayLike,
  update: ArrayLike,
  startIndices: ArrayLike,
  ...rest: unknown[]
): MLXArray {
  const { axes, stream } = readSliceUpdate(rest);
  const input = toArray(a, 'sliceUpdate');
  const along = axisList(required(axes, 'sliceUpdate', 'axes'))!;
  const start = toArray(startIndices, 'sliceUpdate', int32);
  return within('sliceUpdate', () => {
    const values = toArray(update, 'sliceUpdate', input.dtype);
    return call(native.dynamicSliceUpdate, stream, idOf(input), idOf(values), idOf(start), along);
  });
}
const readSliceUpdate = parameters('sliceUpdate', { axes: 'axes' });
