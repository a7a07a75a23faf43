import * as mx from '@mlx/core';
import {
  callback,
  choice,
  copyList,
  integer,
  nullable,
  operation,
  readKind,
  within,
  type Kind,
} from '@mlx/core/calls';
import type { Module, ParameterTree } from '../module';
import { moduleLike } from '../module-like';
import { group, groupOrAll, segments, type Segments, type ShardOptions } from './arguments';

/** Which side of a layer is divided among the processes: its outputs, or its inputs. */
export type Sharding = 'all-to-sharded' | 'sharded-to-all';

/** Along which axis a parameter is divided, or the axis and its segments; null leaves it whole. */
export type ShardRule = (
  path: string,
  weight: mx.array,
) => number | readonly [axis: number, segments: Segments] | null | undefined;

export const sharding = choice('all-to-sharded', 'sharded-to-all');

/** How the parameters of a linear layer are divided. */
export function ruleOf(sharding: Sharding, segments: Segments): ShardRule {
  const isBias = (path: string): boolean => /(^|\.)bias$/.test(path);
  return sharding === 'all-to-sharded'
    ? (path, weight) => [isBias(path) ? -1 : Math.max(weight.ndim - 2, 0), segments]
    : (path) => (isBias(path) ? null : [-1, segments]);
}

const ruleResult: Kind<Exclude<ReturnType<ShardRule>, undefined>> = nullable({
  text: 'an axis, an axis with its segments,',
  fits: (value) => typeof value === 'number' || Array.isArray(value),
  read(value, name, parameter): number | readonly [number, Segments] {
    if (typeof value === 'number') return readKind(integer, value, name, parameter);
    const [axis, ofAxis] = copyList(value as unknown[], name);
    return [
      readKind(integer, axis, name, `${parameter}[0]`),
      readKind(segments, ofAxis, name, `${parameter}[1]`),
    ];
  },
});

/** The parts of a list of parameters that are this process's. */
export function shardTree(
  name: string,
  parameters: ParameterTree,
  rule: ShardRule,
  group: mx.distributed.Group,
): ParameterTree {
  return mx.treeMapWithPath((path: string, weight: mx.array) => {
    const given = rule(path, weight) ?? null;
    const chosen = readKind(ruleResult, given, name, `what is said of ${path}`);
    if (chosen === null) return weight;
    const [axis, segments] = typeof chosen === 'number' ? [chosen, 1] : chosen;
    return within(name, () => shard(name, path, weight, axis, segments, group));
  }, parameters) as ParameterTree;
}

function shard(
  name: string,
  path: string,
  weight: mx.array,
  axis: number,
  segments: Segments,
  group: mx.distributed.Group,
): mx.array {
  const size = group.size();
  const parts = mx.split(weight, segments as number | number[], axis).map((segment) => {
    if (segment.shape.at(axis)! % size !== 0)
      throw new mx.ShapeError(
        `[${name}] ${path} has ${segment.shape.at(axis)} entries along axis ${axis}, which can't ` +
          `be divided among ${size} processes.`,
      );
    return mx.split(segment, size, axis)[group.rank()]!;
  });
  return mx.contiguous(mx.concatenate(parts, axis));
}

const shardingOrRule: Kind<Sharding | ShardRule> = {
  text: "'all-to-sharded', 'sharded-to-all' or a function",
  fits: (value) => sharding.fits(value) || callback().fits(value),
  read: (value, name, parameter) =>
    typeof value === 'function' ? (value as ShardRule) : sharding.read!(value, name, parameter),
};

/**
 * Keeps of a module's parameters only this process's part. The module computes as before: it has to
 * talk to the other processes by itself.
 *
 * @param module - the module, which is changed.
 * @param sharding - which side of its layers is divided, or a function that says for each
 *   parameter.
 *
 * @example
 * ```ts
 * import * as nn from '@mlx/nn';
 *
 * const layer = new nn.Linear(4, 6);
 * nn.shardInplace(layer, 'all-to-sharded', { segments: 3 });
 * // A third of the outputs in a group of three, all in a group of one.
 * layer.weight.shape; // => [6, 4]
 * ```
 */
export function shardInplace(
  module: Module,
  sharding: Sharding | ShardRule,
  options?: ShardOptions,
): void;
export function shardInplace(...values: unknown[]): void {
  run(values);
}
const run = operation(
  'shardInplace',
  { module: moduleLike, sharding: shardingOrRule, segments, group },
  ({ module, sharding, segments, group }) => {
    const rule = typeof sharding === 'function' ? sharding : ruleOf(sharding, segments);
    const parts = shardTree('shardInplace', module.parameters(), rule, groupOrAll(group));
    module.update(parts);
  },
);
