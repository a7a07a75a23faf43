import { native } from '../addon/native';
import { toArray, toHeldArray } from '../arguments/operands';
import { parameters } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';

// Convolutions as neural networks have them, without turning the kernel around. The input is
// [N, spatial..., C in], the weight [C out, kernel..., C in / groups], the result
// [N, spatial..., C out]. Sizes that don't fit are a ShapeError.

type Sizes = number | readonly number[];

/** Options of conv1d, conv2d and conv3d. A number stands for all spatial axes. */
export interface ConvOptions<Size> extends StreamOptions {
  /** Steps between the places of the kernel, 1. */
  stride?: Size;
  /** Zeros added at both ends, 0. */
  padding?: Size;
  /** Steps between the kernel's own elements, 1. */
  dilation?: Size;
  /** Into how many groups the channels are divided, 1. */
  groups?: number;
}

/** Options of the transposed convolutions. */
export interface ConvTransposeOptions<Size> extends ConvOptions<Size> {
  /** What is added to the far end of the result, 0. */
  outputPadding?: Size;
}

/** One size for each of `count` spatial axes. */
function sizes(
  given: Sizes | null | undefined,
  fallback: number,
  count: number,
  name: string,
): number[] {
  const value = given ?? fallback;
  if (typeof value === 'number') return Array.from({ length: count }, () => value);
  if (value.length !== count)
    throw new TypeError(
      `[${name}] Expected a number or ${count} of them, but got ${value.length}.`,
    );
  return [...value];
}

const convKinds = {
  stride: 'shape',
  padding: 'shape',
  dilation: 'shape',
  groups: 'integer',
} as const;
const transposeKinds = {
  stride: 'shape',
  padding: 'shape',
  dilation: 'shape',
  outputPadding: 'shape',
  groups: 'integer',
} as const;

type Convolution = (input: ArrayLike, weight: ArrayLike, rest: readonly unknown[]) => MLXArray;

function convolution(name: 'conv1d' | 'conv2d' | 'conv3d', count: number): Convolution {
  const read = parameters(name, convKinds);
  return (input, weight, rest) => {
    const { stride, padding, dilation, groups, stream } = read(rest);
    const settings = [
      sizes(stride, 1, count, name),
      sizes(padding, 0, count, name),
      sizes(dilation, 1, count, name),
    ] as const;
    const images = toArray(input, name);
    const kernels = toArray(weight, name);
    return call(native[name], stream, idOf(images), idOf(kernels), ...settings, groups ?? 1);
  };
}

function transposedConvolution(
  name: 'convTranspose1d' | 'convTranspose2d' | 'convTranspose3d',
  count: number,
): Convolution {
  const read = parameters(name, transposeKinds);
  return (input, weight, rest) => {
    const { stride, padding, dilation, outputPadding, groups, stream } = read(rest);
    const settings = [
      sizes(stride, 1, count, name),
      sizes(padding, 0, count, name),
      sizes(dilation, 1, count, name),
      sizes(outputPadding, 0, count, name),
    ] as const;
    const images = toArray(input, name);
    const kernels = toArray(weight, name);
    return call(native[name], stream, idOf(images), idOf(kernels), ...settings, groups ?? 1);
  };
}

const runConv1d = convolution('conv1d', 1);
/**
 * The convolution of sequences with kernels.
 *
 * @param input - shape [batch, ...sizes, channels].
 * @param weight - shape [outputs, ...kernel, channels / groups].
 * @param stride - the step between places, one number or one for each spatial axis; default: 1.
 * @param padding - zeros added at both ends of the spatial axes; default: 0.
 * @param dilation - the distance between a kernel's elements; default: 1.
 * @param groups - the number of groups of channels that are convolved by themselves; default: 1.
 *
 * @example
 * ```ts
 * console.log(mx.conv1d(mx.ones([1, 3, 1]), mx.ones([1, 2, 1])).shape); // => [ 1, 2, 1 ]
 * ```
 */
export function conv1d(
  input: ArrayLike,
  weight: ArrayLike,
  stride?: number,
  padding?: number,
  dilation?: number,
  groups?: number,
  stream?: StreamArgument,
): MLXArray;
export function conv1d(input: ArrayLike, weight: ArrayLike, options: ConvOptions<number>): MLXArray;
export function conv1d(input: ArrayLike, weight: ArrayLike, ...rest: unknown[]): MLXArray {
  return runConv1d(input, weight, rest);
}

const runConvTranspose1d = transposedConvolution('convTranspose1d', 1);
/**
 * The transposed convolution of sequences with kernels: the gradient of conv1d for its input.
 *
 * @param input - shape [batch, ...sizes, channels].
 * @param weight - shape [outputs, ...kernel, channels / groups], channels those of the input.
 * @param stride - the step in the result for one step in the input; default: 1.
 * @param padding - what is cut off at both ends of the spatial axes; default: 0.
 * @param dilation - the distance between a kernel's elements; default: 1.
 * @param outputPadding - what is added to the sizes of the result at the end; default: 0.
 * @param groups - the number of groups of channels that are convolved by themselves; default: 1.
 *
 * @example
 * ```ts
 * console.log(mx.convTranspose1d(mx.ones([1, 3, 1]), mx.ones([1, 2, 1])).shape); // => [ 1, 4, 1 ]
 * ```
 */
