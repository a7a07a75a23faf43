import * as mx from '@mlx/core';
import { Module } from './module';
import { perAxis, type Pair, type Triple } from './tuples';

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

  constructor(
    name: string,
    inChannels: number,
    outChannels: number,
    kernelSize: number[],
    stride: number | number[],
    padding: number | number[],
    dilation: number | number[],
    groups: number,
    bias: boolean,
  ) {
    super();
    if (inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new RangeError(
        `[${name}] groups = ${groups} must divide inChannels = ${inChannels} and ` +
          `outChannels = ${outChannels}`,
      );
    const shape = [outChannels, ...kernelSize, inChannels / groups];
    const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
    const bound = 1 / Math.sqrt(inputs);
    this.weight = mx.random.uniform(-bound, bound, shape);
    if (bias) this.bias = mx.zeros([outChannels]);
    const axes = kernelSize.length;
    this.#stride = perAxis(stride, axes, name);
    this.#padding = perAxis(padding, axes, name);
    this.#dilation = perAxis(dilation, axes, name);
    this.#groups = groups;
  }

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
    stride = 1,
    padding = 0,
    dilation = 1,
    groups = 1,
    bias = true,
  ) {
    const kernel = perAxis(kernelSize, 1, 'Conv1d');
    super('Conv1d', inChannels, outChannels, kernel, stride, padding, dilation, groups, bias);
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
    stride: number | Pair = 1,
    padding: number | Pair = 0,
    dilation: number | Pair = 1,
    groups = 1,
    bias = true,
  ) {
    const kernel = perAxis(kernelSize, 2, 'Conv2d');
    super('Conv2d', inChannels, outChannels, kernel, stride, padding, dilation, groups, bias);
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
    stride: number | Triple = 1,
    padding: number | Triple = 0,
    dilation: number | Triple = 1,
    bias = true,
  ) {
    const kernel = perAxis(kernelSize, 3, 'Conv3d');
    super('Conv3d', inChannels, outChannels, kernel, stride, padding, dilation, 1, bias);
  }
}
