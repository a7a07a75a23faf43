import type { OperationsLike } from '../addon/functions';
import { native } from '../addon/native';
import { toArray } from '../arguments/operands';
import { parameters } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import type { Dtype } from '../dtypes/dtype';
import { within } from '../errors/errors';
import { astype } from './cast';

// Scans run along an axis; null, the default, flattens first. The shape stays. diff undoes cumsum.

/** Options of scans. */
export interface ScanOptions extends StreamOptions {
  /** The axis; null, the default, flattens first. */
  axis?: number | null;
  /** Whether to begin at the end; default: false. */
  reverse?: boolean;
  /** Whether an element counts in its own result, yes. */
  inclusive?: boolean;
}

/** Options of cumsum and cumprod. */
export interface SumScanOptions extends ScanOptions {
  /** What to compute in; default: the array's, for bool_ int32. */
  dtype?: Dtype | null;
}

/** Options of diff. */
export interface DiffOptions extends StreamOptions {
  /** How often to difference, 1. */
  n?: number;
  /** The axis, -1. */
  axis?: number;
}

type Scan = (a: ArrayLike, rest: readonly unknown[]) => MLXArray;

const settings = { axis: 'axis', reverse: 'boolean', inclusive: 'boolean' } as const;

function scan(name: OperationsLike<typeof native.cumsum>): Scan {
  const operation = native[name];
  const read = parameters(name, settings);
  return (a, rest) => {
    const { axis, reverse, inclusive, stream } = read(rest);
    const input = idOf(toArray(a, name));
    return call(operation, stream, input, axis ?? undefined, reverse ?? false, inclusive ?? true);
  };
}

/** A scan that computes in a dtype of the caller's. */
function scanIn(name: string, operation: typeof native.cumsum): Scan {
  const read = parameters(name, { ...settings, dtype: 'dtype' });
  return (a, rest) => {
    const { axis, reverse, inclusive, dtype, stream } = read(rest);
    const given = toArray(a, name);
    const input = dtype ? within(name, () => astype(given, dtype)) : given;
    const where = axis ?? undefined;
    return call(operation, stream, idOf(input), where, reverse ?? false, inclusive ?? true);
  };
}

const scanCumsum = scanIn('cumsum', native.cumsum);
/**
 * Running sums along an axis (null: of the flattened array), from the end if reverse; without
 * inclusive an element counts only in those after it. In the dtype of the array, for bool_ in int32.
 *
 * @param a - the array.
 * @param axis - the axis to run along; default: the array is flattened first.
 * @param reverse - whether to begin at the end; default: false.
 * @param inclusive - whether an element counts to its own result; default: true.
 * @param dtype - the dtype of the result; default: the array's, int32 for bool_.
 *
 * @example
 * ```ts
 * console.log(mx.cumsum(mx.array([1, 2, 3])).tolist()); // => [ 1, 3, 6 ]
 * ```
 */
export function cumsum(
  a: ArrayLike,
  axis?: number | null,
  reverse?: boolean,
  inclusive?: boolean,
  dtype?: Dtype | null,
  stream?: StreamArgument,
): MLXArray;
export function cumsum(a: ArrayLike, options: SumScanOptions): MLXArray;
export function cumsum(a: ArrayLike, axis: number | null, options: SumScanOptions): MLXArray;
export function cumsum(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return scanCumsum(a, rest);
}

const scanCumprod = scanIn('cumprod', native.cumprod);
/**
 * Running products along an axis (null: of the flattened array); options as of cumsum.
 *
 * @param a - the array.
 * @param axis - the axis to run along; default: the array is flattened first.
 * @param reverse - whether to begin at the end; default: false.
 * @param inclusive - whether an element counts to its own result; default: true.
 * @param dtype - the dtype of the result; default: the array's, int32 for bool_.
 *
 * @example
 * ```ts
 * console.log(mx.cumprod(mx.array([1, 2, 3, 4])).tolist()); // => [ 1, 2, 6, 24 ]
 * ```
 */
export function cumprod(
  a: ArrayLike,
  axis?: number | null,
  reverse?: boolean,
  inclusive?: boolean,
  dtype?: Dtype | null,
  stream?: StreamArgument,
): MLXArray;
export function cumprod(a: ArrayLike, options: SumScanOptions): MLXArray;
export function cumprod(a: ArrayLike, axis: number | null, options: SumScanOptions): MLXArray;
export function cumprod(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return scanCumprod(a, rest);
}

const scanCummax = scan('cummax');
/**
 * Running maxima along an axis (null: of the flattened array); NaN stays. Without inclusive the
 * first result is -Infinity or the smallest integer. Throws DtypeError for complex numbers.
 *
 * @param a - the array.
 * @param axis - the axis to run along; default: the array is flattened first.
 * @param reverse - whether to begin at the end; default: false.
 * @param inclusive - whether an element counts to its own result; default: true.
 *
 * @example
 * ```ts
 * console.log(mx.cummax(mx.array([1, 3, 2])).tolist()); // => [ 1, 3, 3 ]
 * ```
 */
