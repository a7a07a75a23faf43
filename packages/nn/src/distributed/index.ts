export type { Segments, ShardOptions } from './arguments';
export { FullyShardedModule, fullyShard, type FullyShardOptions } from './fully-sharded';
export { averageGradients, clipGradNormSharded, type AverageGradientsOptions } from './gradients';
export { AllToShardedLinear, ShardedToAllLinear, type ShardedLinearOptions } from './linear';
export {
  QuantizedAllToShardedLinear,
  QuantizedShardedToAllLinear,
  type QuantizedShardedLinearOptions,
} from './quantized-linear';
export { shardInplace, type ShardRule, type Sharding } from './shard';
export { shardLinear } from './shard-linear';
export { sumGradients } from './sum-gradients';
