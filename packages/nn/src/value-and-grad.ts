import * as mx from '@mlx/core';
import { callback, reader, within } from '@mlx/core/calls';
import { warnOfHiddenModules } from './hidden-modules';
import type { Module, ParameterTree, ParametersOf } from './module';
import { moduleLike } from './module-like';
import { saveMembers } from './trained-members';

const readValueAndGrad = reader('valueAndGrad', {
  model: moduleLike,
  fn: callback<(...args: unknown[]) => unknown>(),
});

/** What a function has to be besides: no promise, as what it awaits would run outside the trace. */
type Synchronous<Result> = 0 extends Result & 1
  ? unknown
  : [Extract<Result, PromiseLike<unknown>>] extends [never]
    ? unknown
    : 'a function that returns no promise';

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
 * gradients.bias?.tolist(); // => [3]
 * ```
 */
export function valueAndGrad<M extends Module, Args extends unknown[], Result>(
  model: M,
  fn: ((...args: Args) => Result) & Synchronous<Result>,
): (...args: Args) => [Result, ParametersOf<M>];
export function valueAndGrad(
  ...values: unknown[]
): (...args: unknown[]) => [unknown, ParameterTree] {
  const { model, fn } = readValueAndGrad(values);
  const inner = mx.valueAndGrad((parameters: ParameterTree, ...args: unknown[]) => {
    model.update(parameters);
    return fn(...args);
  });
  let isFirst = true;
  return (...args) => {
    const restore = saveMembers(model, 'valueAndGrad');
    const run = () => {
      const parameters = within('valueAndGrad', () => model.trainableParameters());
      return inner(parameters, ...args) as [unknown, ParameterTree];
    };
    try {
      if (!isFirst) return run();
      isFirst = false;
      return warnOfHiddenModules(model, run);
    } finally {
      restore();
    }
  };
}
