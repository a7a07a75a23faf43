import { native } from '../addon/native';
import type { StreamCode } from '../addon/types';
import { toArrays } from '../arguments/array-lists';
import { copyList } from '../arguments/lists';
import { operandId, toArray, toHeldArray, toOperand } from '../arguments/operands';
import { axisList, parameters, required, shapeList } from '../arguments/reader';
import type { ArrayLike, Axes, StreamArgument, StreamOptions } from '../arguments/types';
import { call, callMany, idOf, type MLXArray } from '../array/array';
import { ShapeError, within } from '../errors/errors';
import type { AxisOptions } from './sort';

// Several arrays from one, and one from several.

/**
 * Joins arrays along an axis (0; null flattens first). They agree in all other axes (ShapeError)
 * and are cast to one dtype.
 *
 * @param arrays - the arrays, as one list.
 * @param axis - the axis; default: 0.
 *
 * @example
 * ```ts
 * console.log(mx.concatenate([mx.array([1, 2]), mx.array([3])]).tolist()); // => [ 1, 2, 3 ]
 * ```
 */
export function concatenate(
  arrays: readonly ArrayLike[],
  axis?: number | null,
  stream?: StreamArgument,
): MLXArray;
export function concatenate(arrays: readonly ArrayLike[], options: AxisOptions): MLXArray;
export function concatenate(arrays: readonly ArrayLike[], ...rest: unknown[]): MLXArray {
  return joinArrays('concatenate', arrays, readConcatenate(rest));
}
const readConcatenate = parameters('concatenate', { axis: 'axis' });

/**
 * Joins arrays along an axis, as concatenate does.
 *
 * @param arrays - the arrays, as one list.
 * @param axis - the axis; default: 0.
 *
 * @example
 * ```ts
 * console.log(mx.concat([mx.array([1]), mx.array([2])]).tolist()); // => [ 1, 2 ]
 * ```
 */
export function concat(
  arrays: readonly ArrayLike[],
  axis?: number | null,
  stream?: StreamArgument,
): MLXArray;
export function concat(arrays: readonly ArrayLike[], options: AxisOptions): MLXArray;
export function concat(arrays: readonly ArrayLike[], ...rest: unknown[]): MLXArray {
  return joinArrays('concat', arrays, readConcat(rest));
}
const readConcat = parameters('concat', { axis: 'axis' });

/**
 * Joins arrays of one shape along a new axis (0; null flattens first).
 *
 * @param arrays - the arrays, as one list.
 * @param axis - the axis; default: 0.
 *
 * @example
 * ```ts
 * console.log(mx.stack([mx.array([1, 2]), mx.array([3, 4])]).tolist()); // => [ [ 1, 2 ], [ 3, 4 ] ]
 * console.log(mx.stack([mx.array([1, 2]), mx.array([3, 4])], 1).tolist()); // => [ [ 1, 3 ], [ 2, 4 ] ]
 * ```
 */
export function stack(
  arrays: readonly ArrayLike[],
  axis?: number | null,
  stream?: StreamArgument,
): MLXArray;
export function stack(arrays: readonly ArrayLike[], options: AxisOptions): MLXArray;
export function stack(arrays: readonly ArrayLike[], ...rest: unknown[]): MLXArray {
  const { axis, stream } = readStack(rest);
  const list = readArrays(arrays, 'stack');
  return within('stack', () => {
    const parts = axis === null ? list.map((part) => flattened(part, stream)) : list;
    return call(native.stack, stream, parts.map(idOf), axis ?? 0);
  });
}
const readStack = parameters('stack', { axis: 'axis' });

function readArrays(arrays: unknown, name: string): MLXArray[] {
  if (!Array.isArray(arrays)) throw new TypeError(`[${name}] Expected a list of arrays.`);
  return toArrays(arrays, name);
}

function flattened(a: MLXArray, stream: StreamCode | undefined): MLXArray {
  return call(native.flatten, stream, idOf(a), 0, -1);
}

function joinArrays(
  name: string,
  arrays: readonly ArrayLike[],
  { axis, stream }: { axis?: number | null | undefined; stream?: StreamCode | undefined },
): MLXArray {
  const list = readArrays(arrays, name);
  return within(name, () => {
    const parts = axis === null ? list.map((part) => flattened(part, stream)) : list;
    return call(native.concatenate, stream, parts.map(idOf), axis ?? 0);
  });
}

