import { native } from '../addon/native';
import { arraysAndRest } from '../arguments/array-lists';
import { toArray, toHeldArray } from '../arguments/operands';
import { axisList, parameters, readStream, required, shapeList } from '../arguments/reader';
import type { ArrayLike, Axes, StreamArgument, StreamOptions } from '../arguments/types';
import { call, callMany, idOf, type MLXArray } from '../array/array';
import { ShapeError, checked, within } from '../errors/errors';

// Axes in another order, and broadcasting: views that copy nothing.

/**
 * The axes in another order; without axes, or with null, all reversed.
 *
 * @param a - the array.
 * @param axes - the order of the axes; default: reversed.
 *
 * @example
 * ```ts
 * console.log(mx.transpose(mx.zeros([2, 3, 4])).shape); // => [ 4, 3, 2 ]
 * console.log(mx.transpose(mx.zeros([2, 3, 4]), [0, 2, 1]).shape); // => [ 2, 4, 3 ]
 * ```
 */
export function transpose(
  a: ArrayLike,
  axes?: readonly number[] | null,
  stream?: StreamArgument,
): MLXArray;
export function transpose(
  a: ArrayLike,
  options: StreamOptions & { axes?: readonly number[] | null },
): MLXArray;
export function transpose(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axes, stream } = readTranspose(rest);
  const input = toArray(a, 'transpose');
  return call(native.transpose, stream, idOf(input), axisList(axes));
}
const readTranspose = parameters('transpose', { axes: 'axes' });

/**
 * The axes in another order, as transpose does.
 *
 * @param a - the array.
 * @param axes - the order of the axes; default: reversed.
 *
 * @example
 * ```ts
 * console.log(mx.permuteDims(mx.zeros([2, 3]), [1, 0]).shape); // => [ 3, 2 ]
 * ```
 */
export function permuteDims(
  a: ArrayLike,
  axes?: readonly number[] | null,
  stream?: StreamArgument,
): MLXArray;
export function permuteDims(
  a: ArrayLike,
  options: StreamOptions & { axes?: readonly number[] | null },
): MLXArray;
export function permuteDims(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axes, stream } = readPermuteDims(rest);
  const input = toArray(a, 'permuteDims');
  return within('permuteDims', () => call(native.transpose, stream, idOf(input), axisList(axes)));
}
const readPermuteDims = parameters('permuteDims', { axes: 'axes' });

/**
 * Two axes exchanged.
 *
 * @param a - the array.
 * @param axis1 - an axis.
 * @param axis2 - the axis that changes places with it.
 *
 * @example
 * ```ts
 * console.log(mx.swapaxes(mx.zeros([2, 3, 4]), 0, 2).shape); // => [ 4, 3, 2 ]
 * ```
 */
export function swapaxes(
  a: ArrayLike,
  axis1: number,
  axis2: number,
  stream?: StreamArgument,
): MLXArray;
export function swapaxes(
  a: ArrayLike,
  options: StreamOptions & { axis1: number; axis2: number },
): MLXArray;
export function swapaxes(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis1, axis2, stream } = readSwapaxes(rest);
  const input = toArray(a, 'swapaxes');
  return call(
    native.swapaxes,
    stream,
    idOf(input),
    required(axis1, 'swapaxes', 'axis1'),
    required(axis2, 'swapaxes', 'axis2'),
  );
}
const readSwapaxes = parameters('swapaxes', { axis1: 'integer', axis2: 'integer' });

/**
 * One axis moved to another place, the others in their order.
 *
 * @param a - the array.
 * @param source - the axis or axes to move.
 * @param destination - where they go.
 *
 * @example
 * ```ts
 * console.log(mx.moveaxis(mx.zeros([2, 3, 4]), 0, 2).shape); // => [ 3, 4, 2 ]
 * ```
 */
