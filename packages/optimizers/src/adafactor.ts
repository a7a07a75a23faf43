import * as mx from '@mlx/core';
import { boolean, nonNegative, nullable, number, optional, pairOf, reader } from '@mlx/core/calls';
import { schedule } from './kinds';
import { Optimizer, type ParameterState, type Schedule } from './optimizer';
import { absoluteSquares, epsilonIn, squares } from './precision';

function rootMeanSquare(x: mx.array): mx.array {
  return mx.sqrt(mx.mean(squares(x)));
}

/** The reciprocal root of a matrix that is known by the means of its rows and its columns. */
function factoredReciprocalRoot(rows: mx.array, columns: mx.array): mx.array {
  const r = mx.rsqrt(mx.divide(rows, mx.mean(rows, -1, true)));
  return mx.multiply(mx.expandDims(r, -1), mx.expandDims(mx.rsqrt(columns), -2));
}

/** Options of {@link Adafactor}. */
export interface AdafactorOptions {
  /** Added to squared gradients, and the least scale of a parameter; default: [1e-30, 1e-3]. */
  eps?: [number, number] | undefined;
  /** The largest root mean square of a step before the rate; default: 1. */
  clipThreshold?: number | undefined;
  /** The exponent by which the running means' decay nears 1; default: -0.8. */
  decayRate?: number | undefined;
  /** How much of a running mean of steps is kept; default: null, no such mean. */
  beta1?: number | null | undefined;
  /** How much parameters shrink, times the rate; default: 0. */
  weightDecay?: number | undefined;
  /** Whether the rate is scaled by the parameter's size; default: true. */
  scaleParameter?: boolean | undefined;
  /** Whether the rate follows from the step's number; default: true. */
  relativeStep?: boolean | undefined;
  /** Whether that rate begins small; default: false. */
  warmupInit?: boolean | undefined;
}

const readAdafactor = reader('Adafactor', {
  learningRate: optional(nullable(schedule), null),
  eps: optional(pairOf(nonNegative, 'a list of two non-negative numbers'), [1e-30, 1e-3]),
  clipThreshold: optional(number, 1),
  decayRate: optional(number, -0.8),
  beta1: optional(nullable(number), null),
  weightDecay: optional(number, 0),
  scaleParameter: optional(boolean, true),
  relativeStep: optional(boolean, true),
  warmupInit: optional(boolean, false),
});

/**
 * Adafactor (Shazeer and Stern 2018, arXiv:1804.04235): for a matrix it keeps means of the rows
 * and of the columns of squared gradients instead of all of them, and it can choose its own rate.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Adafactor } from '@mlx/optimizers';
 *
 * const adafactor = new Adafactor();
 * adafactor.init({ w: mx.zeros([4, 3]) });
 * const { expAvgSqRow, expAvgSqCol } = adafactor.state.w as Record<string, mx.array>;
 * [expAvgSqRow.shape, expAvgSqCol.shape]; // => [[4], [3]]
 * ```
 */
export class Adafactor extends Optimizer {
  readonly eps: [number, number];
  readonly clipThreshold: number;
  readonly decayRate: number;
  readonly beta1: number | null;
  readonly weightDecay: number;
  readonly scaleParameter: boolean;
  readonly relativeStep: boolean;
  readonly warmupInit: boolean;

