import { native } from '../addon/native';
import { operandId, toArray, toHeldArray, toOperand } from '../arguments/operands';
import { parameters, required } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';

// Ascending and stable, NaN last, along an axis (-1); null flattens first. Indices are uint32.

/** The option of sorting functions. */
export interface AxisOptions extends StreamOptions {
  /** The axis to sort along; null flattens first; default: -1. */
  axis?: number | null;
}

/** The axis for the addon, where undefined means to flatten. */
function sortAxis(axis: number | null | undefined): number | undefined {
  return axis === null ? undefined : (axis ?? -1);
}

/**
 * The elements in ascending order along an axis (-1); NaN comes last.
 *
 * @param a - the array.
 * @param axis - the axis to sort along, null to flatten first; default: -1.
 *
 * @example
 * ```ts
 * console.log(mx.sort(mx.array([3, 1, 2])).tolist()); // => [ 1, 2, 3 ]
 * ```
 */
export function sort(a: ArrayLike, axis?: number | null, stream?: StreamArgument): MLXArray;
export function sort(a: ArrayLike, options: AxisOptions): MLXArray;
export function sort(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, stream } = readSort(rest);
  const input = toArray(a, 'sort');
  return call(native.sort, stream, idOf(input), sortAxis(axis));
}
const readSort = parameters('sort', { axis: 'axis' });

/**
 * The indices that sort along an axis (-1); equal elements keep their order.
 *
 * @param a - the array.
 * @param axis - the axis to sort along, null to flatten first; default: -1.
 *
 * @example
 * ```ts
 * console.log(mx.argsort(mx.array([3, 1, 2])).tolist()); // => [ 1, 2, 0 ]
 * ```
 */
export function argsort(a: ArrayLike, axis?: number | null, stream?: StreamArgument): MLXArray;
export function argsort(a: ArrayLike, options: AxisOptions): MLXArray;
export function argsort(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, stream } = readArgsort(rest);
  const input = toArray(a, 'argsort');
  return call(native.argsort, stream, idOf(input), sortAxis(axis));
}
const readArgsort = parameters('argsort', { axis: 'axis' });

/**
 * The elements with the one at kth where sorting puts it, none before it larger and none behind
 * it smaller. Throws RangeError for a kth outside of the axis (-1).
 *
 * @param a - the array.
 * @param kth - the place, from the end if negative.
 * @param axis - the axis to sort along, null to flatten first; default: -1.
 *
 * @example
 * ```ts
 * console.log(mx.partition(mx.array([3, 1, 2]), 1).index(1).item()); // => 2
 * ```
 */
export function partition(
  a: ArrayLike,
  kth: number,
  axis?: number | null,
  stream?: StreamArgument,
): MLXArray;
export function partition(a: ArrayLike, kth: number, options: AxisOptions): MLXArray;
export function partition(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { kth, axis, stream } = readPartition(rest);
  const input = toArray(a, 'partition');
  const place = required(kth, 'partition', 'kth');
  return call(native.partition, stream, idOf(input), place, sortAxis(axis));
}
const readPartition = parameters('partition', { kth: 'integer', axis: 'axis' });

/**
 * The indices that partition along an axis (-1) about the element at kth.
 *
 * @param a - the array.
 * @param kth - the place, from the end if negative.
 * @param axis - the axis to sort along, null to flatten first; default: -1.
 *
 * @example
 * ```ts
 * console.log(mx.argpartition(mx.array([3, 1, 2]), 0).index(0).item()); // => 1
 * ```
 */
export function argpartition(
  a: ArrayLike,
  kth: number,
  axis?: number | null,
  stream?: StreamArgument,
): MLXArray;
export function argpartition(a: ArrayLike, kth: number, options: AxisOptions): MLXArray;
export function argpartition(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { kth, axis, stream } = readArgpartition(rest);
  const input = toArray(a, 'argpartition');
  const place = required(kth, 'argpartition', 'kth');
  return call(native.argpartition, stream, idOf(input), place, sortAxis(axis));
}
const readArgpartition = parameters('argpartition', { kth: 'integer', axis: 'axis' });

/**
 * The k largest elements along an axis (-1), in ascending order.
 *
 * @param a - the array.
 * @param k - how many.
 * @param axis - the axis to sort along, null to flatten first; default: -1.
 *
 * @example
 * ```ts
 * console.log(mx.topk(mx.array([3, 1, 2]), 2).tolist()); // => [ 2, 3 ]
 * ```
 */
export function topk(
  a: ArrayLike,
  k: number,
  axis?: number | null,
  stream?: StreamArgument,
): MLXArray;
export function topk(a: ArrayLike, k: number, options: AxisOptions): MLXArray;
export function topk(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { k, axis, stream } = readTopk(rest);
  const input = toArray(a, 'topk');
  const place = required(k, 'topk', 'k');
  return call(native.topk, stream, idOf(input), place, sortAxis(axis));
}
const readTopk = parameters('topk', { k: 'integer', axis: 'axis' });

/**
 * Where each value goes into an ascending array of one axis to keep it ascending: uint32 in the
 * values' shape. Side 'left' (the default) is before elements that equal the value, 'right' behind
 * them. Both are cast to one dtype; NaN is last. Throws ShapeError unless the sequence has one
 * axis, TypeError for another side.
 *
 * @param sortedSequence - ascending values, of one axis.
 * @param values - the values to find places for.
 * @param side - 'left' is before equal elements, 'right' behind them; default: 'left'.
 *
 * @example
 * ```ts
 * const ascending = mx.array([1, 2, 2, 4]);
 * console.log(mx.searchsorted(ascending, mx.array([0, 2, 3, 5])).tolist()); // => [ 0, 1, 3, 4 ]
 * console.log(mx.searchsorted(ascending, mx.array([0, 2]), 'right').tolist()); // => [ 0, 3 ]
 * ```
 */
export function searchsorted(
  sortedSequence: ArrayLike,
  values: ArrayLike,
  side?: 'left' | 'right',
  stream?: StreamArgument,
): MLXArray;
export function searchsorted(
  sortedSequence: ArrayLike,
  values: ArrayLike,
  options: StreamOptions & { side?: 'left' | 'right' },
): MLXArray;
export function searchsorted(
  sortedSequence: ArrayLike,
  values: ArrayLike,
  ...rest: unknown[]
): MLXArray {
  const { side, stream } = readSearchsorted(rest);
  const sequence = toHeldArray(sortedSequence, 'searchsorted');
  const places = toOperand(values, sequence.dtype, 'searchsorted');
  return call(native.searchsorted, stream, idOf(sequence), operandId(places), side ?? 'left');
}
const readSearchsorted = parameters('searchsorted', { side: 'string' });
