import { native } from '../addon/native';
import { array, dtype, integer, type Kind } from '../arguments/kinds';
import { parameters, shapeList } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import type { Dtype } from '../dtypes/dtype';
import type { GroupOptions } from './collectives';
import { group, type Group } from './group';

const shape: Kind<readonly number[]> = {
  text: 'a list of integers',
  fits: (value) => Array.isArray(value),
  read: (value, name) => shapeList(value, name),
};

const readSend = parameters('distributed.send', { x: array, dst: integer, group });
const readRecv = parameters('distributed.recv', { shape, dtype, src: integer, group });
const readRecvLike = parameters('distributed.recvLike', { x: array, src: integer, group });

/**
 * The array, which is sent to another process when the result is evaluated. Throws RangeError for a
 * process that isn't there.
 *
 * @param x - the array.
 * @param dst - the rank of the process that receives it.
 * @param group - the processes; default: all.
 *
 * @example
 * ```ts
 * const world = mx.distributed.init();
 * if (world.rank() === 0 && world.size() > 1) mx.eval(mx.distributed.send(mx.ones([2]), 1));
 * ```
 */
export function send(
  x: ArrayLike,
  dst: number,
  group?: Group | null,
  stream?: StreamArgument,
): MLXArray;
export function send(x: ArrayLike, dst: number, options: GroupOptions): MLXArray;
export function send(...values: unknown[]): MLXArray {
  const { x, dst, group, stream } = readSend(values);
  return call(native.distributedSend, stream, idOf(x), dst, group);
}

/**
 * An array that another process sends. Throws RangeError for a process that isn't there.
 *
 * @param shape - the shape that was sent.
 * @param dtype - the dtype that was sent.
 * @param src - the rank of the process that sends it.
 * @param group - the processes; default: all.
 *
 * @example
 * ```ts
 * const world = mx.distributed.init();
 * if (world.rank() === 1) console.log(mx.distributed.recv([2], mx.float32, 0).tolist());
 * ```
 */
export function recv(
  shape: readonly number[],
  dtype: Dtype,
  src: number,
  group?: Group | null,
  stream?: StreamArgument,
): MLXArray;
export function recv(
  shape: readonly number[],
  dtype: Dtype,
  src: number,
  options: GroupOptions,
): MLXArray;
export function recv(...values: unknown[]): MLXArray {
  const { shape, dtype, src, group, stream } = readRecv(values);
  return call(native.distributedRecv, stream, shape, dtype.code, src, group);
}

/**
 * An array of another's shape and dtype that another process sends. Throws RangeError for a process
 * that isn't there.
 *
 * @param x - the array that is like what was sent; its values don't matter.
 * @param src - the rank of the process that sends it.
 * @param group - the processes; default: all.
 *
 * @example
 * ```ts
 * const world = mx.distributed.init();
 * if (world.rank() === 1) console.log(mx.distributed.recvLike(mx.zeros([2]), 0).tolist());
 * ```
 */
export function recvLike(
  x: ArrayLike,
  src: number,
  group?: Group | null,
  stream?: StreamArgument,
): MLXArray;
export function recvLike(x: ArrayLike, src: number, options: GroupOptions): MLXArray;
export function recvLike(...values: unknown[]): MLXArray {
  const { x, src, group, stream } = readRecvLike(values);
  return call(native.distributedRecvLike, stream, idOf(x), src, group);
}
