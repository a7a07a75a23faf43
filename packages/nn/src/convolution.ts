import * as mx from '@mlx/core';
import {
  array,
  boolean,
  nonNegativeInteger,
  optional,
  perAxis,
  positiveInteger,
  reader,
} from '@mlx/core/calls';
import { uniformWeights } from './initial';
import { takesInputs } from './inputs';
import { sizes } from './kinds';
import { Module } from './module';
import type { Pair, Triple } from './tuples';

/** Options of a convolution layer; `Size` is a number, or a list with one for each axis. */
export interface ConvOptions<Size = number> {
  /** Steps between windows; default: 1. */
  stride?: Size | undefined;
  /** Zeros added on each side; default: 0. */
  padding?: Size | undefined;
  /** Steps between a window's elements; default: 1. */
  dilation?: Size | undefined;
  /** Whether to add a bias; default: true. */
  bias?: boolean | undefined;
}

/** Options of {@link Conv1d} and {@link Conv2d}. */
export interface GroupedConvOptions<Size = number> extends ConvOptions<Size> {
  /** Groups of channels convolved apart; default: 1. */
  groups?: number | undefined;
}

/** The parameters of the layers over a number of axes, but for groups and bias. */
const parameters = (axes: number) => ({
  inChannels: positiveInteger,
  outChannels: positiveInteger,
  kernelSize: sizes(axes),
  stride: optional(sizes(axes), new Array<number>(axes).fill(1)),
  padding: optional(perAxis(nonNegativeInteger, axes), new Array<number>(axes).fill(0)),
  dilation: optional(sizes(axes), new Array<number>(axes).fill(1)),
});
const groups = optional(positiveInteger, 1);
const bias = optional(boolean, true);

const readConv1d = reader('Conv1d', { ...parameters(1), groups, bias });
const readConv2d = reader('Conv2d', { ...parameters(2), groups, bias });
const readConv3d = reader('Conv3d', { ...parameters(3), bias });

const operations = [mx.conv1d, mx.conv2d, mx.conv3d] as const;

/** What the convolution layers share; the number of spatial axes is the kernel's. */
abstract class Convolution extends Module {
  /** Shape `[outChannels, ...kernel, inChannels / groups]`. */
  weight: mx.array;
  /** Shape `[outChannels]`; absent if the layer was made without. */
  bias?: mx.array;
  readonly #stride: number[];
  readonly #padding: number[];
  readonly #dilation: number[];
  readonly #groups: number;

  static {
    takesInputs(this, { x: array });
  }

