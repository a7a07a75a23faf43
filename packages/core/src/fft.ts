import { native } from './addon/native';
import { toArray } from './arguments/operands';
import { axisList, parameters, required, shapeList } from './arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions, StreamOrDevice } from './arguments/types';
import { call, idOf, type MLXArray } from './array/array';
import { within } from './errors/errors';

// Discrete Fourier transforms. They compute in float32 and complex64, whatever the input's dtype.

/** Which direction is divided by the number of elements; 'ortho' divides both by its root. */
export type FftNorm = 'backward' | 'ortho' | 'forward';

/** The options that every transform takes. */
export interface FftNormOptions extends StreamOptions {
  /** 'backward' divides the inverse transform by the number of elements. */
  norm?: FftNorm | undefined;
}

/** The options of transforms along one axis. */
export interface FftOptions extends FftNormOptions {
  /** The axis's length: longer axes are cut, shorter ones padded with zeros. */
  n?: number | null | undefined;
  /** The axis, -1. */
  axis?: number | null | undefined;
}

/** The options of transforms along several axes. */
export interface FftAxesOptions extends FftNormOptions {
  /** The axes' lengths: longer axes are cut, shorter ones padded with zeros. */
  s?: readonly number[] | null | undefined;
  /** The axes; null: as many of the last ones as s has lengths, or else all. */
  axes?: readonly number[] | null | undefined;
}

type LastArgument = FftNormOptions | StreamOrDevice;

const norms: readonly string[] = ['backward', 'ortho', 'forward'];

/** The engine's number of a norm. */
function normCode(norm: string | undefined, name: string): number {
  const code = norms.indexOf(norm ?? 'backward');
  if (code < 0)
    throw new TypeError(
      `[${name}] norm must be 'backward', 'ortho' or 'forward', but got '${norm}'.`,
    );
  return code;
}

const axisParameters = { n: 'axis', axis: 'axis', norm: 'string' } as const;
const axesParameters = { s: 'shape', axes: 'axes', norm: 'string' } as const;

type AlongAxis = (a: ArrayLike, rest: readonly unknown[]) => MLXArray;

/** A transform along one axis. */
function alongAxis(name: string, transform: typeof native.fftFft): AlongAxis {
  const read = parameters(name, axisParameters);
  return (a, rest) => {
    const { n, axis, norm, stream } = read(rest);
    const length = n === undefined || n === null ? undefined : shapeList(n, name)[0];
    const input = toArray(a, name);
    const code = normCode(norm, name);
    return within(name, () => call(transform, stream, idOf(input), length, axis ?? -1, code));
  };
}

/**
 * A transform along the given axes; by default along the last `count`, or all. Axes of null are as
 * many of the last ones as there are lengths, or all.
 */
function alongAxes(name: string, transform: typeof native.fftFftn, count?: number): AlongAxis {
  const read = parameters(name, axesParameters);
  return (a, rest) => {
    const given = read(rest);
    const { s, norm, stream } = given;
    const lengths = s === undefined || s === null ? undefined : shapeList(s, name);
    const last = given.axes === undefined ? (count ?? lengths?.length) : lengths?.length;
    const axes = axisList(given.axes) ?? lastAxes(last);
    const input = toArray(a, name);
    const code = normCode(norm, name);
    return within(name, () => call(transform, stream, idOf(input), lengths, axes, code));
  };
}

function lastAxes(count: number | undefined): readonly number[] | undefined {
  return count === undefined ? undefined : Array.from({ length: count }, (_, i) => i - count);
}

/**
 * The discrete Fourier transform along an axis (-1): element k is the sum of
 * a[j] exp(-2 pi i j k / n). complex64, of a's shape but for the axis, which has n elements. Throws
 * RangeError for an axis that a doesn't have, and an error for n below 1.
 *
 * @param a - the array.
 * @param n - the size of the transformed axis, cut or filled with zeros; default: the array's.
 * @param axis - the axis to transform; default: -1.
 *
 * @example
 * ```ts
 * console.log(mx.fft.fft([1, 2, 3, 4]).real.tolist()); // => [ 10, -2, -2, -2 ]
 * ```
 */
export function fft(
  a: ArrayLike,
  n?: number | null,
  axis?: number | null,
  options?: LastArgument,
): MLXArray;
export function fft(a: ArrayLike, options: FftOptions): MLXArray;
export function fft(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return runFft(a, rest);
}
const runFft = alongAxis('fft.fft', native.fftFft);

/**
 * The inverse of fft along an axis (-1): with the positive sign, divided by n. complex64. Throws as
 * fft does.
 *
 * @param a - the array.
 * @param n - the size of the transformed axis, cut or filled with zeros; default: the array's.
 * @param axis - the axis to transform; default: -1.
 *
 * @example
 * ```ts
 * console.log(mx.fft.ifft(mx.fft.fft([1, 2, 3, 4])).real.tolist()); // => [ 1, 2, 3, 4 ]
 * ```
 */
