import { native } from '../addon/native';
import { array } from '../arguments/kinds';
import { parameters } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import { group, type Group } from './group';

// All processes of a group make the same calls, in the same order, with one shape and dtype; what
// they are asked for is computed and exchanged when the result is evaluated.

/** Options of all operations in a group. */
export interface GroupOptions extends StreamOptions {
  /** The processes; default: all, the group that init gives. */
  group?: Group | null | undefined;
}

type Collective = (values: readonly unknown[]) => MLXArray;

function collective(name: string, operation: typeof native.distributedAllSum): Collective {
  const read = parameters(`distributed.${name}`, { x: array, group });
  return (values) => {
    const { x, group: number, stream } = read(values);
    return call(operation, stream, idOf(x), number);
  };
}

/**
 * The sum over the processes, element by element, on each of them. It is added in the order of
 * their ranks, to the same bits everywhere; half types are summed in float32. Its gradient is that
 * of a loss which every process has for itself.
 *
 * @param x - the array, of one shape and dtype on all processes.
 * @param group - the processes; default: all.
 *
 * @example
 * ```ts
 * // In a group of one it is the array.
 * console.log(mx.distributed.allSum(mx.array([1, 2])).tolist()); // => [ 1, 2 ]
 * ```
 */
export function allSum(x: ArrayLike, group?: Group | null, stream?: StreamArgument): MLXArray;
export function allSum(x: ArrayLike, options: GroupOptions): MLXArray;
export function allSum(...values: unknown[]): MLXArray {
  return runAllSum(values);
}
const runAllSum = collective('allSum', native.distributedAllSum);

/**
 * The largest elements over the processes, on each of them. NaN wins.
 *
 * @param x - the array, of one shape and dtype on all processes.
 * @param group - the processes; default: all.
 *
 * @example
 * ```ts
 * console.log(mx.distributed.allMax(mx.array([1, 2])).tolist()); // => [ 1, 2 ]
 * ```
 */
export function allMax(x: ArrayLike, group?: Group | null, stream?: StreamArgument): MLXArray;
export function allMax(x: ArrayLike, options: GroupOptions): MLXArray;
export function allMax(...values: unknown[]): MLXArray {
  return runAllMax(values);
}
const runAllMax = collective('allMax', native.distributedAllMax);

/**
 * The smallest elements over the processes, on each of them. NaN wins.
 *
 * @param x - the array, of one shape and dtype on all processes.
 * @param group - the processes; default: all.
 *
 * @example
 * ```ts
 * console.log(mx.distributed.allMin(mx.array([1, 2])).tolist()); // => [ 1, 2 ]
 * ```
 */
export function allMin(x: ArrayLike, group?: Group | null, stream?: StreamArgument): MLXArray;
export function allMin(x: ArrayLike, options: GroupOptions): MLXArray;
export function allMin(...values: unknown[]): MLXArray {
  return runAllMin(values);
}
const runAllMin = collective('allMin', native.distributedAllMin);

/**
 * The arrays of all processes, joined along the first axis in the order of their ranks. Scalars
 * become a vector.
 *
 * @param x - the array, of one shape and dtype on all processes.
 * @param group - the processes; default: all.
 *
 * @example
 * ```ts
 * console.log(mx.distributed.allGather(mx.ones([2, 3])).shape); // => [ 2, 3 ]
 * ```
 */
export function allGather(x: ArrayLike, group?: Group | null, stream?: StreamArgument): MLXArray;
export function allGather(x: ArrayLike, options: GroupOptions): MLXArray;
export function allGather(...values: unknown[]): MLXArray {
  return runAllGather(values);
}
const runAllGather = collective('allGather', native.distributedAllGather);

/**
 * The sum over the processes, of which each gets its part of the first axis. Throws ShapeError when
 * that can't be divided among them.
 *
 * @param x - the array, of one shape and dtype on all processes.
 * @param group - the processes; default: all.
 *
 * @example
 * ```ts
 * console.log(mx.distributed.sumScatter(mx.array([1, 2])).tolist()); // => [ 1, 2 ]
 * ```
 */
export function sumScatter(x: ArrayLike, group?: Group | null, stream?: StreamArgument): MLXArray;
export function sumScatter(x: ArrayLike, options: GroupOptions): MLXArray;
export function sumScatter(...values: unknown[]): MLXArray {
  return runSumScatter(values);
}
const runSumScatter = collective('sumScatter', native.distributedSumScatter);
