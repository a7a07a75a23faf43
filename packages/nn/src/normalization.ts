import * as mx from '@mlx/core';
import {
  array,
  boolean,
  nonNegative,
  nonNegativeInteger,
  number,
  optional,
  positiveInteger,
  reader,
} from '@mlx/core/calls';
import { floating, widened } from './floating';
import { takesInputs } from './inputs';
import { Module, type FreezeOptions } from './module';

const eps = optional(nonNegative, 1e-5);
const readInstanceNorm = reader('InstanceNorm', {
  dims: nonNegativeInteger,
  eps,
  affine: optional(boolean, false),
});
const readLayerNorm = reader('LayerNorm', {
  dims: nonNegativeInteger,
  eps,
  affine: optional(boolean, true),
  bias: optional(boolean, true),
});
const readRMSNorm = reader('RMSNorm', { dims: nonNegativeInteger, eps });
const readGroupNorm = reader('GroupNorm', {
  numGroups: positiveInteger,
  dims: nonNegativeInteger,
  eps,
  affine: optional(boolean, true),
  pytorchCompatible: optional(boolean, false),
});
const readBatchNorm = reader('BatchNorm', {
  numFeatures: nonNegativeInteger,
  eps,
  momentum: optional(number, 0.1),
  affine: optional(boolean, true),
  trackRunningStats: optional(boolean, true),
});

/** Options of {@link RMSNorm}. */
export interface RMSNormOptions {
  /** Added to the mean of squares; default: 1e-5. */
  eps?: number | undefined;
}

/** Options of {@link InstanceNorm}. */
export interface InstanceNormOptions {
  /** Added to the variance; default: 1e-5. */
  eps?: number | undefined;
  /** Whether to learn a scale and a shift; default: false. */
  affine?: boolean | undefined;
}

/** Options of {@link LayerNorm}. */
export interface LayerNormOptions {
  /** Added to the variance; default: 1e-5. */
  eps?: number | undefined;
  /** Whether to learn a scale; default: true. */
  affine?: boolean | undefined;
  /** Whether to learn a shift, if affine; default: true. */
  bias?: boolean | undefined;
}

/** Options of {@link GroupNorm}. */
export interface GroupNormOptions {
  /** Added to the variance; default: 1e-5. */
  eps?: number | undefined;
  /** Whether to learn a scale and a shift; default: true. */
  affine?: boolean | undefined;
  /** Whether groups are neighbouring channels, as PyTorch has it; default: false. */
  pytorchCompatible?: boolean | undefined;
}

/** Options of {@link BatchNorm}. */
export interface BatchNormOptions {
  /** Added to the variance; default: 1e-5. */
  eps?: number | undefined;
  /** The weight of the newest batch in the running statistics; default: 0.1. */
  momentum?: number | undefined;
  /** Whether to learn a scale and a shift; default: true. */
  affine?: boolean | undefined;
  /** Whether to keep running statistics; default: true. */
  trackRunningStats?: boolean | undefined;
}

interface Moments {
  mean: mx.array;
  variance: mx.array;
  /** The array without its mean, of which the variance is the mean square. */
  centered: mx.array;
}

/** The moments of a widened array over some axes; what is centred once serves twice. */
function moments(x: mx.array, axes: number[], keepdims: boolean): Moments {
  const mean = mx.mean(x, axes, keepdims);
  const centered = mx.subtract(x, mean);
  const sizes = centered.dtype === mx.complex64 ? mx.abs(centered) : centered;
  return { mean, centered, variance: mx.mean(mx.square(sizes), axes, keepdims) };
}

/** 1 / √(variance + eps), in float32 at least. */
function reciprocalDeviation(variance: mx.array, eps: number): mx.array {
  return mx.rsqrt(mx.add(widened(variance), eps));
}

/** What the layers with a learned scale and shift for each feature share. */
abstract class Normalization extends Module {
  /** Shape `[dims]`; absent if the layer learns nothing. */
  weight?: mx.array;
  /** Shape `[dims]`; absent if the layer learns no shift. */
  bias?: mx.array;
  protected readonly _dims: number;
  protected readonly _eps: number;

