import { call, idOf, type MLXArray } from '../array';
import { native } from '../native';
import { toArray } from '../operand';
import { parameters, required } from '../parameters';
import type { ArrayLike, StreamArgument, StreamOptions } from '../types';

// Ascending and stable, NaN last, along an axis (-1); null flattens first. Indices are uint32.

/** The option of sorting functions. */
export interface AxisOptions extends StreamOptions {
  /** The axis to sort along, -1; null flattens first. */
  axis?: number | null;
}

/** The axis for the addon, where undefined means to flatten. */
function sortAxis(axis: number | null | undefined): number | undefined {
  return axis === null ? undefined : (axis ?? -1);
}

/**
 * The elements in ascending order along an axis (-1); NaN comes last.
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