export function moveaxis(
  a: ArrayLike,
  source: number,
  destination: number,
  stream?: StreamArgument,
): MLXArray;
export function moveaxis(
  a: ArrayLike,
  options: StreamOptions & { source: number; destination: number },
): MLXArray;
export function moveaxis(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { source, destination, stream } = readMoveaxis(rest);
  const input = toArray(a, 'moveaxis');
  return call(
    native.moveaxis,
    stream,
    idOf(input),
    required(source, 'moveaxis', 'source'),
    required(destination, 'moveaxis', 'destination'),
  );
}
const readMoveaxis = parameters('moveaxis', { source: 'integer', destination: 'integer' });

/**
 * The elements along the axes (all) in reverse order.
 *
 * @param a - the array.
 * @param axis - the axis or axes; default: all.
 *
 * @example
 * ```ts
 * console.log(mx.flip(mx.array([1, 2, 3])).tolist()); // => [ 3, 2, 1 ]
 * ```
 */
export function flip(a: ArrayLike, axis?: Axes, stream?: StreamArgument): MLXArray;
export function flip(a: ArrayLike, options: StreamOptions & { axis?: Axes }): MLXArray;
export function flip(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, stream } = readFlip(rest);
  const input = toArray(a, 'flip');
  return call(native.flip, stream, idOf(input), axisList(axis));
}
const readFlip = parameters('flip', { axis: 'axes' });

/**
 * The array repeated to a shape by NumPy's rules. Throws ShapeError when it doesn't fit.
 *
 * @param a - the array.
 * @param shape - the shape, to which the array must broadcast.
 *
 * @example
 * ```ts
 * console.log(mx.broadcastTo(mx.array([1, 2]), [2, 2]).tolist()); // => [ [ 1, 2 ], [ 1, 2 ] ]
 * ```
 */
export function broadcastTo(
  a: ArrayLike,
  shape: number | readonly number[],
  stream?: StreamArgument,
): MLXArray;
export function broadcastTo(
  a: ArrayLike,
  options: StreamOptions & { shape: readonly number[] },
): MLXArray;
export function broadcastTo(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { shape, stream } = readBroadcastTo(rest);
  const input = toArray(a, 'broadcastTo');
  const sizes = shapeList(required(shape, 'broadcastTo', 'shape'), 'broadcastTo');
  return call(native.broadcastTo, stream, idOf(input), sizes);
}
const readBroadcastTo = parameters('broadcastTo', { shape: 'shape' });

/**
 * The arrays in the shape in which they all meet. They may be given as one list. Throws
 * ShapeError when there is none.
 *
 * @param arrays - the arrays, one by one or as one list.
 *
 * @example
 * ```ts
 * console.log(mx.broadcastArrays(mx.zeros([2, 1]), mx.zeros([3])).map((a) => a.shape)); // => [ [ 2, 3 ], [ 2, 3 ] ]
 * ```
 */
export function broadcastArrays(...arrays: (ArrayLike | StreamArgument)[]): MLXArray[] {
  const [list, rest] = arraysAndRest(arrays, 'broadcastArrays');
  const stream = readStream(rest[0] as object | undefined, 'broadcastArrays');
  return callMany(native.broadcastArrays, stream, list.map(idOf));
}

/**
 * The shape in which several shapes meet by NumPy's rules. Throws ShapeError when there is none.
 *
 * @param shapes - the shapes.
 *
 * @example
 * ```ts
 * console.log(mx.broadcastShapes([2, 1], [3])); // => [ 2, 3 ]
 * ```
 */
export function broadcastShapes(...shapes: (readonly number[])[]): number[] {
  if (shapes.length === 0) throw new TypeError('[broadcastShapes] Expected at least one shape.');
  return shapes.reduce<number[]>(
    (a, b) => checked(native.broadcastShapes(a, shapeList(b, 'broadcastShapes'))),
    [],
  );
}

/**
 * Coordinate arrays of a grid. indexing 'xy' (the default) puts the second array's values along
 * the first axis, 'ij' keeps the order; sparse ones keep size one along the other axes. Options
 * stand last.
 *
 * @param arrays - the arrays, one by one or as one list.
 *
 * @example
 * ```ts
 * console.log(mx.meshgrid([mx.array([1, 2]), mx.array([3])], { indexing: 'ij' }).map((a) => a.shape)); // => [ [ 2, 1 ], [ 2, 1 ] ]
 * ```
 */
