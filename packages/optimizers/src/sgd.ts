import * as mx from '@mlx/core';
import { boolean, number, optional, reader } from '@mlx/core/calls';
import { schedule } from './kinds';
import { Optimizer, type ParameterState, type Schedule } from './optimizer';

/** Options of {@link SGD}. */
export interface SGDOptions {
  /** Share of the last update that is kept; default: 0. */
  momentum?: number | undefined;
  /** The factor of an L2 penalty; default: 0. */
  weightDecay?: number | undefined;
  /** Share of the gradient that momentum ignores; default: 0. */
  dampening?: number | undefined;
  /** Whether to look ahead; needs momentum and no dampening; default: false. */
  nesterov?: boolean | undefined;
}

const readSGD = reader('SGD', {
  learningRate: schedule,
  momentum: optional(number, 0),
  weightDecay: optional(number, 0),
  dampening: optional(number, 0),
  nesterov: optional(boolean, false),
});

/**
 * Stochastic gradient descent, with momentum, weight decay and Nesterov's variant.
 *
 * v ← momentum · v + (1 - dampening) · g;  w ← w - learningRate · v
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { SGD } from '@mlx/optimizers';
 *
 * const sgd = new SGD(0.5);
 * const updated = sgd.applyGradients({ w: mx.array([2]) }, { w: mx.array([10]) });
 * updated.w.tolist(); // => [9]
 * ```
 */
export class SGD extends Optimizer {
  readonly momentum: number;
  readonly weightDecay: number;
  readonly dampening: number;
  readonly nesterov: boolean;

  /**
   * @param learningRate - the rate, or a schedule.
   * @param momentum - share of the last update that is kept; default 0.
   * @param weightDecay - the factor of an L2 penalty; default 0.
   * @param dampening - share of the gradient that momentum ignores; default 0.
   * @param nesterov - whether to look ahead; needs momentum and no dampening; default false.
   * @throws RangeError if nesterov is asked for without momentum or with dampening.
   */
  constructor(
    learningRate: Schedule,
    momentum?: number,
    weightDecay?: number,
    dampening?: number,
    nesterov?: boolean,
  );
  constructor(learningRate: Schedule, options: SGDOptions);
  constructor(learningRate: Schedule, momentum: number, options: SGDOptions);
  constructor(...values: unknown[]) {
    super();
    const { learningRate, momentum, weightDecay, dampening, nesterov } = readSGD(values);
    if (nesterov && (momentum <= 0 || dampening !== 0))
      throw new RangeError('[SGD] Nesterov momentum requires a momentum and zero dampening');
    this.schedule('learningRate', learningRate);
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.dampening = dampening;
    this.nesterov = nesterov;
  }

  override initSingle(parameter: mx.array, state: ParameterState): void {
    state.v = mx.zerosLike(parameter);
  }

  override applySingle(gradient: mx.array, parameter: mx.array, state: ParameterState): mx.array {
    const rate = mx.astype(this.learningRate, gradient.dtype);
    let g = gradient;
    if (this.weightDecay !== 0) g = mx.add(g, mx.multiply(parameter, this.weightDecay));
    if (this.momentum <= 0) return mx.subtract(parameter, mx.multiply(rate, g));

    const kept = mx.multiply(state.v!, this.momentum);
    const v = mx.add(kept, this.dampening > 0 ? mx.multiply(g, 1 - this.dampening) : g);
    state.v = v;
    const step = this.nesterov ? mx.add(g, mx.multiply(v, this.momentum)) : v;
    return mx.subtract(parameter, mx.multiply(rate, step));
  }
}
