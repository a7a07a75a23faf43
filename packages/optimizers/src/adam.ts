import * as mx from '@mlx/core';
import { boolean, optional, reader } from '@mlx/core/calls';
import { betas, eps, schedule } from './kinds';
import { Optimizer, type ParameterState, type Schedule } from './optimizer';
import { absoluteSquares, epsilonIn } from './precision';

/** 1 - beta^step, the sum of a running mean's weights, without cancelling for a beta near 1. */
function biasOf(beta: number, step: mx.array): mx.array {
  return mx.negative(mx.expm1(mx.multiply(step, Math.log(beta))));
}

/** Options of {@link Adam}. */
export interface AdamOptions {
  /** How much of the two running means is kept; default: [0.9, 0.999]. */
  betas?: [number, number] | undefined;
  /** Added to the denominator; default: 1e-8. */
  eps?: number | undefined;
  /** Whether to correct the means' start at zero; default: false. */
  biasCorrection?: boolean | undefined;
}

const readAdam = reader('Adam', {
  learningRate: schedule,
  betas: betas(0.9, 0.999),
  eps: eps(1e-8),
  biasCorrection: optional(boolean, false),
});

/**
 * Adam (Kingma and Ba 2015, arXiv:1412.6980): steps scaled by running moments of the gradients.
 *
 * m ← β₁ m + (1 - β₁) g;  v ← β₂ v + (1 - β₂) g²;  w ← w - learningRate · m / (√v + ε)
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Adam } from '@mlx/optimizers';
 *
 * const adam = new Adam(0.1, [0.9, 0.999], 1e-8, true);
 * const updated = adam.applyGradients({ w: mx.array([3]) }, { w: mx.array([1]) });
 * updated.w.item().toFixed(3); // => '0.900'
 * ```
 */
export class Adam extends Optimizer {
  readonly betas: [number, number];
  readonly eps: number;
  readonly biasCorrection: boolean;

  /**
   * @param learningRate - the rate, or a schedule.
   * @param betas - how much of the two running means is kept; default [0.9, 0.999].
   * @param eps - added to the denominator; default 1e-8.
   * @param biasCorrection - whether to correct the means' start at zero; default false.
   */
  constructor(
    learningRate: Schedule,
    betas?: [number, number],
    eps?: number,
    biasCorrection?: boolean,
  );
  constructor(learningRate: Schedule, options: AdamOptions);
  constructor(learningRate: Schedule, betas: [number, number], options: AdamOptions);
  constructor(...values: unknown[]) {
    super();
    const { learningRate, betas, eps, biasCorrection } = readAdam(values);
    this.schedule('learningRate', learningRate);
    this.betas = betas;
    this.eps = eps;
    this.biasCorrection = biasCorrection;
  }

  override initSingle(parameter: mx.array, state: ParameterState): void {
    state.m = mx.zerosLike(parameter);
    state.v = mx.zerosLike(parameter);
  }

  override applySingle(gradient: mx.array, parameter: mx.array, state: ParameterState): mx.array {
    const rate = mx.astype(this.learningRate, gradient.dtype);
    const [beta1, beta2] = this.betas;
    const eps = epsilonIn(gradient.dtype, this.eps);
    const m = mx.add(mx.multiply(state.m!, beta1), mx.multiply(gradient, 1 - beta1));
    const v = mx.add(
      mx.multiply(state.v!, beta2),
      mx.multiply(absoluteSquares(gradient), 1 - beta2),
    );
    state.m = m;
    state.v = v;
    if (!this.biasCorrection)
      return mx.subtract(parameter, mx.divide(mx.multiply(rate, m), mx.add(mx.sqrt(v), eps)));
    const step = mx.astype(this.step, mx.float32);
    const c1 = mx.astype(mx.divide(rate, biasOf(beta1, step)), gradient.dtype);
    const c2 = mx.astype(mx.rsqrt(biasOf(beta2, step)), gradient.dtype);
    const denominator = mx.add(mx.multiply(mx.sqrt(v), c2), eps);
    return mx.subtract(parameter, mx.divide(mx.multiply(c1, m), denominator));
  }
}
