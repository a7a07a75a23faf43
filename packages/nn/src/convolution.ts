import * as mx from '@mlx/core';
import { Module } from './module';
import { pair, type Pair } from './tuples';

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
export class Conv2d extends Module {
  /** Shape `[outChannels, kernel height, kernel width, inChannels / groups]`. */
  weight: mx.array;
  /** Shape `[outChannels]`; absent if the layer was made without. */
  bias?: mx.array;
  readonly #stride: Pair;
  readonly #padding: Pair;
  readonly #dilation: Pair;
  readonly #groups: number;

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
    super();
    if (inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new RangeError(
        `[Conv2d] groups = ${groups} must divide inChannels = ${inChannels} and ` +
          `outChannels = ${outChannels}`,
      );
    const [height, width] = pair(kernelSize);
    const scale = Math.sqrt(1 / ((inChannels / groups) * height * width));
    this.weight = mx.random.uniform(-scale, scale, [
      outChannels,
      height,
      width,
      inChannels / groups,
    ]);
    if (bias) this.bias = mx.zeros([outChannels]);
    this.#stride = pair(stride);
    this.#padding = pair(padding);
    this.#dilation = pair(dilation);
    this.#groups = groups;
  }

  forward(x: mx.array): mx.array {
    const y = mx.conv2d(x, this.weight, this.#stride, this.#padding, this.#dilation, this.#groups);
    return this.bias ? mx.add(y, this.bias) : y;
  }

  protected override extraRepr(): string {
    const [outChannels, height, width, inChannels] = this.weight.shape;
    return (
      `${inChannels! * this.#groups}, ${outChannels}, kernelSize=${height},${width}, ` +
      `stride=${this.#stride.join()}, padding=${this.#padding.join()}, ` +
      `dilation=${this.#dilation.join()}, groups=${this.#groups}, bias=${this.bias !== undefined}`
    );
  }
}
