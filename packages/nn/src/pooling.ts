import * as mx from '@mlx/core';
import { Module } from './module';
import { pair, type Pair } from './tuples';

/** The windows of a padded `[batch, height, width, channels]` array, as a view with two more axes. */
function windows(x: mx.array, kernel: Pair, stride: Pair): mx.array {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const rows = Math.floor((height - kernel[0]) / stride[0]) + 1;
  const columns = Math.floor((width - kernel[1]) / stride[1]) + 1;
  if (rows < 1 || columns < 1)
    throw new mx.ShapeError(
      `[Pool2d] The window ${kernel.join('x')} is larger than the padded input ${height}x${width}`,
    );
  // Windows that tile the input are a reshape, whose gradient is cheaper than a scatter.
  if (kernel[0] === stride[0] && kernel[1] === stride[1]) {
    const whole = x.index(
      mx.Slice(),
      mx.Slice(0, rows * kernel[0]),
      mx.Slice(0, columns * kernel[1]),
    );
    const split = mx.reshape(whole, [batch, rows, kernel[0], columns, kernel[1], channels]);
    return mx.transpose(split, [0, 1, 3, 2, 4, 5]);
  }
  const strides = [height * width * channels, width * channels, channels, 1] as const;
  return mx.asStrided(
    x,
    [batch, rows, columns, kernel[0], kernel[1], channels],
    [
      strides[0],
      strides[1] * stride[0],
      strides[2] * stride[1],
      strides[1],
      strides[2],
      strides[3],
    ],
  );
}

/** What the pooling layers over two spatial axes share. */
abstract class Pool2d extends Module {
  readonly #kernelSize: Pair;
  readonly #stride: Pair;
  readonly #padding: Pair;

  constructor(kernelSize: number | Pair, stride: number | Pair | null, padding: number | Pair) {
    super();
    this.#kernelSize = pair(kernelSize);
    this.#stride = stride === null ? this.#kernelSize : pair(stride);
    this.#padding = pair(padding);
  }

  protected abstract readonly paddingValue: number;
  protected abstract reduce(windows: mx.array): mx.array;

  forward(x: mx.array): mx.array {
    if (x.ndim !== 4)
      throw new mx.ShapeError(
        `[Pool2d] Expected an input [batch, height, width, channels] but received shape ` +
          `(${x.shape.join(',')})`,
      );
    const [vertical, horizontal] = this.#padding;
    const padded =
      vertical === 0 && horizontal === 0
        ? x
        : mx.pad(
            x,
            [
              [0, 0],
              [vertical, vertical],
              [horizontal, horizontal],
              [0, 0],
            ],
            'constant',
            this.paddingValue,
          );
    return this.reduce(windows(padded, this.#kernelSize, this.#stride));
  }

  protected override extraRepr(): string {
    return (
      `kernelSize=${this.#kernelSize.join()}, stride=${this.#stride.join()}, ` +
      `padding=${this.#padding.join()}`
    );
  }
}

/**
 * The largest value of each window of a `[batch, height, width, channels]` array.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { MaxPool2d } from '@mlx/nn';
 *
 * new MaxPool2d(2)(mx.zeros([1, 28, 28, 3])).shape; // => [1, 14, 14, 3]
 * ```
 */
export class MaxPool2d extends Pool2d {
  protected readonly paddingValue = -Infinity;

  /**
   * @param kernelSize - height and width of the window.
   * @param stride - steps between windows; default: the window's size.
   * @param padding - values of -infinity added on each side; default 0.
   */
  constructor(
    kernelSize: number | Pair,
    stride: number | Pair | null = null,
    padding: number | Pair = 0,
  ) {
    super(kernelSize, stride, padding);
  }

  protected reduce(all: mx.array): mx.array {
    return mx.max(all, [-3, -2]);
  }
}

/** The mean of each window of a `[batch, height, width, channels]` array. */
export class AvgPool2d extends Pool2d {
  protected readonly paddingValue = 0;

  /**
   * @param kernelSize - height and width of the window.
   * @param stride - steps between windows; default: the window's size.
   * @param padding - zeros added on each side, which count in the mean; default 0.
   */
  constructor(
    kernelSize: number | Pair,
    stride: number | Pair | null = null,
    padding: number | Pair = 0,
  ) {
    super(kernelSize, stride, padding);
  }

  protected reduce(all: mx.array): mx.array {
    return mx.mean(all, [-3, -2]);
  }
}