export function convTranspose1d(
  input: ArrayLike,
  weight: ArrayLike,
  stride?: number,
  padding?: number,
  dilation?: number,
  outputPadding?: number,
  groups?: number,
  stream?: StreamArgument,
): MLXArray;
export function convTranspose1d(
  input: ArrayLike,
  weight: ArrayLike,
  options: ConvTransposeOptions<number>,
): MLXArray;
export function convTranspose1d(input: ArrayLike, weight: ArrayLike, ...rest: unknown[]): MLXArray {
  return runConvTranspose1d(input, weight, rest);
}

const runConv2d = convolution('conv2d', 2);
/**
 * The convolution of images with kernels.
 *
 * @param input - shape [batch, ...sizes, channels].
 * @param weight - shape [outputs, ...kernel, channels / groups].
 * @param stride - the step between places, one number or one for each spatial axis; default: 1.
 * @param padding - zeros added at both ends of the spatial axes; default: 0.
 * @param dilation - the distance between a kernel's elements; default: 1.
 * @param groups - the number of groups of channels that are convolved by themselves; default: 1.
 *
 * @example
 * ```ts
 * console.log(mx.conv2d(mx.ones([1, 3, 3, 1]), mx.ones([1, 2, 2, 1])).shape); // => [ 1, 2, 2, 1 ]
 * ```
 */
export function conv2d(
  input: ArrayLike,
  weight: ArrayLike,
  stride?: number | readonly [number, number],
  padding?: number | readonly [number, number],
  dilation?: number | readonly [number, number],
  groups?: number,
  stream?: StreamArgument,
): MLXArray;
export function conv2d(
  input: ArrayLike,
  weight: ArrayLike,
  options: ConvOptions<number | readonly [number, number]>,
): MLXArray;
export function conv2d(input: ArrayLike, weight: ArrayLike, ...rest: unknown[]): MLXArray {
  return runConv2d(input, weight, rest);
}

const runConvTranspose2d = transposedConvolution('convTranspose2d', 2);
/**
 * The transposed convolution of images with kernels: the gradient of conv2d for its input.
 *
 * @param input - shape [batch, ...sizes, channels].
 * @param weight - shape [outputs, ...kernel, channels / groups], channels those of the input.
 * @param stride - the step in the result for one step in the input; default: 1.
 * @param padding - what is cut off at both ends of the spatial axes; default: 0.
 * @param dilation - the distance between a kernel's elements; default: 1.
 * @param outputPadding - what is added to the sizes of the result at the end; default: 0.
 * @param groups - the number of groups of channels that are convolved by themselves; default: 1.
 *
 * @example
 * ```ts
 * console.log(mx.convTranspose2d(mx.ones([1, 3, 3, 1]), mx.ones([1, 2, 2, 1])).shape); // => [ 1, 4, 4, 1 ]
 * ```
 */
export function convTranspose2d(
  input: ArrayLike,
  weight: ArrayLike,
  stride?: number | readonly [number, number],
  padding?: number | readonly [number, number],
  dilation?: number | readonly [number, number],
  outputPadding?: number | readonly [number, number],
  groups?: number,
  stream?: StreamArgument,
): MLXArray;
export function convTranspose2d(
  input: ArrayLike,
  weight: ArrayLike,
  options: ConvTransposeOptions<number | readonly [number, number]>,
): MLXArray;
export function convTranspose2d(input: ArrayLike, weight: ArrayLike, ...rest: unknown[]): MLXArray {
  return runConvTranspose2d(input, weight, rest);
}

const runConv3d = convolution('conv3d', 3);
/**
 * The convolution of volumes with kernels.
 *
 * @param input - shape [batch, ...sizes, channels].
 * @param weight - shape [outputs, ...kernel, channels / groups].
 * @param stride - the step between places, one number or one for each spatial axis; default: 1.
 * @param padding - zeros added at both ends of the spatial axes; default: 0.
 * @param dilation - the distance between a kernel's elements; default: 1.
 * @param groups - the number of groups of channels that are convolved by themselves; default: 1.
 *
 * @example
 * ```ts
 * console.log(mx.conv3d(mx.ones([1, 3, 3, 3, 1]), mx.ones([1, 2, 2, 2, 1])).shape); // => [ 1, 2, 2, 2, 1 ]
 * ```
 */
export function conv3d(
  input: ArrayLike,
  weight: ArrayLike,
  stride?: number | readonly [number, number, number],
  padding?: number | readonly [number, number, number],
  dilation?: number | readonly [number, number, number],
  groups?: number,
  stream?: StreamArgument,
): MLXArray;
export function conv3d(
  input: ArrayLike,
  weight: ArrayLike,
  options: ConvOptions<number | readonly [number, number, number]>,
): MLXArray;
export function conv3d(input: ArrayLike, weight: ArrayLike, ...rest: unknown[]): MLXArray {
  return runConv3d(input, weight, rest);
}

