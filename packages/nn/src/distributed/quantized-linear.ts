import * as mx from '@mlx/core';
import {
  array,
  boolean,
  nonNegativeInteger,
  optional,
  positiveInteger,
  reader,
  within,
  type Kind,
} from '@mlx/core/calls';
import { checkMethods, takesInputs } from '../inputs';
import {
  Quantized,
  QuantizedLinear,
  quantization,
  settingsOf,
  type QuantizationOptions,
} from '../quantized';
import { group, groupOrAll, segments, share, type Segments, type ShardOptions } from './arguments';
import type { ShardedLinearOptions } from './linear';
import { ruleOf, shardTree, type Sharding } from './shard';
import { sumGradients } from './sum-gradients';

/** Options of quantised linear layers that are divided among processes. */
export interface QuantizedShardedLinearOptions extends QuantizationOptions, ShardedLinearOptions {}

const dims = {
  inputDims: positiveInteger,
  outputDims: nonNegativeInteger,
  bias: optional(boolean, true),
  ...quantization,
  group,
};

const quantizedLinear: Kind<QuantizedLinear> = {
  text: 'a QuantizedLinear',
  fits: (value) => value instanceof QuantizedLinear,
};
const fromQuantizedLinear = { quantizedLinearLayer: quantizedLinear, segments, group };

/** What both layers share: a part of a quantised matrix, frozen. */
abstract class QuantizedSharded extends Quantized {
  bias?: mx.array;
  protected readonly _group: mx.distributed.Group;

  constructor(
    groupSize: number | null,
    bits: number | null,
    mode: mx.QuantizationMode,
    group: mx.distributed.Group,
  ) {
    super(groupSize, bits, mode);
    this._group = group;
  }

  static {
    checkMethods(this);
  }

  /** Begins with weights of this shape, uniform in ±1/sqrt(inputDims). */
  protected begin(name: string, inputDims: number, shape: [number, number]): void {
    const bound = 1 / Math.sqrt(inputDims);
    within(name, () => this.setWeight(mx.random.uniform(-bound, bound, shape)));
  }

  /** Takes this process's part of another layer. */
  protected take(
    name: string,
    layer: QuantizedLinear,
    sharding: Sharding,
    segments: Segments,
  ): this {
    const rule = ruleOf(sharding, segments);
    this.update(shardTree(name, layer.parameters(), rule, this._group));
    return this.freeze();
  }

  protected describeParts(inputs: number, outputs: number): string {
    const [own, columns] = this.dims();
    return (
      `inputDims=${columns * inputs}, outputDims=${own * outputs}, ` +
      `bias=${this.bias !== undefined}, ${this.describeQuantization()}`
    );
  }
}

const readAllToSharded = reader('QuantizedAllToShardedLinear', dims);
const readAllToShardedFrom = reader(
  'QuantizedAllToShardedLinear.fromQuantizedLinear',
  fromQuantizedLinear,
);

/**
 * An AllToShardedLinear with quantised, frozen weights; its bias is frozen too.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { QuantizedAllToShardedLinear } from '@mlx/nn';
 *
 * const layer = new QuantizedAllToShardedLinear(64, 4);
 * layer(mx.zeros([5, 64])).shape; // => [5, 4]
 * ```
 */
export class QuantizedAllToShardedLinear extends QuantizedSharded {
  static {
    takesInputs(this, { x: array });
  }

  /**
   * @param inputDims - size of the input's last axis, a multiple of groupSize.
   * @param outputDims - size of the last axis of all outputs together, which the number of
   *   processes divides.
   * @param bias - whether to add a bias; default true.
   * @param groupSize - weights that share a scale; default: the mode's.
   * @param bits - bits of a weight; default: the mode's.
   * @param mode - default `'affine'`.
   * @param group - the processes; default: all.
   */
  constructor(
    inputDims: number,
    outputDims: number,
    bias?: boolean,
    groupSize?: number | null,
    bits?: number | null,
    mode?: mx.QuantizationMode,
    group?: mx.distributed.Group | null,
  );
  constructor(inputDims: number, outputDims: number, options: QuantizedShardedLinearOptions);
  constructor(...values: unknown[]) {
    const { inputDims, outputDims, bias, groupSize, bits, mode, group } = readAllToSharded(values);
    const name = 'QuantizedAllToShardedLinear';
    super(groupSize, bits, mode, groupOrAll(group));
    const own = share(name, 'outputDims', outputDims, this._group);
    this.begin(name, inputDims, [own, inputDims]);
    if (bias) this.bias = mx.zeros([own]);
    this.freeze();
  }