/**
 * Parts of an array along an axis (0): so many equal ones, or parts that begin at the given
 * indices. Throws ShapeError when equal parts don't fit.
 *
 * @param a - the array.
 * @param indicesOrSections - how many equal parts, or where to cut.
 * @param axis - the axis; default: 0.
 *
 * @example
 * ```ts
 * console.log(mx.split(mx.arange(4), 2).map((a) => a.tolist())); // => [ [ 0, 1 ], [ 2, 3 ] ]
 * console.log(mx.split(mx.arange(4), [1]).map((a) => a.tolist())); // => [ [ 0 ], [ 1, 2, 3 ] ]
 * ```
 */
export function split(
  a: ArrayLike,
  indicesOrSections: number | readonly number[],
  axis?: number,
  stream?: StreamArgument,
): MLXArray[];
export function split(
  a: ArrayLike,
  indicesOrSections: number | readonly number[],
  options: StreamOptions & { axis?: number },
): MLXArray[];
export function split(a: ArrayLike, ...rest: unknown[]): MLXArray[] {
  const { indicesOrSections, axis, stream } = readSplit(rest);
  const input = toArray(a, 'split');
  const where = required(indicesOrSections, 'split', 'indicesOrSections');
  const id = idOf(input);
  return within('split', () =>
    typeof where === 'number'
      ? callMany(native.splitParts, stream, id, where, axis ?? 0)
      : callMany(native.splitAt, stream, id, where, axis ?? 0),
  );
}
const readSplit = parameters('split', { indicesOrSections: 'shape', axis: 'integer' });

/**
 * The slices along an axis (0), without it.
 *
 * @param x - the array.
 * @param axis - the axis; default: 0.
 *
 * @example
 * ```ts
 * console.log(mx.unstack(mx.array([[1, 2], [3, 4]])).map((a) => a.tolist())); // => [ [ 1, 2 ], [ 3, 4 ] ]
 * ```
 */
export function unstack(
  x: ArrayLike,
  axis?: number | (StreamOptions & { axis?: number }),
  stream?: StreamArgument,
): MLXArray[];
export function unstack(x: ArrayLike, ...rest: unknown[]): MLXArray[] {
  const { axis, stream } = readUnstack(rest);
  const input = toArray(x, 'unstack');
  return callMany(native.unstack, stream, idOf(input), axis ?? 0);
}
const readUnstack = parameters('unstack', { axis: 'integer' });

/**
 * Each element so many times in a row along an axis, or (null) of the flattened array.
 *
 * @param axis - the axis; default: the array is flattened first.
 * @param array - the array.
 * @param repeats - how often each element comes.
 *
 * @example
 * ```ts
 * console.log(mx.repeat(mx.array([1, 2]), 2).tolist()); // => [ 1, 1, 2, 2 ]
 * ```
 */
export function repeat(
  array: ArrayLike,
  repeats: number,
  axis?: number | null,
  stream?: StreamArgument,
): MLXArray;
export function repeat(
  array: ArrayLike,
  repeats: number,
  options: StreamOptions & { axis?: number | null },
): MLXArray;
export function repeat(array: ArrayLike, ...rest: unknown[]): MLXArray {
  const { repeats, axis, stream } = readRepeat(rest);
  const input = toArray(array, 'repeat');
  return call(native.repeat, stream, idOf(input), required(repeats, 'repeat', 'repeats'), axis);
}
const readRepeat = parameters('repeat', { repeats: 'integer', axis: 'axis' });

/**
 * The whole array reps[i] times along axis i; reps and shape are aligned at the end.
 *
 * @param a - the array.
 * @param reps - how often along each axis.
 *
 * @example
 * ```ts
 * console.log(mx.tile(mx.array([1, 2]), 2).tolist()); // => [ 1, 2, 1, 2 ]
 * ```
 */
export function tile(
  a: ArrayLike,
  reps: number | readonly number[],
  stream?: StreamArgument,
): MLXArray;
export function tile(
  a: ArrayLike,
  options: StreamOptions & { reps: number | readonly number[] },
): MLXArray;
export function tile(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { reps, stream } = readTile(rest);
  const input = toArray(a, 'tile');
  return call(native.tile, stream, idOf(input), shapeList(required(reps, 'tile', 'reps'), 'tile'));
}
const readTile = parameters('tile', { reps: 'shape' });

/**
 * The elements moved along the axes, the last ones coming in first; without axes, of the
 * flattened array.
 *
 * @param axis - the axis; default: the array is flattened first.
 * @param a - the array.
 * @param shift - by how many places, one number or one for each axis.
 *
 * @example
 * ```ts
 * console.log(mx.roll(mx.array([1, 2, 3]), 1).tolist()); // => [ 3, 1, 2 ]
 * ```
 */