export function ifft(
  a: ArrayLike,
  n?: number | null,
  axis?: number | null,
  options?: LastArgument,
): MLXArray;
export function ifft(a: ArrayLike, options: FftOptions): MLXArray;
export function ifft(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return runIfft(a, rest);
}
const runIfft = alongAxis('fft.ifft', native.fftIfft);

/**
 * The discrete Fourier transform of real numbers along an axis (-1): the first n / 2 + 1 elements,
 * rounded down; the others are their conjugates. complex64. Throws DtypeError for complex numbers,
 * and as fft does.
 *
 * @param a - the array.
 * @param n - the size of the transformed axis, cut or filled with zeros; default: the array's.
 * @param axis - the axis to transform; default: -1.
 *
 * @example
 * ```ts
 * const spectrum = mx.fft.rfft([1, 2, 3, 4]);
 * console.log(spectrum.real.tolist()); // => [ 10, -2, -2 ]
 * console.log(spectrum.imag.tolist()); // => [ 0, 2, 0 ]
 * ```
 */
export function rfft(
  a: ArrayLike,
  n?: number | null,
  axis?: number | null,
  options?: LastArgument,
): MLXArray;
export function rfft(a: ArrayLike, options: FftOptions): MLXArray;
export function rfft(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return runRfft(a, rest);
}
const runRfft = alongAxis('fft.rfft', native.fftRfft);

/**
 * The inverse of rfft along an axis (-1), in float32. n is the result's length, by default
 * 2 (m - 1) for m elements; an odd one must be given. Throws as fft does.
 *
 * @param a - the array.
 * @param n - the size of the result along the axis; default: twice the size less 2.
 * @param axis - the axis to transform; default: -1.
 *
 * @example
 * ```ts
 * const spectrum = mx.fft.rfft([1, 2, 3]);
 * console.log(mx.fft.irfft(spectrum, 3).round().tolist()); // => [ 1, 2, 3 ]
 * ```
 */
export function irfft(
  a: ArrayLike,
  n?: number | null,
  axis?: number | null,
  options?: LastArgument,
): MLXArray;
export function irfft(a: ArrayLike, options: FftOptions): MLXArray;
export function irfft(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return runIrfft(a, rest);
}
const runIrfft = alongAxis('fft.irfft', native.fftIrfft);

/**
 * The discrete Fourier transform along two axes, by default the last ones; axes of null as in
 * fftn. s has their lengths. complex64. Throws RangeError for an axis that a doesn't have, and errors for an axis given twice,
 * for lengths below 1 and for fewer or more of them than axes.
 *
 * @param a - the array.
 * @param s - the sizes of the transformed axes, cut or filled with zeros; default: the array's.
 * @param axes - the axes to transform; default: the last two.
 *
 * @example
 * ```ts
 * console.log(mx.fft.fft2([[1, 2], [3, 4]]).real.tolist()); // => [ [ 10, -2 ], [ -4, 0 ] ]
 * ```
 */
export function fft2(
  a: ArrayLike,
  s?: readonly number[] | null,
  axes?: readonly number[] | null,
  options?: LastArgument,
): MLXArray;
export function fft2(a: ArrayLike, options: FftAxesOptions): MLXArray;
export function fft2(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return runFft2(a, rest);
}
const runFft2 = alongAxes('fft.fft2', native.fftFftn, 2);

/**
 * The inverse of fft2, divided by the number of elements. complex64. Throws as fft2 does.
 *
 * @param a - the array.
 * @param s - the sizes of the transformed axes, cut or filled with zeros; default: the array's.
 * @param axes - the axes to transform; default: the last two.
 *
 * @example
 * ```ts
 * const spectrum = mx.fft.fft2([[1, 2], [3, 4]]);
 * console.log(mx.fft.ifft2(spectrum).real.tolist()); // => [ [ 1, 2 ], [ 3, 4 ] ]
 * ```
 */
export function ifft2(
  a: ArrayLike,
  s?: readonly number[] | null,
  axes?: readonly number[] | null,
  options?: LastArgument,
): MLXArray;
export function ifft2(a: ArrayLike, options: FftAxesOptions): MLXArray;
export function ifft2(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return runIfft2(a, rest);
}
const runIfft2 = alongAxes('fft.ifft2', native.fftIfftn, 2);

