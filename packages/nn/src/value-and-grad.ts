import * as mx from '@mlx/core';
import { Module, type ParameterTree } from './module';
import { isPlainObject } from './names';

/**
 * Makes a function that returns what `fn` returns, and the gradients of its first result for the
 * model's trainable parameters, as a tree shaped like `trainableParameters()`.
 *
 * @param model - the module whose parameters `fn` uses.
 * @param fn - returns a scalar, or a list that begins with one.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import * as nn from '@mlx/nn';
 *
 * const model = new nn.Linear(2, 1);
 * const step = nn.valueAndGrad(model, (x: mx.array) => mx.sum(model(x)));
 * const [loss, gradients] = step(mx.ones([3, 2]));
 * (gradients.bias as mx.array).tolist(); // => [3]
 * ```
 */
export function valueAndGrad<Args extends unknown[], Result>(
  model: Module,
  fn: (...args: Args) => Result,
): (...args: Args) => [Result, ParameterTree] {
  const inner = mx.valueAndGrad((parameters: ParameterTree, ...args: Args) => {
    model.update(parameters);
    return fn(...args);
  });
  return (...args) => {
    const restore = saveMembers(model);
    try {
      return inner(model.trainableParameters(), ...args) as [Result, ParameterTree];
    } finally {
      restore();
    }
  };
}

/** Remembers the very array objects that trainable members hold: an optimizer knows its own. */
function saveMembers(model: Module): () => void {
  const saved: [Record<string, unknown>, string, mx.array][] = [];
  const visit = (holder: Record<string, unknown>, key: string): void => {
    const value = holder[key];
    if (value instanceof mx.array) saved.push([holder, key, value]);
    else if (Array.isArray(value) || isPlainObject(value))
      for (const inner of Object.keys(value)) visit(value as Record<string, unknown>, inner);
  };
  for (const module of model.modules()) {
    const members = module as unknown as Record<string, unknown>;
    for (const key of Object.keys(members))
      if (Module.trainableParameterFilter(module, key, members[key])) visit(members, key);
  }
  return () => {
    for (const [holder, key, original] of saved) holder[key] = original;
  };
}