export function roll(
  a: ArrayLike,
  shift: number | readonly number[],
  axis?: Axes,
  stream?: StreamArgument,
): MLXArray;
export function roll(
  a: ArrayLike,
  shift: number | readonly number[],
  options: StreamOptions & { axis?: Axes },
): MLXArray;
export function roll(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { shift, axis, stream } = readRoll(rest);
  const input = toArray(a, 'roll');
  const axes = axisList(axis);
  const given = required(shift, 'roll', 'shift');
  // One shift serves every axis.
  const shifts = typeof given === 'number' ? (axes ?? [0]).map(() => given) : given;
  return call(native.roll, stream, idOf(input), shifts, axes);
}
const readRoll = parameters('roll', { shift: 'shape', axis: 'axes' });

type PadWidth = number | readonly number[] | readonly (readonly number[])[];

/**
 * An array that is larger at both ends of its axes. padWidth is one number, [before, after] for
 * all axes, or one such pair an axis. mode 'constant' writes constantValues (0), 'edge' repeats
 * the end, 'reflect' mirrors about the end element, 'symmetric' mirrors with it.
 *
 * @param a - the array.
 * @param padWidth - how much at both ends: a number, a pair, or a pair for each axis.
 * @param mode - 'constant', 'edge', 'reflect' or 'symmetric'; default: 'constant'.
 * @param constantValues - what is put there in mode constant; default: 0.
 *
 * @example
 * ```ts
 * console.log(mx.pad(mx.array([1, 2]), 1).tolist()); // => [ 0, 1, 2, 0 ]
 * console.log(mx.pad(mx.array([1, 2]), [0, 2], 'edge').tolist()); // => [ 1, 2, 2, 2 ]
 * console.log(mx.pad(mx.array([1]), 1, 9).tolist()); // => [ 9, 1, 9 ]
 * ```
 */
export function pad(
  a: ArrayLike,
  padWidth: PadWidth,
  mode?: 'constant' | 'edge' | 'reflect' | 'symmetric' | ArrayLike,
  constantValues?: ArrayLike,
  stream?: StreamArgument,
): MLXArray;
export function pad(
  a: ArrayLike,
  padWidth: PadWidth,
  options: StreamOptions & {
    mode?: 'constant' | 'edge' | 'reflect' | 'symmetric';
    constantValues?: ArrayLike;
  },
): MLXArray;
export function pad(a: ArrayLike, padWidth: PadWidth, ...rest: unknown[]): MLXArray {
  const { mode, constantValues, stream } = readPad(rest);
  const input = toHeldArray(a, 'pad');
  const pairs = padPairs(padWidth, input.ndim);
  const axes = pairs.map((_, i) => i);
  const low = pairs.map((pair) => pair[0]);
  const high = pairs.map((pair) => pair[1]);
  const value = toOperand(constantValues ?? 0, input.dtype, 'pad');
  return call(
    native.pad,
    stream,
    idOf(input),
    axes,
    low,
    high,
    operandId(value),
    mode ?? 'constant',
  );
}
const readPad = parameters('pad', { mode: 'string', constantValues: 'array' });

/** How much to add before and after each axis. */
function padPairs(width: PadWidth, ndim: number): [number, number][] {
  const toPair = (entry: number | readonly number[]): [number, number] => {
    const list = typeof entry === 'number' ? [entry] : entry;
    const valid =
      Array.isArray(list) &&
      (list.length === 1 || list.length === 2) &&
      list.every((one) => Number.isInteger(one));
    if (!valid)
      throw new TypeError('[pad] A pad width is an integer, [n], [before, after] or such pairs.');
    return [list[0]!, list[1] ?? list[0]!];
  };
  const list = Array.isArray(width)
    ? copyList(width as readonly (number | readonly number[])[], 'pad')
    : undefined;
  if (list?.some((one) => Array.isArray(one)) !== true) {
    const pair = toPair((list as readonly number[] | undefined) ?? (width as number));
    return Array.from({ length: ndim }, () => pair);
  }
  const pairs = list.map(toPair);
  if (pairs.length === 1) return Array.from({ length: ndim }, () => pairs[0]!);
  if (pairs.length !== ndim)
    throw new ShapeError(`[pad] ${pairs.length} pad widths were given for ${ndim} axes.`);
  return pairs;
}