  constructor(dims: number, eps: number, affine: boolean, bias: boolean) {
    super();
    this._dims = dims;
    this._eps = eps;
    if (affine) this.weight = mx.ones([dims]);
    if (affine && bias) this.bias = mx.zeros([dims]);
  }

  protected override extraRepr(): string {
    return `${this._dims}, eps=${this._eps}, affine=${this.weight !== undefined}`;
  }
}

/**
 * Scales and shifts what was made of x in float32, and gives it the dtype of x and the weight. The
 * factor has the channels last, so that the weight is multiplied into it, not into all of x.
 */
function scaleAndShift(
  { weight, bias }: Normalization,
  centered: mx.array,
  factor: mx.array | null,
  x: mx.array,
): mx.array {
  const scale = factor && weight ? mx.multiply(factor, weight) : (factor ?? weight);
  const scaled = scale ? mx.multiply(centered, scale) : centered;
  const shifted = bias ? mx.add(scaled, bias) : scaled;
  const { dtype } = floating(x);
  return mx.astype(shifted, weight ? mx.resultType(dtype, weight.dtype) : dtype);
}

/**
 * Normalises each channel of each image (Ulyanov, Vedaldi and Lempitsky 2016, arXiv:1607.08022):
 * inputs are `[batch, ...spatial, dims]`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { InstanceNorm } from '@mlx/nn';
 *
 * new InstanceNorm(4)(mx.ones([2, 8, 8, 4])).shape; // => [2, 8, 8, 4]
 * ```
 */
export class InstanceNorm extends Normalization {
  static {
    takesInputs(this, { x: array });
  }

  /**
   * @param dims - the number of channels.
   * @param eps - added to the variance; default 1e-5.
   * @param affine - whether to learn a scale and a shift; default false.
   */
  constructor(dims: number, eps?: number, affine?: boolean);
  constructor(dims: number, options: InstanceNormOptions);
  constructor(dims: number, eps: number, options: InstanceNormOptions);
  constructor(...values: unknown[]) {
    const { dims, eps, affine } = readInstanceNorm(values);
    super(dims, eps, affine, true);
  }

  /** @param x - shape [batch, ...sizes, dims]; the result has the same. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    if (x.ndim < 3)
      throw new mx.ShapeError(
        `[InstanceNorm] Expected at least 3 axes but received shape (${x.shape.join(',')})`,
      );
    const axes = Array.from({ length: x.ndim - 2 }, (_, i) => i + 1);
    const { centered, variance } = moments(widened(x), axes, true);
    return scaleAndShift(this, centered, reciprocalDeviation(variance, this._eps), x);
  }
}

/**
 * Normalises the last axis (Ba, Kiros and Hinton 2016, arXiv:1607.06450).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { LayerNorm } from '@mlx/nn';
 *
 * new LayerNorm(2)(mx.array([[3, 3]])).tolist(); // => [[0, 0]]
 * ```
 */
export class LayerNorm extends Normalization {
  static {
    takesInputs(this, { x: array });
  }

  /**
   * @param dims - size of the last axis.
   * @param eps - added to the variance; default 1e-5.
   * @param affine - whether to learn a scale; default true.
   * @param bias - whether to learn a shift, if affine; default true.
   */
  constructor(dims: number, eps?: number, affine?: boolean, bias?: boolean);
  constructor(dims: number, options: LayerNormOptions);
  constructor(dims: number, eps: number, options: LayerNormOptions);
  constructor(...values: unknown[]) {
    const { dims, eps, affine, bias } = readLayerNorm(values);
    super(dims, eps, affine, bias);
  }

  /** @param x - shape [..., dims]; the result has the same. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    return mx.fast.layerNorm(x, this.weight ?? null, this.bias ?? null, this._eps);
  }
}

/**
 * Divides the last axis by its root mean square (Zhang and Sennrich 2019, arXiv:1910.07467).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { RMSNorm } from '@mlx/nn';
 *
 * new RMSNorm(2, 0)(mx.array([[5, 5]])).tolist(); // => [[1, 1]]
 * ```
 */
export class RMSNorm extends Module {
  static {
    takesInputs(this, { x: array });
  }

  /** Shape `[dims]`. */
  weight: mx.array;
  readonly #eps: number;

