import * as mx from '@mlx/core';
import { nonNegative, optional, reader } from '@mlx/core/calls';
import { eps, schedule } from './kinds';
import { Optimizer, type ParameterState, type Schedule } from './optimizer';
import { absoluteSquares, epsilonIn } from './precision';

/** Options of {@link AdaDelta}. */
export interface AdaDeltaOptions {
  /** How much of the running means is kept; default: 0.9. */
  rho?: number | undefined;
  /** Added under both roots; default: 1e-6. */
  eps?: number | undefined;
}

const readAdaDelta = reader('AdaDelta', {
  learningRate: schedule,
  rho: optional(nonNegative, 0.9),
  eps: eps(1e-6),
});

/**
 * AdaDelta (Zeiler 2012, arXiv:1212.5701): steps in units of the parameter, from running means of
 * squared gradients and squared steps.
 *
 * v ← ρ v + (1 - ρ) g²;  d = g √(u + ε) / √(v + ε);  u ← ρ u + (1 - ρ) d²;
 * w ← w - learningRate · d
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { AdaDelta } from '@mlx/optimizers';
 *
 * const adadelta = new AdaDelta(1);
 * adadelta.init({ w: mx.array([1]) });
 * Object.keys(adadelta.state.w as object).sort(); // => ['u', 'v']
 * ```
 */
export class AdaDelta extends Optimizer {
  readonly rho: number;
  readonly eps: number;

  /**
   * @param learningRate - the rate, or a schedule.
   * @param rho - how much of the running means is kept; default 0.9.
   * @param eps - added under both roots; default 1e-6.
   * @throws RangeError if rho or eps is negative.
   */
  constructor(learningRate: Schedule, rho?: number, eps?: number);
  constructor(learningRate: Schedule, options: AdaDeltaOptions);
  constructor(learningRate: Schedule, rho: number, options: AdaDeltaOptions);
  constructor(...values: unknown[]) {
    super();
    const { learningRate, rho, eps } = readAdaDelta(values);
    this.schedule('learningRate', learningRate);
    this.rho = rho;
    this.eps = eps;
  }

  override initSingle(parameter: mx.array, state: ParameterState): void {
    state.v = mx.zerosLike(parameter);
    state.u = mx.zerosLike(parameter);
  }

  override applySingle(gradient: mx.array, parameter: mx.array, state: ParameterState): mx.array {
    const rate = mx.astype(this.learningRate, gradient.dtype);
    const { rho } = this;
    const eps = epsilonIn(gradient.dtype, this.eps);
    const u = state.u!;
    const v = mx.add(mx.multiply(state.v!, rho), mx.multiply(absoluteSquares(gradient), 1 - rho));
    const ratio = mx.divide(mx.sqrt(mx.add(u, eps)), mx.sqrt(mx.add(v, eps)));
    const step = mx.multiply(ratio, gradient);
    state.v = v;
    state.u = mx.add(mx.multiply(u, rho), mx.multiply(absoluteSquares(step), 1 - rho));
    return mx.subtract(parameter, mx.multiply(rate, step));
  }
}
