import * as mx from '@mlx/core';
import { reader } from '@mlx/core/calls';
import { eps, schedule } from './kinds';
import { Optimizer, type ParameterState, type Schedule } from './optimizer';
import { absoluteSquares, epsilonIn } from './precision';

/** Options of {@link Adagrad}. */
export interface AdagradOptions {
  /** Added to the denominator; default: 1e-8. */
  eps?: number | undefined;
}

const readAdagrad = reader('Adagrad', {
  learningRate: schedule,
  eps: eps(1e-8),
});

/**
 * Adagrad (Duchi, Hazan and Singer 2011): steps divided by the root of all squared gradients.
 *
 * v ← v + g²;  w ← w - learningRate · g / (√v + ε)
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Adagrad } from '@mlx/optimizers';
 *
 * const updated = new Adagrad(0.5).applyGradients({ w: mx.array([4]) }, { w: mx.array([1]) });
 * updated.w.tolist(); // => [0.5]
 * ```
 */
export class Adagrad extends Optimizer {
  readonly eps: number;

  /**
   * @param learningRate - the rate, or a schedule.
   * @param eps - added to the denominator; default 1e-8.
   * @throws RangeError if eps is negative.
   */
  constructor(learningRate: Schedule, eps?: number);
  constructor(learningRate: Schedule, options: AdagradOptions);
  constructor(...values: unknown[]) {
    super();
    const { learningRate, eps } = readAdagrad(values);
    this.schedule('learningRate', learningRate);
    this.eps = eps;
  }

  override initSingle(parameter: mx.array, state: ParameterState): void {
    state.v = mx.zerosLike(parameter);
  }

  override applySingle(gradient: mx.array, parameter: mx.array, state: ParameterState): mx.array {
    const rate = mx.astype(this.learningRate, gradient.dtype);
    const v = mx.add(state.v!, absoluteSquares(gradient));
    state.v = v;
    const step = mx.divide(
      mx.multiply(rate, gradient),
      mx.add(mx.sqrt(v), epsilonIn(gradient.dtype, this.eps)),
    );
    return mx.subtract(parameter, step);
  }
}
