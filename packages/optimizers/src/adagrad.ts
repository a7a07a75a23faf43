import * as mx from '@mlx/core';
import { requireNonNegative } from './checks';
import { Optimizer, type ParameterState, type Schedule } from './optimizer';
import { epsilonIn } from './precision';

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
 * (updated as { w: mx.array }).w.tolist(); // => [0.5]
 * ```
 */
export class Adagrad extends Optimizer {
  readonly eps: number;

  /**
   * @param learningRate - the rate, or a schedule.
   * @param eps - added to the denominator; default 1e-8.
   * @throws RangeError if eps is negative.
   */
  constructor(learningRate: Schedule, eps = 1e-8) {
    super();
    requireNonNegative('Adagrad', { eps });
    this.schedule('learningRate', learningRate);
    this.eps = eps;
  }

  override initSingle(parameter: mx.array, state: ParameterState): void {
    state.v = mx.zerosLike(parameter);
  }

  override applySingle(gradient: mx.array, parameter: mx.array, state: ParameterState): mx.array {
    const rate = mx.astype(this.learningRate, gradient.dtype);
    const v = mx.add(state.v!, mx.square(gradient));
    state.v = v;
    const step = mx.divide(
      mx.multiply(rate, gradient),
      mx.add(mx.sqrt(v), epsilonIn(gradient.dtype, this.eps)),
    );
    return mx.subtract(parameter, step);
  }
}