/**
 * fft2 of real numbers: the last of the axes has the first n / 2 + 1 elements, rounded down.
 * complex64. Throws DtypeError for complex numbers, and as fft2 does.
 *
 * @param a - the array.
 * @param s - the sizes of the transformed axes, cut or filled with zeros; default: the array's.
 * @param axes - the axes to transform; default: the last two.
 *
 * @example
 * ```ts
 * console.log(mx.fft.rfft2(mx.ones([4, 6])).shape); // => [ 4, 4 ]
 * ```
 */
export function rfft2(
  a: ArrayLike,
  s?: readonly number[] | null,
  axes?: readonly number[] | null,
  options?: LastArgument,
): MLXArray;
export function rfft2(a: ArrayLike, options: FftAxesOptions): MLXArray;
export function rfft2(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return runRfft2(a, rest);
}
const runRfft2 = alongAxes('fft.rfft2', native.fftRfftn, 2);

/**
 * The inverse of rfft2, in float32. s has the result's lengths; without it the last one is
 * 2 (m - 1) for m elements. Throws as fft2 does.
 *
 * @param a - the array.
 * @param s - the sizes of the transformed axes, cut or filled with zeros; default: the array's.
 * @param axes - the axes to transform; default: the last two.
 *
 * @example
 * ```ts
 * const spectrum = mx.fft.rfft2(mx.ones([4, 6]));
 * console.log(mx.fft.irfft2(spectrum).shape); // => [ 4, 6 ]
 * ```
 */
export function irfft2(
  a: ArrayLike,
  s?: readonly number[] | null,
  axes?: readonly number[] | null,
  options?: LastArgument,
): MLXArray;
export function irfft2(a: ArrayLike, options: FftAxesOptions): MLXArray;
export function irfft2(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return runIrfft2(a, rest);
}
const runIrfft2 = alongAxes('fft.irfft2', native.fftIrfftn, 2);

/**
 * The discrete Fourier transform along several axes: those given, or as many of the last ones as s
 * has lengths, or all. complex64. Throws as fft2 does, and an error for arrays without axes.
 *
 * @param a - the array.
 * @param s - the sizes of the transformed axes, cut or filled with zeros; default: the array's.
 * @param axes - the axes to transform; default: all, or the last ones if s is given.
 *
 * @example
 * ```ts
 * console.log(mx.fft.fftn(mx.ones([2, 2, 2])).abs().sum().item()); // => 8
 * ```
 */
export function fftn(
  a: ArrayLike,
  s?: readonly number[] | null,
  axes?: readonly number[] | null,
  options?: LastArgument,
): MLXArray;
export function fftn(a: ArrayLike, options: FftAxesOptions): MLXArray;
export function fftn(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return runFftn(a, rest);
}
const runFftn = alongAxes('fft.fftn', native.fftFftn);

/**
 * The inverse of fftn, divided by the number of elements. complex64. Throws as fftn does.
 *
 * @param a - the array.
 * @param s - the sizes of the transformed axes, cut or filled with zeros; default: the array's.
 * @param axes - the axes to transform; default: all, or the last ones if s is given.
 *
 * @example
 * ```ts
 * const spectrum = mx.fft.fftn([[[0, 1], [2, 3]]]);
 * console.log(mx.fft.ifftn(spectrum).real.flatten().tolist()); // => [ 0, 1, 2, 3 ]
 * ```
 */
export function ifftn(
  a: ArrayLike,
  s?: readonly number[] | null,
  axes?: readonly number[] | null,
  options?: LastArgument,
): MLXArray;
export function ifftn(a: ArrayLike, options: FftAxesOptions): MLXArray;
export function ifftn(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return runIfftn(a, rest);
}
const runIfftn = alongAxes('fft.ifftn', native.fftIfftn);

/**
 * fftn of real numbers: the last of the axes has the first n / 2 + 1 elements, rounded down.
 * complex64. Throws DtypeError for complex numbers, and as fftn does.
 *
 * @param a - the array.
 * @param s - the sizes of the transformed axes, cut or filled with zeros; default: the array's.
 * @param axes - the axes to transform; default: all, or the last ones if s is given.
 *
 * @example
 * ```ts
 * console.log(mx.fft.rfftn(mx.ones([4, 6, 8])).shape); // => [ 4, 6, 5 ]
 * ```
 */
export function rfftn(
  a: ArrayLike,
  s?: readonly number[] | null,
  axes?: readonly number[] | null,
  options?: LastArgument,
): MLXArray;
export function rfftn(a: ArrayLike, options: FftAxesOptions): MLXArray;
export function rfftn(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return runRfftn(a, rest);
}
const runRfftn = alongAxes('fft.rfftn', native.fftRfftn);

