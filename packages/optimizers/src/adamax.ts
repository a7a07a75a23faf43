import * as mx from '@mlx/core';
import { reader } from '@mlx/core/calls';
import { betas, eps, schedule } from './kinds';
import { Adam } from './adam';
import type { ParameterState, Schedule } from './optimizer';
import { epsilonIn } from './precision';

/** Options of {@link Adamax}. */
export interface AdamaxOptions {
  /** How much of the mean and of the largest gradient is kept; default: [0.9, 0.999]. */
  betas?: [number, number] | undefined;
  /** Added to the denominator; default: 1e-8. */
  eps?: number | undefined;
}

const readAdamax = reader('Adamax', {
  learningRate: schedule,
  betas: betas(0.9, 0.999),
  eps: eps(1e-8),
});

/**
 * Adamax (Kingma and Ba 2015, arXiv:1412.6980, section 7): Adam with the infinity norm.
 *
 * m ← β₁ m + (1 - β₁) g;  v ← max(β₂ v, |g|);  w ← w - learningRate · m / (v + ε)
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Adamax } from '@mlx/optimizers';
 *
 * const updated = new Adamax(1).applyGradients({ w: mx.array([5]) }, { w: mx.array([1]) });
 * updated.w.item().toFixed(3); // => '0.900'
 * ```
 */
export class Adamax extends Adam {
  /**
   * @param learningRate - the rate, or a schedule.
   * @param betas - how much of the mean and of the largest gradient is kept; default [0.9, 0.999].
   * @param eps - added to the denominator; default 1e-8.
   * @throws RangeError if eps is negative.
   */
  constructor(learningRate: Schedule, betas?: [number, number], eps?: number);
  constructor(learningRate: Schedule, options: AdamaxOptions);
  constructor(learningRate: Schedule, betas: [number, number], options: AdamaxOptions);
  constructor(...values: unknown[]) {
    const { learningRate, betas, eps } = readAdamax(values);
    super(learningRate, betas, eps);
  }

  override applySingle(gradient: mx.array, parameter: mx.array, state: ParameterState): mx.array {
    const rate = mx.astype(this.learningRate, gradient.dtype);
    const [beta1, beta2] = this.betas;
    const m = mx.add(mx.multiply(state.m!, beta1), mx.multiply(gradient, 1 - beta1));
    const v = mx.maximum(mx.multiply(state.v!, beta2), mx.abs(gradient));
    state.m = m;
    state.v = v;
    const eps = epsilonIn(gradient.dtype, this.eps);
    return mx.subtract(parameter, mx.divide(mx.multiply(rate, m), mx.add(v, eps)));
  }
}
