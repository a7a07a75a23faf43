import * as mx from '@mlx/core';
import { nonNegative, optional, reader } from '@mlx/core/calls';
import { eps, schedule } from './kinds';
import { Optimizer, type ParameterState, type Schedule } from './optimizer';
import { absoluteSquares, epsilonIn } from './precision';

/** Options of {@link RMSprop}. */
export interface RMSpropOptions {
  /** How much of the running mean is kept; default: 0.99. */
  alpha?: number | undefined;
  /** Added to the denominator; default: 1e-8. */
  eps?: number | undefined;
}

const readRMSprop = reader('RMSprop', {
  learningRate: schedule,
  alpha: optional(nonNegative, 0.99),
  eps: eps(1e-8),
});

/**
 * RMSprop (Tieleman and Hinton 2012, lecture 6.5): steps divided by a running root mean square.
 *
 * v ← α v + (1 - α) g²;  w ← w - learningRate · g / (√v + ε)
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { RMSprop } from '@mlx/optimizers';
 *
 * const updated = new RMSprop(0.1).applyGradients({ w: mx.array([3]) }, { w: mx.array([2]) });
 * updated.w.item().toFixed(3); // => '1.000'
 * ```
 */
export class RMSprop extends Optimizer {
  readonly alpha: number;
  readonly eps: number;

  /**
   * @param learningRate - the rate, or a schedule.
   * @param alpha - how much of the running mean is kept; default 0.99.
   * @param eps - added to the denominator; default 1e-8.
   * @throws RangeError if alpha or eps is negative.
   */
  constructor(learningRate: Schedule, alpha?: number, eps?: number);
  constructor(learningRate: Schedule, options: RMSpropOptions);
  constructor(learningRate: Schedule, alpha: number, options: RMSpropOptions);
  constructor(...values: unknown[]) {
    super();
    const { learningRate, alpha, eps } = readRMSprop(values);
    this.schedule('learningRate', learningRate);
    this.alpha = alpha;
    this.eps = eps;
  }

  override initSingle(parameter: mx.array, state: ParameterState): void {
    state.v = mx.zerosLike(parameter);
  }

  override applySingle(gradient: mx.array, parameter: mx.array, state: ParameterState): mx.array {
    const rate = mx.astype(this.learningRate, gradient.dtype);
    const v = mx.add(
      mx.multiply(state.v!, this.alpha),
      mx.multiply(absoluteSquares(gradient), 1 - this.alpha),
    );
    state.v = v;
    const step = mx.divide(
      mx.multiply(rate, gradient),
      mx.add(mx.sqrt(v), epsilonIn(gradient.dtype, this.eps)),
    );
    return mx.subtract(parameter, step);
  }
}
