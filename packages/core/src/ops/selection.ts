import { native } from '../addon/native';
import {
  arrayOrScalar,
  commonDtype,
  operandId,
  toArray,
  toHeldArray,
  toOperand,
} from '../arguments/operands';
import { parameters, readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, callMany, idOf, type MLXArray } from '../array/array';

/**
 * Elements of x where the condition holds, of y elsewhere. All three are broadcast; x and y are
 * promoted to one dtype.
 *
 * @param condition - where it is true, x is taken.
 * @param x - what is taken there.
 * @param y - what is taken elsewhere; all shapes are broadcast.
 *
 * @example
 * ```ts
 * const a = mx.array([-1, 2, -3]);
 * console.log(mx.where(a.less(0), 0, a).tolist()); // => [ 0, 2, 0 ]
 * ```
 */
export function where(
  condition: ArrayLike,
  x: ArrayLike,
  y: ArrayLike,
  stream?: StreamArgument,
): MLXArray {
  const target = readStream(stream, 'where', arguments.length, 4);
  const test = toArray(condition, 'where');
  const left = arrayOrScalar(x, 'where');
  const right = arrayOrScalar(y, 'where');
  const beside = commonDtype([left, right]);
  const first = toOperand(left, beside, 'where');
  const second = toOperand(right, beside, 'where');
  return call(native.where, target, idOf(test), operandId(first), operandId(second));
}

/**
 * The elements, moved up to aMin or down to aMax where they lie outside; null is no bound. The
 * bounds are broadcast. Throws TypeError when both are null.
 *
 * @param a - the array, of any shape; the result has the same.
 * @param aMin - the least value, null for none.
 * @param aMax - the largest value, null for none.
 *
 * @example
 * ```ts
 * console.log(mx.clip(mx.array([-2, 0.5, 3]), 0, 1).tolist()); // => [ 0, 0.5, 1 ]
 * console.log(mx.clip(mx.array([-2, 3]), null, 1).tolist()); // => [ -2, 1 ]
 * ```
 */
export function clip(
  a: ArrayLike,
  aMin: ArrayLike | null,
  aMax: ArrayLike | null,
  stream?: StreamArgument,
): MLXArray;
export function clip(
  a: ArrayLike,
  options: StreamOptions & { aMin?: ArrayLike | null; aMax?: ArrayLike | null },
): MLXArray;
export function clip(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const given = readClip(rest);
  const input = toHeldArray(a, 'clip');
  const beside = input.dtype;
  const bounds = [given.aMin, given.aMax].map((bound) =>
    bound === undefined || bound === null ? undefined : toOperand(bound, beside, 'clip'),
  );
  const [low, high] = bounds.map((bound) => (bound === undefined ? undefined : operandId(bound)));
  return call(native.clip, given.stream, idOf(input), low, high);
}
const readClip = parameters('clip', { aMin: 'array', aMax: 'array' });

/**
 * The elements with NaN replaced by nan (0), and the infinities by posinf and neginf (by default
 * the largest and lowest value of the dtype).
 *
 * @param a - the array, of any shape; the result has the same.
 * @param nan - what NaN becomes; default: 0.
 * @param posinf - what Infinity becomes; default: the dtype's largest value.
 * @param neginf - what -Infinity becomes; default: the dtype's least value.
 *
 * @example
 * ```ts
 * console.log(mx.nanToNum(mx.array([NaN, Infinity]), 0, 9).tolist()); // => [ 0, 9 ]
 * ```
 */
export function nanToNum(
  a: ArrayLike,
  nan?: number,
  posinf?: number | null,
  neginf?: number | null,
  stream?: StreamArgument,
): MLXArray;
export function nanToNum(
  a: ArrayLike,
  options: StreamOptions & { nan?: number; posinf?: number | null; neginf?: number | null },
): MLXArray;
export function nanToNum(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { nan, posinf, neginf, stream } = readNanToNum(rest);
  const input = toArray(a, 'nanToNum');
  return call(native.nanToNum, stream, idOf(input), nan ?? 0, posinf, neginf);
}
const readNanToNum = parameters('nanToNum', { nan: 'number', posinf: 'number', neginf: 'number' });

/**
 * The quotients rounded down and what is left: `[floorDivide(a, b), remainder(a, b)]`.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 *
 * @example
 * ```ts
 * const [quotient, rest] = mx.divmod(mx.array([7, -7]), 3);
 * console.log(quotient.tolist(), rest.tolist()); // => [ 2, -3 ] [ 1, 2 ]
 * ```
 */
export function divmod(a: ArrayLike, b: ArrayLike, stream?: StreamArgument): [MLXArray, MLXArray] {
  const target = readStream(stream, 'divmod', arguments.length, 3);
  const left = arrayOrScalar(a, 'divmod');
  const right = arrayOrScalar(b, 'divmod');
  const beside = commonDtype([left, right]);
  const first = toOperand(left, beside, 'divmod');
  const second = toOperand(right, beside, 'divmod');
  return callMany(native.divmod, target, operandId(first), operandId(second)) as [
    MLXArray,
    MLXArray,
  ];
}

/**
 * Each element rounded to so many decimals (0), halves to even; negative decimals round to tens.
 *
 * @param a - the array, of any shape; the result has the same.
 * @param decimals - how many decimal places stay; default: 0.
 *
 * @example
 * ```ts
 * console.log(mx.round(mx.array([0.5, 1.5, 2.5])).tolist()); // => [ 0, 2, 2 ]
 * console.log(mx.round(mx.array([123]), -1).tolist()); // => [ 120 ]
 * ```
 */
export function round(a: ArrayLike, decimals?: number, stream?: StreamArgument): MLXArray;
export function round(a: ArrayLike, options: StreamOptions & { decimals?: number }): MLXArray;
export function round(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { decimals, stream } = readRound(rest);
  const input = toArray(a, 'round');
  return call(native.round, stream, idOf(input), decimals ?? 0);
}
const readRound = parameters('round', { decimals: 'integer' });