  constructor(name: string, given: ReturnType<typeof readConv3d>, groups: number) {
    super();
    const { inChannels, outChannels, kernelSize, stride, padding, dilation, bias } = given;
    if (inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new RangeError(
        `[${name}] groups = ${groups} must divide inChannels = ${inChannels} and ` +
          `outChannels = ${outChannels}`,
      );
    const shape = [outChannels, ...kernelSize, inChannels / groups];
    const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
    const bound = 1 / Math.sqrt(inputs);
    this.weight = uniformWeights(name, bound, shape);
    if (bias) this.bias = mx.zeros([outChannels]);
    this.#stride = stride;
    this.#padding = padding;
    this.#dilation = dilation;
    this.#groups = groups;
  }

  /**
   * @param x - shape [batch, ...sizes, inChannels]; the result is [batch, ...new sizes,
   *   outChannels].
   */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    const axes = this.#stride.length;
    // One function for each number of axes, whose options only differ in their type.
    const convolve = operations[axes - 1] as (...args: unknown[]) => mx.array;
    const option = (values: number[]) => (axes === 1 ? values[0]! : values);
    const y = convolve(
      x,
      this.weight,
      option(this.#stride),
      option(this.#padding),
      option(this.#dilation),
      this.#groups,
    );
    return this.bias ? mx.add(y, this.bias) : y;
  }

  protected override extraRepr(): string {
    const [outChannels, ...rest] = this.weight.shape;
    const inChannels = rest.pop()! * this.#groups;
    return (
      `${inChannels}, ${outChannels}, kernelSize=${rest.join()}, stride=${this.#stride.join()}, ` +
      `padding=${this.#padding.join()}, dilation=${this.#dilation.join()}, ` +
      `groups=${this.#groups}, bias=${this.bias !== undefined}`
    );
  }
}

/**
 * Convolution over one spatial axis. Inputs are `[batch, length, channels]`, outputs
 * `[batch, length, outChannels]`. Weights begin uniform in ±1/sqrt(inputs of one output).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Conv1d } from '@mlx/nn';
 *
 * const layer = new Conv1d(2, 8, 3, 1, 1);
 * layer(mx.zeros([4, 100, 2])).shape; // => [4, 100, 8]
 * ```
 */
export class Conv1d extends Convolution {
  /**
   * @param inChannels - channels of the input.
   * @param outChannels - channels of the output.
   * @param kernelSize - length of the window.
   * @param stride - steps between windows; default 1.
   * @param padding - zeros added on each side; default 0.
   * @param dilation - steps between a window's elements; default 1.
   * @param groups - groups of channels convolved apart; default 1.
   * @param bias - whether to add a bias; default true.
   * @throws RangeError if groups doesn't divide both channel counts.
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    stride?: number,
    padding?: number,
    dilation?: number,
    groups?: number,
    bias?: boolean,
  );
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: GroupedConvOptions,
  );
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    stride: number,
    options: GroupedConvOptions,
  );
  constructor(...values: unknown[]) {
    const given = readConv1d(values);
    super('Conv1d', given, given.groups);
  }
}

/**
 * Convolution over two spatial axes. Inputs are `[batch, height, width, channels]`, outputs
 * `[batch, height, width, outChannels]`. Weights begin uniform in ±1/sqrt(inputs of one output).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Conv2d } from '@mlx/nn';
 *
 * const layer = new Conv2d(1, 8, 3, 1, 1);
 * layer(mx.zeros([2, 28, 28, 1])).shape; // => [2, 28, 28, 8]
 * ```
 */
export class Conv2d extends Convolution {
  /**
   * @param inChannels - channels of the input.
   * @param outChannels - channels of the output.
   * @param kernelSize - height and width of the window.
   * @param stride - steps between windows; default 1.
   * @param padding - zeros added on each side; default 0.
   * @param dilation - steps between a window's elements; default 1.
   * @param groups - groups of channels convolved apart; default 1.
   * @param bias - whether to add a bias; default true.
   * @throws RangeError if groups doesn't divide both channel counts.
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Pair,
    stride?: number | Pair,
    padding?: number | Pair,
    dilation?: number | Pair,
    groups?: number,
    bias?: boolean,
  );
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Pair,
    options: GroupedConvOptions<number | Pair>,
  );
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Pair,
    stride: number | Pair,
    options: GroupedConvOptions<number | Pair>,
  );
  constructor(...values: unknown[]) {
    const given = readConv2d(values);
    super('Conv2d', given, given.groups);
  }
}

/**
 * Convolution over three spatial axes. Inputs are `[batch, depth, height, width, channels]`,
 * outputs `[batch, depth, height, width, outChannels]`. Weights begin uniform in
 * ±1/sqrt(inputs of one output).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Conv3d } from '@mlx/nn';
 *
 * const layer = new Conv3d(1, 4, 3);
 * layer(mx.zeros([2, 8, 8, 8, 1])).shape; // => [2, 6, 6, 6, 4]
 * ```
 */
export class Conv3d extends Convolution {
  /**
   * @param inChannels - channels of the input.
   * @param outChannels - channels of the output.
   * @param kernelSize - depth, height and width of the window.
   * @param stride - steps between windows; default 1.
   * @param padding - zeros added on each side; default 0.
   * @param dilation - steps between a window's elements; default 1.
   * @param bias - whether to add a bias; default true.
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Triple,
    stride?: number | Triple,
    padding?: number | Triple,
    dilation?: number | Triple,
    bias?: boolean,
  );
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Triple,
    options: ConvOptions<number | Triple>,
  );
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Triple,
    stride: number | Triple,
    options: ConvOptions<number | Triple>,
  );
  constructor(...values: unknown[]) {
    super('Conv3d', readConv3d(values), 1);
  }
}
