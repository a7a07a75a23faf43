import * as mx from '@mlx/core';
import { Module } from './module';
import { perAxis, type Pair, type Triple } from './tuples';

/**
 * The windows of a padded `[batch, ...spatial, channels]` array, as a view that has the windows'
 * elements in axes between the outputs and the channels.
 */
function windows(name: string, x: mx.array, kernel: number[], stride: number[]): mx.array {
  const { shape } = x;
  const [batch, channels] = [shape[0]!, shape.at(-1)!];
  const spatial = shape.slice(1, -1);
  const outputs = spatial.map((size, i) => Math.floor((size - kernel[i]!) / stride[i]!) + 1);
  if (outputs.some((size) => size < 1))
    throw new mx.ShapeError(
      `[${name}] The window ${kernel.join('x')} is larger than the padded input ` +
        spatial.join('x'),
    );
  // Windows that tile the input are a reshape, whose gradient is cheaper than a scatter.
  if (kernel.every((size, i) => size === stride[i])) {
    const bounds = outputs.map((size, i) => mx.Slice(0, size * kernel[i]!));
    const split = mx.reshape(x.index(mx.Slice(), ...bounds), [
      batch,
      ...outputs.flatMap((size, i) => [size, kernel[i]!]),
      channels,
    ]);
    const axes = outputs.map((_size, i) => 2 * i + 1);
    const order = [0, ...axes, ...axes.map((axis) => axis + 1), split.ndim - 1];
    return mx.transpose(split, order);
  }
  const strides = [1];
  for (const size of shape.slice(1).reverse()) strides.unshift(size * strides[0]!);
  const steps = strides.slice(1, -1);
  return mx.asStrided(
    x,
    [batch, ...outputs, ...kernel, channels],
    [strides[0]!, ...steps.map((step, i) => step * stride[i]!), ...steps, 1],
  );
}

/** What no element is less than. */
function lowest(dtype: mx.Dtype): number | bigint {
  if (dtype === mx.bool_) return 0;
  return mx.issubdtype(dtype, mx.integer) ? mx.iinfo(dtype).min : -Infinity;
}

/** What the pooling layers share. */
abstract class Pooling extends Module {
  readonly #name: string;
  readonly #kernelSize: number[];
  readonly #stride: number[];
  readonly #padding: number[];
  readonly #kind: 'max' | 'mean';
  readonly #reduce: (windows: mx.array, axes: number[]) => mx.array;

  constructor(
    name: string,
    axes: number,
    kind: 'max' | 'mean',
    kernelSize: number | number[],
    stride: number | number[] | null,
    padding: number | number[],
  ) {
    super();
    this.#name = name;
    this.#kernelSize = perAxis(kernelSize, axes, name);
    this.#stride = stride === null ? this.#kernelSize : perAxis(stride, axes, name);
    this.#padding = perAxis(padding, axes, name);
    this.#kind = kind;
    this.#reduce = kind === 'max' ? (w, over) => mx.max(w, over) : (w, over) => mx.mean(w, over);
  }

  forward(x: mx.array): mx.array {
    const axes = this.#kernelSize.length;
    if (x.ndim !== axes + 2)
      throw new mx.ShapeError(
        `[${this.#name}] Expected an input [batch, ${axes} spatial axes, channels] but received ` +
          `shape (${x.shape.join(',')})`,
      );
    const widths: Pair[] = [[0, 0], ...this.#padding.map((n): Pair => [n, n]), [0, 0]];
    const padded = this.#padding.every((n) => n === 0)
      ? x
      : mx.pad(x, widths, 'constant', this.#kind === 'max' ? lowest(x.dtype) : 0);
    const all = windows(this.#name, padded, this.#kernelSize, this.#stride);
    const elements = this.#kernelSize.map((_size, i) => -2 - i);
    return this.#reduce(all, elements);
  }

  protected override extraRepr(): string {
    return (
      `kernelSize=${this.#kernelSize.join()}, stride=${this.#stride.join()}, ` +
      `padding=${this.#padding.join()}`
    );
  }
}

/**
 * The largest value of each window of a `[batch, length, channels]` array.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { MaxPool1d } from '@mlx/nn';
 *
 * new MaxPool1d(2)(mx.zeros([1, 28, 3])).shape; // => [1, 14, 3]
 * ```
 */
export class MaxPool1d extends Pooling {
  /**
   * @param kernelSize - length of the window.
   * @param stride - steps between windows; default: the window's size.
   * @param padding - values of -infinity added on each side; default 0.
   */
  constructor(kernelSize: number, stride: number | null = null, padding: number = 0) {
    super('MaxPool1d', 1, 'max', kernelSize, stride, padding);
  }
}

/**
 * The mean of each window of a `[batch, length, channels]` array.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { AvgPool1d } from '@mlx/nn';
 *
 * new AvgPool1d(2)(mx.zeros([1, 28, 3])).shape; // => [1, 14, 3]
 * ```
 */
export class AvgPool1d extends Pooling {
  /**
   * @param kernelSize - length of the window.
   * @param stride - steps between windows; default: the window's size.
   * @param padding - zeros added on each side, which count in the mean; default 0.
   */
  constructor(kernelSize: number, stride: number | null = null, padding: number = 0) {
    super('AvgPool1d', 1, 'mean', kernelSize, stride, padding);
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
export class MaxPool2d extends Pooling {
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
    super('MaxPool2d', 2, 'max', kernelSize, stride, padding);
  }
}

/**
 * The mean of each window of a `[batch, height, width, channels]` array.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { AvgPool2d } from '@mlx/nn';
 *
 * new AvgPool2d(2)(mx.zeros([1, 28, 28, 3])).shape; // => [1, 14, 14, 3]
 * ```
 */
export class AvgPool2d extends Pooling {
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
    super('AvgPool2d', 2, 'mean', kernelSize, stride, padding);
  }
}

/**
 * The largest value of each window of a `[batch, depth, height, width, channels]` array.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { MaxPool3d } from '@mlx/nn';
 *
 * new MaxPool3d(2)(mx.zeros([1, 8, 8, 8, 3])).shape; // => [1, 4, 4, 4, 3]
 * ```
 */
export class MaxPool3d extends Pooling {
  /**
   * @param kernelSize - depth, height and width of the window.
   * @param stride - steps between windows; default: the window's size.
   * @param padding - values of -infinity added on each side; default 0.
   */
  constructor(
    kernelSize: number | Triple,
    stride: number | Triple | null = null,
    padding: number | Triple = 0,
  ) {
    super('MaxPool3d', 3, 'max', kernelSize, stride, padding);
  }
}

/**
 * The mean of each window of a `[batch, depth, height, width, channels]` array.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { AvgPool3d } from '@mlx/nn';
 *
 * new AvgPool3d(2)(mx.zeros([1, 8, 8, 8, 3])).shape; // => [1, 4, 4, 4, 3]
 * ```
 */
export class AvgPool3d extends Pooling {
  /**
   * @param kernelSize - depth, height and width of the window.
   * @param stride - steps between windows; default: the window's size.
   * @param padding - zeros added on each side, which count in the mean; default 0.
   */
  constructor(
    kernelSize: number | Triple,
    stride: number | Triple | null = null,
    padding: number | Triple = 0,
  ) {
    super('AvgPool3d', 3, 'mean', kernelSize, stride, padding);
  }
}
