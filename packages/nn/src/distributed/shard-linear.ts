import type * as mx from '@mlx/core';
import { isArray, operation, type Kind } from '@mlx/core/calls';
import type { Linear } from '../linear';
import { layerLike } from '../kinds';
import { QuantizedLinear } from '../quantized';
import { group, segments, type ShardOptions } from './arguments';
import { AllToShardedLinear, ShardedToAllLinear } from './linear';
import { QuantizedAllToShardedLinear, QuantizedShardedToAllLinear } from './quantized-linear';
import { sharding } from './shard';

const linear = layerLike<Linear>('a linear layer');
const anyLinear: Kind<Linear | QuantizedLinear> = {
  text: 'a Linear or a QuantizedLinear',
  fits: (value) => typeof value === 'function' && isArray((value as { weight?: mx.array }).weight),
  read: (value, name, parameter) =>
    value instanceof QuantizedLinear ? value : linear.read!(value, name, parameter),
};

/**
 * A new layer with this process's part of a linear layer: 'all-to-sharded' divides its outputs,
 * 'sharded-to-all' its inputs.
 *
 * @param module - the layer, which stays as it is.
 * @param sharding - which side is divided.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import * as nn from '@mlx/nn';
 *
 * const first = nn.shardLinear(new nn.Linear(8, 16), 'all-to-sharded');
 * const second = nn.shardLinear(new nn.Linear(16, 4), 'sharded-to-all');
 * // Each process has a part of what is between them.
 * second(nn.relu(first(mx.ones([2, 8])))).shape; // => [2, 4]
 * ```
 */
export function shardLinear(
  module: QuantizedLinear,
  sharding: 'all-to-sharded',
  options?: ShardOptions,
): QuantizedAllToShardedLinear;
export function shardLinear(
  module: QuantizedLinear,
  sharding: 'sharded-to-all',
  options?: ShardOptions,
): QuantizedShardedToAllLinear;
export function shardLinear(
  module: Linear,
  sharding: 'all-to-sharded',
  options?: ShardOptions,
): AllToShardedLinear;
export function shardLinear(
  module: Linear,
  sharding: 'sharded-to-all',
  options?: ShardOptions,
): ShardedToAllLinear;
export function shardLinear(...values: unknown[]): unknown {
  return run(values);
}
const run = operation(
  'shardLinear',
  { module: anyLinear, sharding, segments, group },
  ({ module, sharding, segments, group }) => {
    const options = { segments, group };
    const dividesOutputs = sharding === 'all-to-sharded';
    if (module instanceof QuantizedLinear) {
      const Quantized = dividesOutputs ? QuantizedAllToShardedLinear : QuantizedShardedToAllLinear;
      return Quantized.fromQuantizedLinear(module, options);
    }
    const Layer = dividesOutputs ? AllToShardedLinear : ShardedToAllLinear;
    return Layer.fromLinear(module, options);
  },
);