const runConvTranspose3d = transposedConvolution('convTranspose3d', 3);
/**
 * The transposed convolution of volumes with kernels: the gradient of conv3d for its input.
 *
 * @param input - shape [batch, ...sizes, channels].
 * @param weight - shape [outputs, ...kernel, channels / groups], channels those of the input.
 * @param stride - the step in the result for one step in the input; default: 1.
 * @param padding - what is cut off at both ends of the spatial axes; default: 0.
 * @param dilation - the distance between a kernel's elements; default: 1.
 * @param outputPadding - what is added to the sizes of the result at the end; default: 0.
 * @param groups - the number of groups of channels that are convolved by themselves; default: 1.
 *
 * @example
 * ```ts
 * console.log(mx.convTranspose3d(mx.ones([1, 3, 3, 3, 1]), mx.ones([1, 2, 2, 2, 1])).shape); // => [ 1, 4, 4, 4, 1 ]
 * ```
 */
export function convTranspose3d(
  input: ArrayLike,
  weight: ArrayLike,
  stride?: number | readonly [number, number, number],
  padding?: number | readonly [number, number, number],
  dilation?: number | readonly [number, number, number],
  outputPadding?: number | readonly [number, number, number],
  groups?: number,
  stream?: StreamArgument,
): MLXArray;
export function convTranspose3d(
  input: ArrayLike,
  weight: ArrayLike,
  options: ConvTransposeOptions<number | readonly [number, number, number]>,
): MLXArray;
export function convTranspose3d(input: ArrayLike, weight: ArrayLike, ...rest: unknown[]): MLXArray {
  return runConvTranspose3d(input, weight, rest);
}

/** Options of convGeneral. A number stands for all spatial axes. */
export interface ConvGeneralOptions extends StreamOptions {
  /** Steps between the places of the kernel, 1. */
  stride?: Sizes;
  /** Zeros added at the ends, 0: a number, one an axis, or a list for each end. */
  padding?: Sizes | readonly [readonly number[], readonly number[]];
  /** Steps between the kernel's own elements, 1. */
  kernelDilation?: Sizes;
  /** Steps between the input's elements, with zeros between them, 1. */
  inputDilation?: Sizes;
  /** Into how many groups the channels are divided, 1. */
  groups?: number;
  /** Whether the kernel is turned around; default: false. */
  flip?: boolean;
}

/**
 * A convolution over any number of spatial axes, with all its parameters. Negative padding crops.
 *
 * @param input - shape [batch, ...sizes, channels].
 * @param weight - shape [outputs, ...kernel, channels / groups].
 * @param stride - the step between places, one number or one for each spatial axis; default: 1.
 * @param padding - zeros added at both ends of the spatial axes; default: 0.
 * @param kernelDilation - the distance between the kernel's elements; default: 1.
 * @param inputDilation - the distance between the input's elements; default: 1.
 * @param groups - the number of groups of channels that are convolved by themselves; default: 1.
 * @param flip - whether the kernel is flipped, as in a true convolution; default: false.
 *
 * @example
 * ```ts
 * const image = mx.ones([1, 4, 4, 1]);
 * const kernel = mx.ones([1, 3, 3, 1]);
 * console.log(mx.convGeneral(image, kernel, { padding: [[1, 1], [0, 0]] }).shape); // => [ 1, 3, 3, 1 ]
 * ```
 */
export function convGeneral(
  input: ArrayLike,
  weight: ArrayLike,
  stride?: Sizes,
  padding?: ConvGeneralOptions['padding'],
  kernelDilation?: Sizes,
  inputDilation?: Sizes,
  groups?: number,
  flip?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function convGeneral(
  input: ArrayLike,
  weight: ArrayLike,
  options: ConvGeneralOptions,
): MLXArray;
export function convGeneral(input: ArrayLike, weight: ArrayLike, ...rest: unknown[]): MLXArray {
  const given = readConvGeneral(rest);
  const images = toHeldArray(input, 'convGeneral');
  const kernels = toHeldArray(weight, 'convGeneral');
  const count = Math.max(images.ndim - 2, 0);
  const list = (value: Sizes | null | undefined, fallback: number): number[] =>
    sizes(value, fallback, count, 'convGeneral');
  const padding = given.padding;
  const ends =
    Array.isArray(padding) && padding.some((one) => Array.isArray(one))
      ? (padding as readonly Sizes[])
      : [padding as Sizes | undefined, padding as Sizes | undefined];
  return call(
    native.convGeneral,
    given.stream,
    idOf(images),
    idOf(kernels),
    list(given.stride, 1),
    list(ends[0], 0),
    list(ends[1], 0),
    list(given.kernelDilation, 1),
    list(given.inputDilation, 1),
    given.groups ?? 1,
    given.flip ?? false,
  );
}
const readConvGeneral = parameters('convGeneral', {
  stride: 'shape',
  padding: 'sizesOrPair',
  kernelDilation: 'shape',
  inputDilation: 'shape',
  groups: 'integer',
  flip: 'boolean',
});
