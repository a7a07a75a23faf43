import { checkCount } from '../arguments/count';
import { isArrayLike, toArray } from '../arguments/operands';
import { reader } from '../arguments/reader';
import type { ArrayLike } from '../arguments/types';
import { Dtype } from '../dtypes/dtype';
import { within } from '../errors/errors';
import { MLXArray, heldDtype, isArray } from './array';
import { arrayFromValue } from './from-javascript';
import { internals, internalsSymbol, type Internals } from './internals';

import './methods';

interface ArrayFunction {
  /**
   * Makes an array of a value; a list must not be ragged, and numbers must fit an integer dtype.
   *
   * @param value - a scalar, nested lists, a TypedArray, or an array, which is copied.
   * @param dtype - the dtype; default: float32 for numbers, bool_ for booleans, int64 for bigints,
   *   complex64 for Complex, a TypedArray's or array's own.
   */
  new (value: ArrayLike, dtype?: Dtype | null): MLXArray;
  /**
   * Makes an array of a value; a list must not be ragged, and numbers must fit an integer dtype.
   *
   * @param value - a scalar, nested lists, a TypedArray, or an array, which is copied.
   * @param dtype - the dtype; default: float32 for numbers, bool_ for booleans, int64 for bigints,
   *   complex64 for Complex, a TypedArray's or array's own.
   */
  (value: ArrayLike, dtype?: Dtype | null): MLXArray;
  readonly prototype: MLXArray;
  /** For @mlx/nn and @mlx/optimizers. */
  readonly [internalsSymbol: symbol]: Internals;
}

function makeArray(value: ArrayLike, dtype?: Dtype | null): MLXArray {
  checkCount(arguments.length, 2, 'array');
  if (dtype !== undefined && dtype !== null && !(dtype instanceof Dtype))
    throw new TypeError('[array] The second argument is a Dtype, such as mx.float32.');
  return isArrayLike(value)
    ? arrayFromValue(value, dtype ?? undefined, 'array')
    : toArray(value, 'array');
}

makeArray.prototype = MLXArray.prototype;
Object.defineProperty(makeArray, 'name', { value: 'array' });
Object.defineProperty(makeArray, internalsSymbol, { value: internals });
Object.defineProperty(MLXArray.prototype, 'constructor', { value: makeArray });

/**
 * Makes an array of a value: a scalar, nested lists, a TypedArray, or an array, which is copied.
 * Numbers give float32, booleans bool_, bigints int64, Complex complex64, a TypedArray its own
 * dtype (Float64Array float32), unless a dtype is given. It is also the class of arrays, with and
 * without `new`, and their type.
 *
 * Throws ShapeError for ragged lists, RangeError for numbers that don't fit an integer dtype.
 *
 * @example
 * ```ts
 * const a = mx.array([[1, 2], [3, 4]]);
 * console.log(a.shape, a.dtype); // => [ 2, 2 ] float32
 * console.log(a instanceof mx.array); // => true
 * console.log(mx.array(new Uint8Array([1, 2])).dtype); // => uint8
 * ```
 */
export const array = makeArray as unknown as ArrayFunction;
/** An n-dimensional array. */
export type array = MLXArray;

/** Options of asarray. */
export interface AsarrayOptions {
  /** The dtype of the result; default: the value's. */
  dtype?: Dtype | null | undefined;
  /** Whether to copy; default: null, only if there is no other way. */
  copy?: boolean | null | undefined;
}

const readAsarray = reader('asarray', { dtype: 'dtype', copy: 'boolean' });

/**
 * The value as an array, copied only if copy is true or its dtype changes. With copy false, a
 * value that would have to be copied is a TypeError.
 *
 * @param a - the value: an array, a scalar, nested lists or a TypedArray.
 * @param dtype - the dtype of the result; default: the value's.
 *
 * @example
 * ```ts
 * const a = mx.array([1, 2]);
 * console.log(mx.asarray(a) === a); // => true
 * console.log(mx.asarray([1, 2], mx.int32).dtype); // => int32
 * ```
 */
export function asarray(
  a: ArrayLike,
  dtype?: Dtype | null,
  options?: boolean | null | AsarrayOptions,
): MLXArray;
export function asarray(a: ArrayLike, options: AsarrayOptions): MLXArray;
export function asarray(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const given = readAsarray(rest);
  const dtype = given.dtype ?? null;
  const copy = given.copy ?? null;
  const isSame = isArray(a) && (dtype === null || heldDtype(a) === dtype);
  if (isSame && copy !== true) return a;
  if (copy === false)
    throw new TypeError('[asarray] This value can become an array of that dtype only by copying.');
  return within('asarray', () => makeArray(a, dtype));
}