  /**
   * @param dims - size of the last axis.
   * @param eps - added to the mean of squares; default 1e-5.
   */
  constructor(dims: number, eps?: number);
  constructor(dims: number, options: RMSNormOptions);
  constructor(...values: unknown[]) {
    super();
    const { dims, eps } = readRMSNorm(values);
    this.weight = mx.ones([dims]);
    this.#eps = eps;
  }

  /** @param x - shape [..., dims]; the result has the same. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    return mx.fast.rmsNorm(x, this.weight, this.#eps);
  }

  protected override extraRepr(): string {
    return `${this.weight.size}, eps=${this.#eps}`;
  }
}

/**
 * Normalises groups of channels (Wu and He 2018, arXiv:1803.08494): inputs are
 * `[batch, ...spatial, dims]`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { GroupNorm } from '@mlx/nn';
 *
 * new GroupNorm(2, 4)(mx.ones([1, 3, 4])).shape; // => [1, 3, 4]
 * ```
 */
export class GroupNorm extends Normalization {
  static {
    takesInputs(this, { x: array });
  }

  readonly #numGroups: number;
  readonly #pytorchCompatible: boolean;

  /**
   * @param numGroups - how many groups.
   * @param dims - the number of channels.
   * @param eps - added to the variance; default 1e-5.
   * @param affine - whether to learn a scale and a shift; default true.
   * @param pytorchCompatible - whether a group is neighbouring channels, as PyTorch has it, or
   *   channels that are numGroups apart; default false.
   * @throws RangeError if numGroups doesn't divide dims.
   */
  constructor(
    numGroups: number,
    dims: number,
    eps?: number,
    affine?: boolean,
    pytorchCompatible?: boolean,
  );
  constructor(numGroups: number, dims: number, options: GroupNormOptions);
  constructor(numGroups: number, dims: number, eps: number, options: GroupNormOptions);
  constructor(...values: unknown[]) {
    const { numGroups, dims, eps, affine, pytorchCompatible } = readGroupNorm(values);
    super(dims, eps, affine, true);
    if (dims % numGroups !== 0)
      throw new RangeError(`[GroupNorm] numGroups = ${numGroups} must divide dims = ${dims}`);
    this.#numGroups = numGroups;
    this.#pytorchCompatible = pytorchCompatible;
  }

  /** @param x - shape [batch, ...sizes, dims]; the result has the same. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    const { shape } = x;
    const [batch, channels] = [shape[0]!, shape.at(-1)!];
    if (x.ndim < 2 || channels !== this._dims)
      throw new mx.ShapeError(
        `[GroupNorm] Expected shape [batch, ..., ${this._dims}] but received (${shape.join(',')})`,
      );
    const rows = x.size / Math.max(batch * channels, 1);
    const split = mx.reshape(widened(x), [batch, rows, channels]);
    const centered = mx.subtract(split, this.#groupMean(split));
    const sizes = centered.dtype === mx.complex64 ? mx.abs(centered) : centered;
    const factor = reciprocalDeviation(this.#groupMean(mx.square(sizes)), this._eps);
    const normalized = scaleAndShift(this, centered, factor, x);
    return mx.reshape(normalized, shape);
  }

  /**
   * The mean of each channel's group, for every channel: [batch, 1, channels]. First over the rows,
   * where channels lie side by side, so that neither this nor what uses it walks short axes.
   */
  #groupMean(x: mx.array): mx.array {
    const mean = mx.mean(x, 1, true);
    const [batch, , channels] = mean.shape as [number, number, number];
    const [groups, size] = [this.#numGroups, channels / this.#numGroups];
    const grouped = this.#pytorchCompatible ? [batch, groups, size] : [batch, size, groups];
    const axis = this.#pytorchCompatible ? 2 : 1;
    const means = mx.mean(mx.reshape(mean, grouped), axis, true);
    return mx.reshape(mx.broadcastTo(means, grouped), mean.shape);
  }

