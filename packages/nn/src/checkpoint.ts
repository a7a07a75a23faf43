import * as mx from '@mlx/core';
import { callback, nullable, optional, reader } from '@mlx/core/calls';
import type { Module, ParameterTree } from './module';
import { moduleLike } from './module-like';
import { saveMembers } from './trained-members';

const readCheckpoint = reader('checkpoint', {
  module: moduleLike,
  fn: optional(nullable(callback<(...args: never[]) => unknown>()), null),
});

/**
 * A function that computes what the module does but keeps nothing for the gradient: it computes
 * again then, which saves memory for time.
 *
 * @param module - whose trainable parameters get gradients.
 * @param fn - the function; default: the module itself.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import * as nn from '@mlx/nn';
 *
 * const layer = new nn.Linear(4, 4);
 * const step = nn.valueAndGrad(layer, (x: mx.array) => mx.sum(nn.checkpoint(layer)(x)));
 * const [, gradients] = step(mx.ones([1, 4]));
 * gradients.bias?.tolist(); // => [1, 1, 1, 1]
 * ```
 */
export function checkpoint<Args extends unknown[], Result>(
  module: Module,
  fn: (...args: Args) => Result,
): (...args: Args) => Result;
export function checkpoint<M extends Module>(
  module: M,
): (...args: Parameters<M['forward']>) => ReturnType<M['forward']>;
export function checkpoint(...values: unknown[]): (...args: never[]) => unknown {
  const { module, fn } = readCheckpoint(values);
  const run = fn ?? ((...args: never[]) => module.forward(...args));
  const checkpointed = mx.checkpoint((parameters: ParameterTree, ...args: never[]) => {
    const restore = saveMembers(module, 'checkpoint');
    try {
      module.update(parameters);
      return run(...args);
    } finally {
      restore();
    }
  });
  return (...args) => checkpointed(module.trainableParameters(), ...args);
}
