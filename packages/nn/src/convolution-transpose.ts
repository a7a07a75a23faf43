import * as mx from '@mlx/core';
import { Module } from './module';
import { perAxis, type Pair, type Triple } from './tuples';

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

  constructor(
    name: string,
    inChannels: number,
    outChannels: number,
    kernelSize: number[],
    stride: number | number[],
    padding: number | number[],
    dilation: number | number[],
    outputPadding: number | number[],
    bias: boolean,
  ) {
    super();
    const shape = [outChannels, ...kernelSize, inChannels];
    const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
    const bound = 1 / Math.sqrt(inputs);
    this.weight = mx.random.uniform(-bound, bound, shape);
    if (bias) this.bias = mx.zeros([outChannels]);
    const axes = kernelSize.length;
    this.#stride = perAxis(stride, axes, name);
    this.#padding = perAxis(padding, axes, name);
    this.#dilation = perAxis(dilation, axes, name);
    this.#outputPadding = perAxis(outputPadding, axes, name);
  }

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
    stride = 1,
    padding = 0,
    dilation = 1,
    outputPadding = 0,
    bias = true,
  ) {
    const [name, kernel] = ['ConvTranspose1d', perAxis(kernelSize, 1, 'ConvTranspose1d')];
    super(name, inChannels, outChannels, kernel, stride, padding, dilation, outputPadding, bias);
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
    stride: number | Pair = 1,
    padding: number | Pair = 0,
    dilation: number | Pair = 1,
    outputPadding: number | Pair = 0,
    bias = true,
  ) {
    const [name, kernel] = ['ConvTranspose2d', perAxis(kernelSize, 2, 'ConvTranspose2d')];
    super(name, inChannels, outChannels, kernel, stride, padding, dilation, outputPadding, bias);
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
    stride: number | Triple = 1,
    padding: number | Triple = 0,
    dilation: number | Triple = 1,
    outputPadding: number | Triple = 0,
    bias = true,
  ) {
    const [name, kernel] = ['ConvTranspose3d', perAxis(kernelSize, 3, 'ConvTranspose3d')];
    super(name, inChannels, outChannels, kernel, stride, padding, dilation, outputPadding, bias);
  }
}
