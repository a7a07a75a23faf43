import * as mx from '@mlx/core';
import { array, nonNegativeInteger, nullable, optional, perAxis, reader } from '@mlx/core/calls';
import { takesInputs } from './inputs';
import { sizes } from './kinds';
import { Module } from './module';
import type { Pair, Triple } from './tuples';

/** Options of a pooling layer; `Size` is a number, or a list with one for each axis. */
export interface PoolOptions<Size = number> {
  /** Steps between windows; default: the window's size. */
  stride?: Size | null | undefined;
  /** Values added on each side: zeros for a mean, -infinity for a largest value; default: 0. */
  padding?: Size | undefined;
}

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

function readerOver(name: string, axes: number) {
  return reader(name, {
    kernelSize: sizes(axes),
    stride: optional(nullable(sizes(axes)), null),
    padding: optional(perAxis(nonNegativeInteger, axes), new Array<number>(axes).fill(0)),
  });
}

const readers = {
  max: [1, 2, 3].map((axes) => readerOver(`MaxPool${axes}d`, axes)),
  mean: [1, 2, 3].map((axes) => readerOver(`AvgPool${axes}d`, axes)),
};

/** What the pooling layers share. */
abstract class Pooling extends Module {
  readonly #name: string;
  readonly #kernelSize: number[];
  readonly #stride: number[];
  readonly #padding: number[];
  readonly #kind: 'max' | 'mean';
  readonly #reduce: (windows: mx.array, axes: number[]) => mx.array;

  static {
    takesInputs(this, { x: array });
  }

  constructor(name: string, axes: number, kind: 'max' | 'mean', values: readonly unknown[]) {
    super();
    this.#name = name;
    const { kernelSize, stride, padding } = readers[kind][axes - 1]!(values);
    this.#kernelSize = kernelSize;
    this.#stride = stride ?? kernelSize;
    this.#padding = padding;
    this.#kind = kind;
    this.#reduce = kind === 'max' ? (w, over) => mx.max(w, over) : (w, over) => mx.mean(w, over);
  }

  /**
   * @param x - shape [batch, ...sizes, channels]; the result is [batch, ...new sizes, channels].
   */
  forward(x: mx.ArrayLike): mx.array;
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
  constructor(kernelSize: number, stride?: number | null, padding?: number);
  constructor(kernelSize: number, options: PoolOptions);
  constructor(kernelSize: number, stride: number | null, options: PoolOptions);
  constructor(...values: unknown[]) {
    super('MaxPool1d', 1, 'max', values);
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
  constructor(kernelSize: number, stride?: number | null, padding?: number);
  constructor(kernelSize: number, options: PoolOptions);
  constructor(kernelSize: number, stride: number | null, options: PoolOptions);
  constructor(...values: unknown[]) {
    super('AvgPool1d', 1, 'mean', values);
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
  constructor(kernelSize: number | Pair, stride?: number | Pair | null, padding?: number | Pair);
  constructor(kernelSize: number | Pair, options: PoolOptions<number | Pair>);
  constructor(
    kernelSize: number | Pair,
    stride: number | Pair | null,
    options: PoolOptions<number | Pair>,
  );
  constructor(...values: unknown[]) {
    super('MaxPool2d', 2, 'max', values);
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
  constructor(kernelSize: number | Pair, stride?: number | Pair | null, padding?: number | Pair);
  constructor(kernelSize: number | Pair, options: PoolOptions<number | Pair>);
  constructor(
    kernelSize: number | Pair,
    stride: number | Pair | null,
    options: PoolOptions<number | Pair>,
  );
  constructor(...values: unknown[]) {
    super('AvgPool2d', 2, 'mean', values);
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
    stride?: number | Triple | null,
    padding?: number | Triple,
  );
  constructor(kernelSize: number | Triple, options: PoolOptions<number | Triple>);
  constructor(
    kernelSize: number | Triple,
    stride: number | Triple | null,
    options: PoolOptions<number | Triple>,
  );
  constructor(...values: unknown[]) {
    super('MaxPool3d', 3, 'max', values);
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
    stride?: number | Triple | null,
    padding?: number | Triple,
  );
  constructor(kernelSize: number | Triple, options: PoolOptions<number | Triple>);
  constructor(
    kernelSize: number | Triple,
    stride: number | Triple | null,
    options: PoolOptions<number | Triple>,
  );
  constructor(...values: unknown[]) {
    super('AvgPool3d', 3, 'mean', values);
  }
}