export function meshgrid(
  arrays: readonly ArrayLike[],
  options?: StreamOptions & { sparse?: boolean; indexing?: 'xy' | 'ij' },
): MLXArray[];
export function meshgrid(...arrays: ArrayLike[]): MLXArray[];
export function meshgrid(...values: unknown[]): MLXArray[] {
  const [list, rest] = arraysAndRest(values, 'meshgrid');
  const { sparse, indexing, stream } = readMeshgrid(rest);
  return callMany(native.meshgrid, stream, list.map(idOf), sparse ?? false, indexing ?? 'xy');
}
const readMeshgrid = parameters('meshgrid', { sparse: 'boolean', indexing: 'string' });

/**
 * A view of the elements in row-major order with any shape (its own), strides (row-contiguous
 * ones) and offset (0), in elements. Throws RangeError for places outside of the array.
 *
 * @param a - the array.
 * @param shape - the shape, to which the array must broadcast.
 * @param strides - the steps in elements along each axis; default: the array's.
 * @param offset - the first element; default: 0.
 *
 * @example
 * ```ts
 * console.log(mx.asStrided(mx.arange(4), [3, 2], [1, 1]).tolist()); // => [ [ 0, 1 ], [ 1, 2 ], [ 2, 3 ] ]
 * ```
 */
export function asStrided(
  a: ArrayLike,
  shape?: readonly number[] | null,
  strides?: readonly number[] | null,
  offset?: number,
  stream?: StreamArgument,
): MLXArray;
export function asStrided(
  a: ArrayLike,
  options: StreamOptions & {
    shape?: readonly number[] | null;
    strides?: readonly number[] | null;
    offset?: number;
  },
): MLXArray;
export function asStrided(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { shape, strides, offset, stream } = readAsStrided(rest);
  const input = toHeldArray(a, 'asStrided');
  const sizes = shapeList(shape ?? input.shape, 'asStrided');
  const steps = axisList(strides) ?? rowContiguousStrides(sizes);
  return call(native.asStrided, stream, idOf(input), sizes, steps, offset ?? 0);
}
const readAsStrided = parameters('asStrided', {
  shape: 'axes',
  strides: 'axes',
  offset: 'integer',
});

function rowContiguousStrides(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

/**
 * The same values in row-contiguous memory, or column-contiguous where that is allowed and
 * there.
 *
 * @param a - the array.
 * @param allowColMajor - whether the reverse order is fine too; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.contiguous(mx.transpose(mx.array([[1, 2], [3, 4]]))).tolist()); // => [ [ 1, 3 ], [ 2, 4 ] ]
 * ```
 */
export function contiguous(
  a: ArrayLike,
  allowColMajor?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function contiguous(
  a: ArrayLike,
  options: StreamOptions & { allowColMajor?: boolean },
): MLXArray;
export function contiguous(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { allowColMajor, stream } = readContiguous(rest);
  const input = toArray(a, 'contiguous');
  return call(native.contiguous, stream, idOf(input), allowColMajor ?? false);
}
const readContiguous = parameters('contiguous', { allowColMajor: 'boolean' });

/**
 * The last two axes exchanged, for each matrix of a batch. Throws ShapeError for fewer axes.
 *
 * @param a - the array.
 *
 * @example
 * ```ts
 * console.log(mx.matrixTranspose(mx.zeros([4, 2, 3])).shape); // => [ 4, 3, 2 ]
 * ```
 */
export function matrixTranspose(a: ArrayLike, stream?: StreamArgument): MLXArray {
  const code = readStream(stream, 'matrixTranspose', arguments.length, 2);
  const input = toHeldArray(a, 'matrixTranspose');
  if (input.ndim < 2)
    throw new ShapeError(
      `[matrixTranspose] Expected at least 2 axes but received shape (${input.shape.join()}).`,
    );
  return within('matrixTranspose', () => call(native.swapaxes, code, idOf(input), -1, -2));
}
