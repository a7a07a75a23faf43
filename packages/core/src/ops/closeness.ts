import { native } from '../addon/native';
import type { ArrayId, Operation, StreamCode } from '../addon/types';
import { arrayOrScalar, commonDtype, operandId, toOperand } from '../arguments/operands';
import { parameters } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, type MLXArray } from '../array/array';

// Whether arrays agree.

/** How near two values must be. */
export interface ClosenessOptions extends StreamOptions {
  /** Allowed difference relative to b, 1e-5. */
  rtol?: number;
  /** Allowed difference besides, 1e-8. */
  atol?: number;
  /** Whether NaN is close to NaN; default: false. */
  equalNan?: boolean;
}

function compare<Settings extends readonly unknown[]>(
  operation: Operation<[ArrayId, ArrayId, ...Settings]>,
  name: string,
  a: unknown,
  b: unknown,
  stream: StreamCode | undefined,
  ...settings: Settings
): MLXArray {
  const left = arrayOrScalar(a, name);
  const right = arrayOrScalar(b, name);
  const beside = commonDtype([left, right]);
  const first = toOperand(left, beside, name);
  const second = toOperand(right, beside, name);
  return call(operation, stream, operandId(first), operandId(second), ...settings);
}

/**
 * Whether |a - b| <= atol + rtol * |b| for each element, or both are the same infinity: bool_.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 * @param rtol - the difference allowed in proportion to b; default: 1e-5.
 * @param atol - the difference that is always allowed; default: 1e-8.
 * @param equalNan - whether NaN is equal to NaN; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.isclose(mx.array([1, 2]), mx.array([1, 2.1])).tolist()); // => [ true, false ]
 * ```
 */
export function isclose(
  a: ArrayLike,
  b: ArrayLike,
  rtol?: number,
  atol?: number,
  equalNan?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function isclose(a: ArrayLike, b: ArrayLike, options: ClosenessOptions): MLXArray;
export function isclose(a: ArrayLike, b: ArrayLike, ...rest: unknown[]): MLXArray {
  const { rtol, atol, equalNan, stream } = readIsclose(rest);
  return compare(
    native.isclose,
    'isclose',
    a,
    b,
    stream,
    rtol ?? 1e-5,
    atol ?? 1e-8,
    equalNan ?? false,
  );
}
const readIsclose = parameters('isclose', { rtol: 'number', atol: 'number', equalNan: 'boolean' });

/**
 * Whether all elements are close, as isclose tells: a scalar of bool_.
 *
 * @param a - the first array.
 * @param b - the second; their shapes are broadcast.
 * @param rtol - the difference allowed in proportion to b; default: 1e-5.
 * @param atol - the difference that is always allowed; default: 1e-8.
 * @param equalNan - whether NaN is equal to NaN; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.allclose(mx.array([1, 2]), mx.array([1, 2])).item()); // => true
 * ```
 */
export function allclose(
  a: ArrayLike,
  b: ArrayLike,
  rtol?: number,
  atol?: number,
  equalNan?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function allclose(a: ArrayLike, b: ArrayLike, options: ClosenessOptions): MLXArray;
export function allclose(a: ArrayLike, b: ArrayLike, ...rest: unknown[]): MLXArray {
  const { rtol, atol, equalNan, stream } = readAllclose(rest);
  return compare(
    native.allclose,
    'allclose',
    a,
    b,
    stream,
    rtol ?? 1e-5,
    atol ?? 1e-8,
    equalNan ?? false,
  );
}
const readAllclose = parameters('allclose', {
  rtol: 'number',
  atol: 'number',
  equalNan: 'boolean',
});

/**
 * Whether two arrays have one shape and equal elements: a scalar of bool_. Different shapes are
 * no error. NaN equals NaN only if equalNan says so.
 *
 * @param a - the first array.
 * @param b - the second.
 * @param equalNan - whether NaN is equal to NaN; default: false.
 *
 * @example
 * ```ts
 * console.log(mx.arrayEqual(mx.array([1, 2]), mx.array([1, 2])).item()); // => true
 * console.log(mx.arrayEqual(mx.array([1, 2]), mx.array([1])).item()); // => false
 * ```
 */
export function arrayEqual(
  a: ArrayLike,
  b: ArrayLike,
  equalNan?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function arrayEqual(
  a: ArrayLike,
  b: ArrayLike,
  options: StreamOptions & { equalNan?: boolean },
): MLXArray;
export function arrayEqual(a: ArrayLike, b: ArrayLike, ...rest: unknown[]): MLXArray {
  const { equalNan, stream } = readArrayEqual(rest);
  return compare(native.arrayEqual, 'arrayEqual', a, b, stream, equalNan ?? false);
}
const readArrayEqual = parameters('arrayEqual', { equalNan: 'boolean' });