/**
 * The inverse of rfftn, in float32. s has the result's lengths; without it the last one is
 * 2 (m - 1) for m elements. Throws as fftn does.
 *
 * @param a - the array.
 * @param s - the sizes of the transformed axes, cut or filled with zeros; default: the array's.
 * @param axes - the axes to transform; default: all, or the last ones if s is given.
 *
 * @example
 * ```ts
 * const spectrum = mx.fft.rfftn(mx.ones([4, 6, 8]));
 * console.log(mx.fft.irfftn(spectrum).shape); // => [ 4, 6, 8 ]
 * ```
 */
export function irfftn(
  a: ArrayLike,
  s?: readonly number[] | null,
  axes?: readonly number[] | null,
  options?: LastArgument,
): MLXArray;
export function irfftn(a: ArrayLike, options: FftAxesOptions): MLXArray;
export function irfftn(a: ArrayLike, ...rest: unknown[]): MLXArray {
  return runIrfftn(a, rest);
}
const runIrfftn = alongAxes('fft.irfftn', native.fftIrfftn);

/**
 * Moves frequency zero from the front of the axes (all) to the middle. Keeps dtype and shape.
 *
 * @param a - the array.
 * @param axes - the axes to shift; default: all.
 *
 * @example
 * ```ts
 * console.log(mx.fft.fftshift([0, 1, 2, -2, -1]).tolist()); // => [ -2, -1, 0, 1, 2 ]
 * ```
 */
export function fftshift(
  a: ArrayLike,
  axes?: number | readonly number[] | null,
  stream?: StreamArgument,
): MLXArray;
export function fftshift(
  a: ArrayLike,
  options: StreamOptions & { axes?: number | readonly number[] | null },
): MLXArray;
export function fftshift(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axes, stream } = readFftshift(rest);
  const input = toArray(a, 'fft.fftshift');
  return call(native.fftFftshift, stream, idOf(input), axisList(axes));
}
const readFftshift = parameters('fft.fftshift', { axes: 'axes' });

/**
 * The way back from fftshift, which differs from it for odd lengths.
 *
 * @param a - the array.
 * @param axes - the axes to shift; default: all.
 *
 * @example
 * ```ts
 * console.log(mx.fft.ifftshift([-2, -1, 0, 1, 2]).tolist()); // => [ 0, 1, 2, -2, -1 ]
 * ```
 */
export function ifftshift(
  a: ArrayLike,
  axes?: number | readonly number[] | null,
  stream?: StreamArgument,
): MLXArray;
export function ifftshift(
  a: ArrayLike,
  options: StreamOptions & { axes?: number | readonly number[] | null },
): MLXArray;
export function ifftshift(a: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axes, stream } = readIfftshift(rest);
  const input = toArray(a, 'fft.ifftshift');
  return call(native.fftIfftshift, stream, idOf(input), axisList(axes));
}
const readIfftshift = parameters('fft.ifftshift', { axes: 'axes' });

/**
 * The frequencies of the n elements that fft gives, for samples d (1) apart: float32, in cycles per
 * unit of d. Throws an error for n below 1 and for a d of 0.
 *
 * @param n - the number of samples.
 * @param d - the distance of samples; default: 1.
 *
 * @example
 * ```ts
 * console.log(mx.fft.fftfreq(4).tolist()); // => [ 0, 0.25, -0.5, -0.25 ]
 * ```
 */
export function fftfreq(n: number, d?: number, stream?: StreamArgument): MLXArray;
export function fftfreq(n: number, options: StreamOptions & { d?: number }): MLXArray;
export function fftfreq(n: number, ...rest: unknown[]): MLXArray {
  const { d, stream } = readFftfreq(rest);
  return call(native.fftFftfreq, stream, lengthOf(n, 'fft.fftfreq'), d ?? 1);
}
const readFftfreq = parameters('fft.fftfreq', { d: 'number' });

/**
 * The frequencies of the n / 2 + 1 elements that rfft gives, for samples d (1) apart: float32.
 * Throws as fftfreq does.
 *
 * @param n - the number of samples.
 * @param d - the distance of samples; default: 1.
 *
 * @example
 * ```ts
 * console.log(mx.fft.rfftfreq(4, 0.5).tolist()); // => [ 0, 0.5, 1 ]
 * ```
 */
export function rfftfreq(n: number, d?: number, stream?: StreamArgument): MLXArray;
export function rfftfreq(n: number, options: StreamOptions & { d?: number }): MLXArray;
export function rfftfreq(n: number, ...rest: unknown[]): MLXArray {
  const { d, stream } = readRfftfreq(rest);
  return call(native.fftRfftfreq, stream, lengthOf(n, 'fft.rfftfreq'), d ?? 1);
}
const readRfftfreq = parameters('fft.rfftfreq', { d: 'number' });

function lengthOf(n: number, name: string): number {
  return shapeList(required(n, name, 'n'), name)[0]!;
}