  protected override extraRepr(): string {
    return (
      `${this.#numGroups}, ${this._dims}, eps=${this._eps}, ` +
      `affine=${this.weight !== undefined}, pytorchCompatible=${this.#pytorchCompatible}`
    );
  }
}

/**
 * Normalises each channel over the batch (Ioffe and Szegedy 2015, arXiv:1502.03167): inputs are
 * `[batch, ...spatial, numFeatures]`. While evaluating it uses running statistics of the training.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { BatchNorm } from '@mlx/nn';
 *
 * const layer = new BatchNorm(2);
 * layer(mx.array([[1, 2], [3, 4]]));
 * layer.runningMean!.tolist().map((mean) => Number(mean).toFixed(2)); // => ['0.20', '0.30']
 * ```
 */
export class BatchNorm extends Normalization {
  static {
    takesInputs(this, { x: array });
  }

  /** Shape `[numFeatures]`; never trained, saved with the weights. */
  runningMean?: mx.array;
  /** Shape `[numFeatures]`; never trained, saved with the weights. */
  runningVar?: mx.array;
  readonly #momentum: number;

  /**
   * @param numFeatures - the number of channels.
   * @param eps - added to the variance; default 1e-5.
   * @param momentum - the weight of the newest batch in the running statistics; default 0.1.
   * @param affine - whether to learn a scale and a shift; default true.
   * @param trackRunningStats - whether to keep running statistics; default true.
   */
  constructor(
    numFeatures: number,
    eps?: number,
    momentum?: number,
    affine?: boolean,
    trackRunningStats?: boolean,
  );
  constructor(numFeatures: number, options: BatchNormOptions);
  constructor(numFeatures: number, eps: number, options: BatchNormOptions);
  constructor(...values: unknown[]) {
    const { numFeatures, eps, momentum, affine, trackRunningStats } = readBatchNorm(values);
    super(numFeatures, eps, affine, true);
    this.#momentum = momentum;
    if (trackRunningStats) {
      this.runningMean = mx.zeros([numFeatures]);
      this.runningVar = mx.ones([numFeatures]);
      this.freeze(false, ['runningMean', 'runningVar']);
    }
  }

  override unfreeze(
    recurse?: boolean,
    keys?: string | readonly string[] | null,
    strict?: boolean,
  ): this;
  override unfreeze(options: FreezeOptions): this;
  override unfreeze(recurse: boolean, options: FreezeOptions): this;
  override unfreeze(...args: unknown[]): this {
    super.unfreeze(...(args as []));
    return this.freeze(false, ['runningMean', 'runningVar']);
  }

  /** @param x - shape [batch, ...sizes, numFeatures]; the result has the same. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    if (x.ndim < 2 || x.ndim > 4)
      throw new mx.ShapeError(
        `[BatchNorm] Expected 2 to 4 axes but received shape (${x.shape.join(',')})`,
      );
    if (!this.training && this.runningMean && this.runningVar)
      return this.#apply(x, mx.subtract(widened(x), this.runningMean), this.runningVar);
    const count = x.size / Math.max(x.shape.at(-1)!, 1);
    if (this.training && count === 1)
      throw new mx.ShapeError(
        `[BatchNorm] Training needs more than one value for each channel but received shape ` +
          `(${x.shape.join(',')})`,
      );
    const axes = Array.from({ length: x.ndim - 1 }, (_, i) => i);
    const { mean, variance, centered } = moments(widened(x), axes, false);
    if (this.training && this.runningMean && this.runningVar) {
      // The variance of what the batch is a sample of.
      const unbiased = mx.multiply(variance, count / (count - 1));
      this.runningMean = this.#blend(this.runningMean, mean);
      this.runningVar = this.#blend(this.runningVar, unbiased);
    }
    return this.#apply(x, centered, variance);
  }

  #apply(x: mx.array, centered: mx.array, variance: mx.array): mx.array {
    return scaleAndShift(this, centered, reciprocalDeviation(variance, this._eps), x);
  }

  #blend(running: mx.array, fresh: mx.array): mx.array {
    const kept = mx.multiply(running, 1 - this.#momentum);
    return mx.astype(mx.add(kept, mx.multiply(fresh, this.#momentum)), running.dtype);
  }

  protected override extraRepr(): string {
    return (
      `${this._dims}, eps=${this._eps}, momentum=${this.#momentum}, ` +
      `affine=${this.weight !== undefined}, trackRunningStats=${this.runningMean !== undefined}`
    );
  }
}
