import * as mx from '@mlx/core';
import { number, optional, reader } from '@mlx/core/calls';
import { betas, schedule } from './kinds';
import { Optimizer, type ParameterState, type Schedule } from './optimizer';

/** Options of {@link Lion}. */
export interface LionOptions {
  /** How much of the mean counts in the step, and is kept; default: [0.9, 0.99]. */
  betas?: [number, number] | undefined;
  /** How much parameters shrink, times the rate; default: 0. */
  weightDecay?: number | undefined;
}

const readLion = reader('Lion', {
  learningRate: schedule,
  betas: betas(0.9, 0.99),
  weightDecay: optional(number, 0),
});

/**
 * Lion (Chen et al. 2023, arXiv:2302.06675): steps of one size in the direction of a mean's sign,
 * so the rate is usually 3 to 10 times smaller than Adam's, and the weight decay as much larger.
 *
 * c = β₁ m + (1 - β₁) g;  m ← β₂ m + (1 - β₂) g;
 * w ← w - learningRate · (sign(c) + weightDecay · w)
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Lion } from '@mlx/optimizers';
 *
 * const updated = new Lion(0.25).applyGradients({ w: mx.array([-7]) }, { w: mx.array([1]) });
 * updated.w.tolist(); // => [1.25]
 * ```
 */
export class Lion extends Optimizer {
  readonly betas: [number, number];
  readonly weightDecay: number;

  /**
   * @param learningRate - the rate, or a schedule.
   * @param betas - how much of the mean counts in the step, and is kept; default [0.9, 0.99].
   * @param weightDecay - how much parameters shrink, times the rate; default 0.
   */
  constructor(learningRate: Schedule, betas?: [number, number], weightDecay?: number);
  constructor(learningRate: Schedule, options: LionOptions);
  constructor(learningRate: Schedule, betas: [number, number], options: LionOptions);
  constructor(...values: unknown[]) {
    super();
    const { learningRate, betas, weightDecay } = readLion(values);
    this.schedule('learningRate', learningRate);
    this.betas = betas;
    this.weightDecay = weightDecay;
  }

  override initSingle(parameter: mx.array, state: ParameterState): void {
    state.m = mx.zerosLike(parameter);
  }

  override applySingle(gradient: mx.array, parameter: mx.array, state: ParameterState): mx.array {
    const rate = mx.astype(this.learningRate, gradient.dtype);
    const [beta1, beta2] = this.betas;
    const m = state.m!;
    const direction = mx.sign(mx.add(mx.multiply(m, beta1), mx.multiply(gradient, 1 - beta1)));
    state.m = mx.add(mx.multiply(m, beta2), mx.multiply(gradient, 1 - beta2));
    const start =
      this.weightDecay > 0
        ? mx.multiply(parameter, mx.subtract(1, mx.multiply(rate, this.weightDecay)))
        : parameter;
    return mx.subtract(start, mx.multiply(rate, direction));
  }
}
