import * as mx from '@mlx/core';
import { operation } from '@mlx/core/calls';
import { group, groupOrAll } from './arguments';

/**
 * A function that gives its argument, whose gradient is summed over the processes: for what all of
 * them have the same of, and use in parts of their own.
 *
 * @param group - the processes; default: all.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { sumGradients } from '@mlx/nn';
 *
 * sumGradients()(mx.array([1, 2])).tolist(); // => [1, 2]
 * ```
 */
export function sumGradients(
  group?: mx.distributed.Group | null | { group?: mx.distributed.Group | null },
): (x: mx.array) => mx.array;
export function sumGradients(...values: unknown[]): (x: mx.array) => mx.array {
  return run(values);
}
const run = operation('sumGradients', { group }, ({ group }) => {
  const all = groupOrAll(group);
  if (all.size() === 1) return (x: mx.array): mx.array => x;
  return mx
    .customFunction((x: mx.array): mx.array => x)
    .vjp((_, cotangent) => mx.distributed.allSum(cotangent, all));
});
