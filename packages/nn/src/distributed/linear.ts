import * as mx from '@mlx/core';
import {
  array,
  boolean,
  nonNegativeInteger,
  operation,
  optional,
  positiveInteger,
  reader,
} from '@mlx/core/calls';
import { uniformWeights } from '../initial';
import { takesInputs } from '../inputs';
import { layerLike } from '../kinds';
import type { Linear } from '../linear';
import { Module } from '../module';
import { group, groupOrAll, segments, share, type ShardOptions } from './arguments';
import { ruleOf, shardTree } from './shard';
import { sumGradients } from './sum-gradients';

/** Options of linear layers that are divided among processes. */
export interface ShardedLinearOptions {
  /** Whether to add a bias; default: true. */
  bias?: boolean | undefined;
  /** The processes; default: all. */
  group?: mx.distributed.Group | null | undefined;
}

const dims = {
  inputDims: positiveInteger,
  outputDims: nonNegativeInteger,
  bias: optional(boolean, true),
  group,
};
const fromLinear = {
  linearLayer: layerLike<Linear>('a linear layer'),
  segments,
  group,
};

function affine(x: mx.array, weight: mx.array, bias: mx.array | undefined): mx.array {
  const columns = mx.transpose(weight);
  return bias ? mx.addmm(bias, x, columns) : mx.matmul(x, columns);
}

function describe(layer: { weight: mx.array; bias?: mx.array }, inputs: number, outputs: number) {
  const [own, columns] = layer.weight.shape as [number, number];
  return (
    `inputDims=${columns * inputs}, outputDims=${own * outputs}, ` +
    `bias=${layer.bias !== undefined}`
  );
}

const readAllToSharded = reader('AllToShardedLinear', dims);

/**
 * A linear layer each of whose processes computes a part of the outputs from all inputs. The
 * gradient of the inputs is summed over the processes.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { AllToShardedLinear } from '@mlx/nn';
 *
 * const layer = new AllToShardedLinear(3, 4);
 * layer(mx.zeros([5, 3])).shape; // => [5, 4]
 * ```
 */
export class AllToShardedLinear extends Module {
  static {
    takesInputs(this, { x: array });
  }

  /** Shape `[outputDims / processes, inputDims]`. */
  weight: mx.array;
  /** Shape `[outputDims / processes]`; absent if the layer was made without. */
  bias?: mx.array;
  readonly #group: mx.distributed.Group;

  /**
   * @param inputDims - size of the input's last axis.
   * @param outputDims - size of the last axis of all outputs together, which the number of
   *   processes divides.
   * @param bias - whether to add a bias; default true.
   * @param group - the processes; default: all.
   */
  constructor(
    inputDims: number,
    outputDims: number,
    bias?: boolean,
    group?: mx.distributed.Group | null,
  );
  constructor(inputDims: number, outputDims: number, options: ShardedLinearOptions);
  constructor(...values: unknown[]) {
    super();
    const { inputDims, outputDims, bias, group } = readAllToSharded(values);
    this.#group = groupOrAll(group);
    const own = share('AllToShardedLinear', 'outputDims', outputDims, this.#group);
    const bound = 1 / Math.sqrt(inputDims);
    this.weight = uniformWeights('AllToShardedLinear', bound, [own, inputDims]);
    if (bias) this.bias = uniformWeights('AllToShardedLinear', bound, [own]);
  }

  /** @param x - shape [..., inputDims]; the result is [..., outputDims / processes]. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    return affine(sumGradients(this.#group)(x), this.weight, this.bias);
  }

  /** This process's part of a linear layer. */
  static fromLinear(linearLayer: Linear, options?: ShardOptions): AllToShardedLinear;
  static fromLinear(...values: unknown[]): AllToShardedLinear {
    return allToShardedFrom(values);
  }

  protected override extraRepr(): string {
    return describe(this, 1, this.#group.size());
  }
}

const allToShardedFrom = operation(
  'AllToShardedLinear.fromLinear',
  fromLinear,
  ({ linearLayer, segments, group: given }) => {
    const group = groupOrAll(given);
    const [outputDims, inputDims] = linearLayer.weight.shape as [number, number];
    const hasBias = linearLayer.bias !== undefined;
    const layer = new AllToShardedLinear(inputDims, outputDims, hasBias, group);
    const rule = ruleOf('all-to-sharded', segments);
    return layer.update(
      shardTree('AllToShardedLinear.fromLinear', linearLayer.parameters(), rule, group),
    );
  },
);

const readShardedToAll = reader('ShardedToAllLinear', dims);

/**
 * A linear layer each of whose processes has a part of the inputs; the products are summed, so that
 * all have all outputs.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { ShardedToAllLinear } from '@mlx/nn';
 *
 * const layer = new ShardedToAllLinear(4, 3);
 * layer(mx.zeros([5, 4])).shape; // => [5, 3]
 * ```
 */
export class ShardedToAllLinear extends Module {
  static {
    takesInputs(this, { x: array });
  }

  /** Shape `[outputDims, inputDims / processes]`. */
  weight: mx.array;
  /** Shape `[outputDims]`; absent if the layer was made without. */
  bias?: mx.array;
  readonly #group: mx.distributed.Group;

  /**
   * @param inputDims - size of the last axis of all inputs together, which the number of processes
   *   divides.
   * @param outputDims - size of the output's last axis.
   * @param bias - whether to add a bias; default true.
   * @param group - the processes; default: all.
   */
  constructor(
    inputDims: number,
    outputDims: number,
    bias?: boolean,
    group?: mx.distributed.Group | null,
  );
  constructor(inputDims: number, outputDims: number, options: ShardedLinearOptions);
  constructor(...values: unknown[]) {
    super();
    const { inputDims, outputDims, bias, group } = readShardedToAll(values);
    this.#group = groupOrAll(group);
    const own = share('ShardedToAllLinear', 'inputDims', inputDims, this.#group);
    const bound = 1 / Math.sqrt(inputDims);
    this.weight = uniformWeights('ShardedToAllLinear', bound, [outputDims, own]);
    if (bias) this.bias = uniformWeights('ShardedToAllLinear', bound, [outputDims]);
  }

  /** @param x - shape [..., inputDims / processes]; the result is [..., outputDims]. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    const y = mx.distributed.allSum(mx.matmul(x, mx.transpose(this.weight)), this.#group);
    return this.bias ? mx.add(y, this.bias) : y;
  }

  /** This process's part of a linear layer. */
  static fromLinear(linearLayer: Linear, options?: ShardOptions): ShardedToAllLinear;
  static fromLinear(...values: unknown[]): ShardedToAllLinear {
    return shardedToAllFrom(values);
  }

  protected override extraRepr(): string {
    return describe(this, this.#group.size(), 1);
  }
}

const shardedToAllFrom = operation(
  'ShardedToAllLinear.fromLinear',
  fromLinear,
  ({ linearLayer, segments, group: given }) => {
    const group = groupOrAll(given);
    const [outputDims, inputDims] = linearLayer.weight.shape as [number, number];
    const hasBias = linearLayer.bias !== undefined;
    const layer = new ShardedToAllLinear(inputDims, outputDims, hasBias, group);
    const rule = ruleOf('sharded-to-all', segments);
    return layer.update(
      shardTree('ShardedToAllLinear.fromLinear', linearLayer.parameters(), rule, group),
    );
  },
);
