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

/** Options of a transposed convolution; `Size` is a number, or a list with one for each axis. */
export interface ConvTransposeOptions<Size = number> {
  /** Steps between windows of the output; default: 1. */
  stride?: Size | undefined;
  /** Elements cut off each side of the output; default: 0. */
  padding?: Size | undefined;
  /** Steps between a window's elements; default: 1. */
  dilation?: Size | undefined;
  /** Elements added at the end of each axis of the output; default: 0. */
  outputPadding?: Size | undefined;
  /** Whether to add a bias; default: true. */
  bias?: boolean | undefined;
}

function readerOver(axes: number) {
  const ones = new Array<number>(axes).fill(1);
  const zeros = new Array<number>(axes).fill(0);
  return reader(`ConvTranspose${axes}d`, {
    inChannels: positiveInteger,
    outChannels: positiveInteger,
    kernelSize: sizes(axes),
    stride: optional(sizes(axes), ones),
    padding: optional(perAxis(nonNegativeInteger, axes), zeros),
    dilation: optional(sizes(axes), ones),
    outputPadding: optional(perAxis(nonNegativeInteger, axes), zeros),
    bias: optional(boolean, true),
  });
}

const readers = [readerOver(1), readerOver(2), readerOver(3)] as const;

const operations = [mx.convTranspose1d, mx.convTranspose2d, mx.convTranspose3d] as const;

/** What the transposed convolution layers share. */
abstract class TransposedConvolution extends Module {
  /** Shape `[outChannels, ...kernel, inChannels]`. */
  weight: mx.array;
  /** Shape `[outChannels]`; absent if the layer was made without. */
  bias?: mx.array;
  readonly #stride: number[];
  readonly #padding: number[];
  readonly #dilation: number[];
  readonly #outputPadding: number[];

  static {
    takesInputs(this, { x: array });
  }

  constructor(given: ReturnType<(typeof readers)[0]>) {
    super();
    const { inChannels, outChannels, kernelSize, bias } = given;
    const shape = [outChannels, ...kernelSize, inChannels];
    const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
    const bound = 1 / Math.sqrt(inputs);
    this.weight = uniformWeights(`ConvTranspose${kernelSize.length}d`, bound, shape);
    if (bias) this.bias = mx.zeros([outChannels]);
    this.#stride = given.stride;
    this.#padding = given.padding;
    this.#dilation = given.dilation;
    this.#outputPadding = given.outputPadding;
  }

  /**
   * @param x - shape [batch, ...sizes, inChannels]; the result is [batch, ...new sizes,
   *   outChannels].
   */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    const axes = this.#stride.length;
    const convolve = operations[axes - 1] as (...args: unknown[]) => mx.array;
    const option = (values: number[]) => (axes === 1 ? values[0]! : values);
    const y = convolve(
      x,
      this.weight,
      option(this.#stride),
      option(this.#padding),
      option(this.#dilation),
      option(this.#outputPadding),
    );
    return this.bias ? mx.add(y, this.bias) : y;
  }

  protected override extraRepr(): string {
    const [outChannels, ...rest] = this.weight.shape;
    const inChannels = rest.pop()!;
    return (
      `${inChannels}, ${outChannels}, kernelSize=${rest.join()}, stride=${this.#stride.join()}, ` +
      `padding=${this.#padding.join()}, dilation=${this.#dilation.join()}, ` +
      `outputPadding=${this.#outputPadding.join()}, bias=${this.bias !== undefined}`
    );
  }
}

/**
 * The transpose of a convolution over one spatial axis, which enlarges: inputs are
 * `[batch, length, channels]`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { ConvTranspose1d } from '@mlx/nn';
 *
 * const layer = new ConvTranspose1d(3, 8, 4, 2, 1);
 * layer(mx.zeros([2, 50, 3])).shape; // => [2, 100, 8]
 * ```
 */
export class ConvTranspose1d extends TransposedConvolution {
  /**
   * @param inChannels - channels of the input.
   * @param outChannels - channels of the output.
   * @param kernelSize - length of the window.
   * @param stride - steps between windows of the output; default 1.
   * @param padding - elements cut off each side of the output; default 0.
   * @param dilation - steps between a window's elements; default 1.
   * @param outputPadding - elements added at the output's end; default 0.
   * @param bias - whether to add a bias; default true.
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    stride?: number,
    padding?: number,
    dilation?: number,
    outputPadding?: number,
    bias?: boolean,
  );
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: ConvTransposeOptions,
  );
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    stride: number,
    options: ConvTransposeOptions,
  );
  constructor(...values: unknown[]) {
    super(readers[0](values));
  }
}

/**
 * The transpose of a convolution over two spatial axes: inputs are
 * `[batch, height, width, channels]`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { ConvTranspose2d } from '@mlx/nn';
 *
 * const layer = new ConvTranspose2d(16, 3, 4, 2, 1);
 * layer(mx.zeros([1, 8, 8, 16])).shape; // => [1, 16, 16, 3]
 * ```
 */
export class ConvTranspose2d extends TransposedConvolution {
  /**
   * @param inChannels - channels of the input.
   * @param outChannels - channels of the output.
   * @param kernelSize - height and width of the window.
   * @param stride - steps between windows of the output; default 1.
   * @param padding - elements cut off each side of the output; default 0.
   * @param dilation - steps between a window's elements; default 1.
   * @param outputPadding - elements added at the end of each axis of the output; default 0.
   * @param bias - whether to add a bias; default true.
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Pair,
    stride?: number | Pair,
    padding?: number | Pair,
    dilation?: number | Pair,
    outputPadding?: number | Pair,
    bias?: boolean,
  );
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Pair,
    options: ConvTransposeOptions<number | Pair>,
  );
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Pair,
    stride: number | Pair,
    options: ConvTransposeOptions<number | Pair>,
  );
  constructor(...values: unknown[]) {
    super(readers[1](values));
  }
}

/**
 * The transpose of a convolution over three spatial axes: inputs are
 * `[batch, depth, height, width, channels]`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { ConvTranspose3d } from '@mlx/nn';
 *
 * const layer = new ConvTranspose3d(2, 3, 2, 2);
 * layer(mx.zeros([1, 4, 4, 4, 2])).shape; // => [1, 8, 8, 8, 3]
 * ```
 */
export class ConvTranspose3d extends TransposedConvolution {
  /**
   * @param inChannels - channels of the input.
   * @param outChannels - channels of the output.
   * @param kernelSize - depth, height and width of the window.
   * @param stride - steps between windows of the output; default 1.
   * @param padding - elements cut off each side of the output; default 0.
   * @param dilation - steps between a window's elements; default 1.
   * @param outputPadding - elements added at the end of each axis of the output; default 0.
   * @param bias - whether to add a bias; default true.
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Triple,
    stride?: number | Triple,
    padding?: number | Triple,
    dilation?: number | Triple,
    outputPadding?: number | Triple,
    bias?: boolean,
  );
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Triple,
    options: ConvTransposeOptions<number | Triple>,
  );
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | Triple,
    stride: number | Triple,
    options: ConvTransposeOptions<number | Triple>,
  );
  constructor(...values: unknown[]) {
    super(readers[2](values));
  }
}