  /** @param x - shape [..., inputDims]; the result is [..., outputDims / processes]. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    const y = this.multiply(sumGradients(this._group)(x));
    return this.bias ? mx.add(y, this.bias) : y;
  }

  /** This process's part of a quantised linear layer. */
  static fromQuantizedLinear(
    quantizedLinearLayer: QuantizedLinear,
    options?: ShardOptions,
  ): QuantizedAllToShardedLinear;
  static fromQuantizedLinear(...values: unknown[]): QuantizedAllToShardedLinear {
    const { quantizedLinearLayer: from, segments, group } = readAllToShardedFrom(values);
    const name = 'QuantizedAllToShardedLinear.fromQuantizedLinear';
    const { inputDims, outputDims, ...settings } = settingsOf(from);
    const layer = within(
      name,
      () => new QuantizedAllToShardedLinear(inputDims, outputDims, { ...settings, group }),
    );
    return layer.take(name, from, 'all-to-sharded', segments);
  }

  protected override extraRepr(): string {
    return this.describeParts(1, this._group.size());
  }
}

const readShardedToAll = reader('QuantizedShardedToAllLinear', dims);
const readShardedToAllFrom = reader(
  'QuantizedShardedToAllLinear.fromQuantizedLinear',
  fromQuantizedLinear,
);

/**
 * A ShardedToAllLinear with quantised, frozen weights; its bias is frozen too.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { QuantizedShardedToAllLinear } from '@mlx/nn';
 *
 * const layer = new QuantizedShardedToAllLinear(64, 4);
 * layer(mx.zeros([5, 64])).shape; // => [5, 4]
 * ```
 */
export class QuantizedShardedToAllLinear extends QuantizedSharded {
  static {
    takesInputs(this, { x: array });
  }

  /**
   * @param inputDims - size of the last axis of all inputs together; each process's part is a
   *   multiple of groupSize.
   * @param outputDims - size of the output's last axis.
   * @param bias - whether to add a bias; default true.
   * @param groupSize - weights that share a scale; default: the mode's.
   * @param bits - bits of a weight; default: the mode's.
   * @param mode - default `'affine'`.
   * @param group - the processes; default: all.
   */
  constructor(
    inputDims: number,
    outputDims: number,
    bias?: boolean,
    groupSize?: number | null,
    bits?: number | null,
    mode?: mx.QuantizationMode,
    group?: mx.distributed.Group | null,
  );
  constructor(inputDims: number, outputDims: number, options: QuantizedShardedLinearOptions);
  constructor(...values: unknown[]) {
    const { inputDims, outputDims, bias, groupSize, bits, mode, group } = readShardedToAll(values);
    const name = 'QuantizedShardedToAllLinear';
    super(groupSize, bits, mode, groupOrAll(group));
    const own = share(name, 'inputDims', inputDims, this._group);
    this.begin(name, inputDims, [outputDims, own]);
    if (bias) this.bias = mx.zeros([outputDims]);
    this.freeze();
  }

  /** @param x - shape [..., inputDims / processes]; the result is [..., outputDims]. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    const y = mx.distributed.allSum(this.multiply(x), this._group);
    return this.bias ? mx.add(y, this.bias) : y;
  }

  /** This process's part of a quantised linear layer. */
  static fromQuantizedLinear(
    quantizedLinearLayer: QuantizedLinear,
    options?: ShardOptions,
  ): QuantizedShardedToAllLinear;
  static fromQuantizedLinear(...values: unknown[]): QuantizedShardedToAllLinear {
    const { quantizedLinearLayer: from, segments, group } = readShardedToAllFrom(values);
    const name = 'QuantizedShardedToAllLinear.fromQuantizedLinear';
    const { inputDims, outputDims, ...settings } = settingsOf(from);
    const layer = within(
      name,
      () => new QuantizedShardedToAllLinear(inputDims, outputDims, { ...settings, group }),
    );
    return layer.take(name, from, 'sharded-to-all', segments);
  }

  protected override extraRepr(): string {
    return this.describeParts(this._group.size(), 1);
  }
}
