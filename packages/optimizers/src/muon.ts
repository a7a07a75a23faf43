import * as mx from '@mlx/core';
import { boolean, bounded, nonNegativeInteger, number, optional, reader } from '@mlx/core/calls';
import { schedule } from './kinds';
import { Optimizer, type ParameterState, type Schedule } from './optimizer';
import { squares } from './precision';

/** The transposed matrix, of a complex one with its conjugates. */
function adjoint(x: mx.array): mx.array {
  const transposed = mx.transpose(x);
  return x.dtype === mx.complex64 ? mx.conjugate(transposed) : transposed;
}

/**
 * The nearest orthogonal matrix, about: a Newton-Schulz iteration of fifth order whose
 * coefficients bring singular values near 1 fast, not exactly.
 */
function orthogonalize(x: mx.array, steps: number): mx.array {
  const [a, b, c] = [3.4445, -4.775, 2.0315];
  const [rows, columns] = x.shape as [number, number];
  // The shorter side makes the smaller products.
  const isTall = rows > columns;
  let y = isTall ? adjoint(x) : x;
  const norm = mx.sqrt(mx.sum(squares(y)));
  y = mx.astype(mx.divide(y, mx.add(norm, 1e-7)), x.dtype);
  for (let i = 0; i < steps; ++i) {
    const gram = mx.matmul(y, adjoint(y));
    const polynomial = mx.addmm(mx.multiply(gram, b), gram, gram, c, 1);
    y = mx.addmm(mx.multiply(y, a), polynomial, y, 1, 1);
  }
  return isTall ? adjoint(y) : y;
}

/** Options of {@link Muon}. */
export interface MuonOptions {
  /** Share of the running mean that is kept; default: 0.95. */
  momentum?: number | undefined;
  /** The factor of an L2 penalty; default: 0.01. */
  weightDecay?: number | undefined;
  /** Whether to look ahead; default: true. */
  nesterov?: boolean | undefined;
  /** Steps of the Newton-Schulz iteration; default: 5. */
  nsSteps?: number | undefined;
}

const readMuon = reader('Muon', {
  learningRate: schedule,
  momentum: optional(number, 0.95),
  weightDecay: optional(number, 0.01),
  nesterov: optional(boolean, true),
  nsSteps: optional(
    bounded(nonNegativeInteger, 'a non-negative integer up to 1024', (steps) => steps <= 1024),
    5,
  ),
});

/**
 * Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon): momentum whose matrices are made
 * orthogonal before the step. Meant for the hidden layers' matrices; use {@link MultiOptimizer} to
 * train embeddings, biases and the last layer with another optimizer.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Muon } from '@mlx/optimizers';
 *
 * const gradients = { w: mx.array([[3, 0], [0, 3]]) };
 * const updated = new Muon(0.5, 0.95, 0).applyGradients(gradients, { w: mx.zeros([2, 2]) });
 * updated.w.shape; // => [2, 2]
 * ```
 */
export class Muon extends Optimizer {
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly nsSteps: number;

  /**
   * @param learningRate - the rate, or a schedule.
   * @param momentum - share of the running mean that is kept; default 0.95.
   * @param weightDecay - the factor of an L2 penalty; default 0.01.
   * @param nesterov - whether to look ahead; default true.
   * @param nsSteps - steps of the Newton-Schulz iteration; default 5.
   */
  constructor(
    learningRate: Schedule,
    momentum?: number,
    weightDecay?: number,
    nesterov?: boolean,
    nsSteps?: number,
  );
  constructor(learningRate: Schedule, options: MuonOptions);
  constructor(learningRate: Schedule, momentum: number, options: MuonOptions);
  constructor(...values: unknown[]) {
    super();
    const { learningRate, momentum, weightDecay, nesterov, nsSteps } = readMuon(values);
    this.schedule('learningRate', learningRate);
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.nesterov = nesterov;
    this.nsSteps = nsSteps;
  }

  override initSingle(parameter: mx.array, state: ParameterState): void {
    state.v = mx.zerosLike(parameter);
  }

  override applySingle(gradient: mx.array, parameter: mx.array, state: ParameterState): mx.array {
    const { momentum } = this;
    const g =
      this.weightDecay !== 0
        ? mx.add(gradient, mx.multiply(parameter, this.weightDecay))
        : gradient;
    const v = mx.add(mx.multiply(state.v!, momentum), mx.multiply(g, 1 - momentum));
    state.v = v;
    let update = this.nesterov ? mx.add(mx.multiply(g, 1 - momentum), mx.multiply(v, momentum)) : v;
    let rate = mx.astype(this.learningRate, gradient.dtype);
    if (update.ndim >= 2) {
      const { shape } = update;
      const rows = shape[0]!;
      const columns = update.size / Math.max(rows, 1);
      update = mx.reshape(orthogonalize(mx.reshape(update, [rows, columns]), this.nsSteps), shape);
      rate = mx.multiply(rate, Math.sqrt(Math.max(1, shape.at(-2)! / shape.at(-1)!)));
    }
    return mx.subtract(parameter, mx.multiply(rate, update));
  }
}