  /**
   * @param learningRate - the rate, or a schedule; unused while relativeStep is true; default null.
   * @param eps - added to squared gradients, and the least scale of a parameter; default
   *   [1e-30, 1e-3].
   * @param clipThreshold - the largest root mean square of a step before the rate; default 1.
   * @param decayRate - the exponent by which the running means' decay nears 1; default -0.8.
   * @param beta1 - how much of a running mean of steps is kept; default null: no such mean.
   * @param weightDecay - how much parameters shrink, times the rate; default 0.
   * @param scaleParameter - whether the rate is scaled by the parameter's size; default true.
   * @param relativeStep - whether the rate follows from the step's number; default true.
   * @param warmupInit - whether that rate begins small; default false.
   * @throws TypeError if relativeStep is false and there is no learningRate.
   */
  constructor(
    learningRate?: Schedule | null,
    eps?: [number, number],
    clipThreshold?: number,
    decayRate?: number,
    beta1?: number | null,
    weightDecay?: number,
    scaleParameter?: boolean,
    relativeStep?: boolean,
    warmupInit?: boolean,
  );
  constructor(options: AdafactorOptions & { learningRate?: Schedule | null | undefined });
  constructor(learningRate: Schedule | null, options: AdafactorOptions);
  constructor(...values: unknown[]) {
    super();
    const given = readAdafactor(values);
    const { learningRate, relativeStep } = given;
    if (learningRate !== null) this.schedule('learningRate', learningRate);
    else if (!relativeStep)
      throw new TypeError('[Adafactor] Without relativeStep a learningRate is needed');
    this.eps = given.eps;
    this.clipThreshold = given.clipThreshold;
    this.decayRate = given.decayRate;
    this.beta1 = given.beta1;
    this.weightDecay = given.weightDecay;
    this.scaleParameter = given.scaleParameter;
    this.relativeStep = relativeStep;
    this.warmupInit = given.warmupInit;
  }

  override initSingle(parameter: mx.array, state: ParameterState): void {
    const { shape, dtype } = parameter;
    if (parameter.ndim >= 2) {
      state.expAvgSqRow = mx.zeros(shape.slice(0, -1), dtype);
      state.expAvgSqCol = mx.zeros([...shape.slice(0, -2), ...shape.slice(-1)], dtype);
    } else {
      state.expAvgSq = mx.zerosLike(parameter);
    }
    if (this.beta1 !== null) state.expAvg = mx.zerosLike(parameter);
  }

  #rate(step: mx.array, parameter: mx.array): mx.array {
    const own = this.warmupInit ? mx.multiply(step, 1e-6) : mx.array(1e-2);
    const rate = this.relativeStep
      ? mx.minimum(own, mx.rsqrt(step))
      : mx.astype(this.learningRate, mx.float32);
    const scale = this.scaleParameter ? mx.maximum(this.eps[1], rootMeanSquare(parameter)) : 1;
    return mx.astype(mx.multiply(rate, scale), parameter.dtype);
  }

  override applySingle(gradient: mx.array, parameter: mx.array, state: ParameterState): mx.array {
    const step = mx.astype(this.step, mx.float32);
    const rate = this.#rate(step, parameter);
    const beta2 = mx.astype(mx.subtract(1, mx.power(step, this.decayRate)), parameter.dtype);
    const gain = mx.subtract(1, beta2);
    const running = (old: mx.array, fresh: mx.array): mx.array =>
      mx.add(mx.multiply(beta2, old), mx.multiply(gain, fresh));

    const eps = epsilonIn(gradient.dtype, this.eps[0]);
    const squared = mx.add(absoluteSquares(gradient), eps);
    let reciprocalRoot: mx.array;
    if (gradient.ndim >= 2) {
      state.expAvgSqRow = running(state.expAvgSqRow!, mx.mean(squared, -1));
      state.expAvgSqCol = running(state.expAvgSqCol!, mx.mean(squared, -2));
      reciprocalRoot = factoredReciprocalRoot(state.expAvgSqRow, state.expAvgSqCol);
    } else {
      state.expAvgSq = running(state.expAvgSq!, squared);
      reciprocalRoot = mx.rsqrt(state.expAvgSq);
    }
    let update = mx.multiply(reciprocalRoot, gradient);
    const excess = mx.maximum(1, mx.divide(rootMeanSquare(update), this.clipThreshold));
    update = mx.multiply(rate, mx.divide(update, mx.astype(excess, update.dtype)));
    if (this.beta1 !== null) {
      update = mx.add(mx.multiply(state.expAvg!, this.beta1), mx.multiply(update, 1 - this.beta1));
      state.expAvg = update;
    }
    const start =
      this.weightDecay !== 0
        ? mx.subtract(parameter, mx.multiply(parameter, mx.multiply(rate, this.weightDecay)))
        : parameter;
    return mx.subtract(start, update);
  }
}