export function cummax(
  a: ArrayLike,
  axis?: number | null,
  reverse?: boolean,
  inclusive?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function cummax(a: ArrayLike, options: ScanOptions): MLXArray;
export function cummax(a: ArrayLike, axis: number | null, options: ScanOptions): MLXArray;
export function cummax(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return scanCummax(a, rest);
}

const scanCummin = scan('cummin');
/**
 * Running minima along an axis (null: of the flattened array); NaN stays. Without inclusive the
 * first result is Infinity or the largest integer. Throws DtypeError for complex numbers.
 *
 * @param a - the array.
 * @param axis - the axis to run along; default: the array is flattened first.
 * @param reverse - whether to begin at the end; default: false.
 * @param inclusive - whether an element counts to its own result; default: true.
 *
 * @example
 * ```ts
 * console.log(mx.cummin(mx.array([3, 1, 2])).tolist()); // => [ 3, 1, 1 ]
 * ```
 */
export function cummin(
  a: ArrayLike,
  axis?: number | null,
  reverse?: boolean,
  inclusive?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function cummin(a: ArrayLike, options: ScanOptions): MLXArray;
export function cummin(a: ArrayLike, axis: number | null, options: ScanOptions): MLXArray;
export function cummin(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return scanCummin(a, rest);
}

const scanLogcumsumexp = scan('logcumsumexp');
/**
 * Logarithms of running sums of exponentials along an axis (null: of the flattened array), without
 * overflow; integers give float32. Throws DtypeError for complex numbers.
 *
 * @param a - the array.
 * @param axis - the axis to run along; default: the array is flattened first.
 * @param reverse - whether to begin at the end; default: false.
 * @param inclusive - whether an element counts to its own result; default: true.
 *
 * @example
 * ```ts
 * console.log(mx.logcumsumexp(mx.array([1000, -1000])).tolist()); // => [ 1000, 1000 ]
 * ```
 */
export function logcumsumexp(
  a: ArrayLike,
  axis?: number | null,
  reverse?: boolean,
  inclusive?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function logcumsumexp(a: ArrayLike, options: ScanOptions): MLXArray;
export function logcumsumexp(a: ArrayLike, axis: number | null, options: ScanOptions): MLXArray;
export function logcumsumexp(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return scanLogcumsumexp(a, rest);
}

/**
 * Each element less the one before it along an axis (-1), n times over (1): the axis gets shorter
 * by n. Of bool_ whether the two differ; unsigned integers wrap. Throws TypeError for a negative n.
 *
 * @param a - the array.
 * @param n - how often differences are taken; default: 1.
 * @param axis - the axis to run along; default: -1.
 *
 * @example
 * ```ts
 * console.log(mx.diff(mx.array([1, 2, 4, 7])).tolist()); // => [ 1, 2, 3 ]
 * console.log(mx.diff(mx.array([1, 2, 4, 7]), 2).tolist()); // => [ 1, 1 ]
 * console.log(mx.diff(mx.array([[1, 3], [0, 5]]), { axis: 0 }).tolist()); // => [ [ -1, 2 ] ]
 * ```
 */
export function diff(a: ArrayLike, n?: number, axis?: number, stream?: StreamArgument): MLXArray;
export function diff(a: ArrayLike, options: DiffOptions): MLXArray;
export function diff(a: ArrayLike, n: number, options: DiffOptions): MLXArray;
export function diff(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { n, axis, stream } = readDiff(rest);
  const input = toArray(a, 'diff');
  return call(native.diff, stream, idOf(input), n ?? 1, axis ?? -1);
}
const readDiff = parameters('diff', { n: 'integer', axis: 'integer' });

const scanCumulativeSum = scanIn('cumulativeSum', native.cumsum);
/**
 * Running sums along an axis: cumsum by the array API's name.
 *
 * @param a - the array.
 * @param axis - the axis to run along; default: the array is flattened first.
 * @param reverse - whether to begin at the end; default: false.
 * @param inclusive - whether an element counts to its own result; default: true.
 * @param dtype - the dtype of the result; default: the array's, int32 for bool_.
 *
 * @example
 * ```ts
 * console.log(mx.cumulativeSum(mx.array([1, 2, 3])).tolist()); // => [ 1, 3, 6 ]
 * ```
 */
export function cumulativeSum(
  a: ArrayLike,
  axis?: number | null,
  reverse?: boolean,
  inclusive?: boolean,
  dtype?: Dtype | null,
  stream?: StreamArgument,
): MLXArray;
export function cumulativeSum(a: ArrayLike, options: SumScanOptions): MLXArray;
export function cumulativeSum(a: ArrayLike, axis: number | null, options: SumScanOptions): MLXArray;
export function cumulativeSum(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return within('cumulativeSum', () => scanCumulativeSum(a, rest));
}

const scanCumulativeProd = scanIn('cumulativeProd', native.cumprod);
/**
 * Running products along an axis: cumprod by the array API's name.
 *
 * @param a - the array.
 * @param axis - the axis to run along; default: the array is flattened first.
 * @param reverse - whether to begin at the end; default: false.
 * @param inclusive - whether an element counts to its own result; default: true.
 * @param dtype - the dtype of the result; default: the array's, int32 for bool_.
 *
 * @example
 * ```ts
 * console.log(mx.cumulativeProd(mx.array([1, 2, 3])).tolist()); // => [ 1, 2, 6 ]
 * ```
 */
export function cumulativeProd(
  a: ArrayLike,
  axis?: number | null,
  reverse?: boolean,
  inclusive?: boolean,
  dtype?: Dtype | null,
  stream?: StreamArgument,
): MLXArray;
export function cumulativeProd(a: ArrayLike, options: SumScanOptions): MLXArray;
export function cumulativeProd(
  a: ArrayLike,
  axis: number | null,
  options: SumScanOptions,
): MLXArray;
export function cumulativeProd(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return within('cumulativeProd', () => scanCumulativeProd(a, rest));
}
