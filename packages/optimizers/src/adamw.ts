import * as mx from '@mlx/core';
import { boolean, number, optional, reader } from '@mlx/core/calls';
import { betas, eps, schedule } from './kinds';
import { Adam } from './adam';
import type { ParameterState, Schedule } from './optimizer';

/** Options of {@link AdamW}. */
export interface AdamWOptions {
  /** How much of the two running means is kept; default: [0.9, 0.999]. */
  betas?: [number, number] | undefined;
  /** Added to the denominator; default: 1e-8. */
  eps?: number | undefined;
  /** How much parameters shrink, times the rate; default: 0.01. */
  weightDecay?: number | undefined;
  /** Whether to correct the means' start at zero; default: false. */
  biasCorrection?: boolean | undefined;
}

const readAdamW = reader('AdamW', {
  learningRate: schedule,
  betas: betas(0.9, 0.999),
  eps: eps(1e-8),
  weightDecay: optional(number, 0.01),
  biasCorrection: optional(boolean, false),
});

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101): parameters
 * shrink by learningRate · weightDecay before Adam's step.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { AdamW } from '@mlx/optimizers';
 *
 * const adamw = new AdamW(0.1, [0.9, 0.999], 1e-8, 0.5);
 * const updated = adamw.applyGradients({ w: mx.array([0]) }, { w: mx.array([2]) });
 * updated.w.item().toFixed(2); // => '1.90'
 * ```
 */
export class AdamW extends Adam {
  readonly weightDecay: number;

  /**
   * @param learningRate - the rate, or a schedule.
   * @param betas - how much of the two running means is kept; default [0.9, 0.999].
   * @param eps - added to the denominator; default 1e-8.
   * @param weightDecay - how much parameters shrink, times the rate; default 0.01.
   * @param biasCorrection - whether to correct the means' start at zero; default false.
   */
  constructor(
    learningRate: Schedule,
    betas?: [number, number],
    eps?: number,
    weightDecay?: number,
    biasCorrection?: boolean,
  );
  constructor(learningRate: Schedule, options: AdamWOptions);
  constructor(learningRate: Schedule, betas: [number, number], options: AdamWOptions);
  constructor(...values: unknown[]) {
    const { learningRate, betas, eps, weightDecay, biasCorrection } = readAdamW(values);
    super(learningRate, betas, eps, biasCorrection);
    this.weightDecay = weightDecay;
  }

  override applySingle(gradient: mx.array, parameter: mx.array, state: ParameterState): mx.array {
    const rate = mx.astype(this.learningRate, gradient.dtype);
    const kept = mx.subtract(1, mx.multiply(rate, this.weightDecay));
    return super.applySingle(gradient, mx.multiply(parameter, kept), state);
  }
}
