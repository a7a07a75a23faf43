import * as mx from '@mlx/core';
import {
  array,
  boolean,
  nonNegativeInteger,
  nullable,
  optional,
  positiveInteger,
  reader,
} from '@mlx/core/calls';
import { uniformWeights } from './initial';
import { takesInputs } from './inputs';
import { activation, maybeArray, type Activation } from './kinds';
import { Module } from './module';

/** Options of the recurrent layers. */
export interface RecurrentOptions {
  /** Whether to add biases; default: true. */
  bias?: boolean | undefined;
}

/** Options of {@link RNN}. */
export interface RNNOptions extends RecurrentOptions {
  /** What the sums go through; default: the hyperbolic tangent. */
  nonlinearity?: Activation | null | undefined;
}

/** Options of a call of {@link RNN} and {@link GRU}. */
export interface HiddenState {
  /** The hidden state before the first step, `[batch, hiddenSize]`; default: zeros. */
  hidden?: mx.ArrayLike | null | undefined;
}

/** Options of a call of {@link LSTM}. */
export interface LSTMState extends HiddenState {
  /** The cell state before the first step, `[batch, hiddenSize]`; default: zeros. */
  cell?: mx.ArrayLike | null | undefined;
}

const sizesAndBias = {
  inputSize: nonNegativeInteger,
  hiddenSize: positiveInteger,
  bias: optional(boolean, true),
};
const readRNN = reader('RNN', {
  ...sizesAndBias,
  nonlinearity: optional(nullable(activation), null),
});
const readGRU = reader('GRU', sizesAndBias);
const readLSTM = reader('LSTM', sizesAndBias);

/** Input times weights for all steps at once: only the recurrent part needs a loop. */
function project(x: mx.array, weight: mx.array, bias?: mx.array): mx.array {
  const transposed = mx.transpose(weight);
  return bias ? mx.addmm(bias, x, transposed) : mx.matmul(x, transposed);
}

/** The slices along the second last axis, which is time. */
function steps(x: mx.array, name: string): mx.array[] {
  const { shape } = x;
  if (!(shape.at(-2)! > 0))
    throw new mx.ShapeError(
      `[${name}] Expected [batch, time, features] or [time, features] with at least one step.`,
    );
  return mx.split(x, shape.at(-2)!, -2).map((step) => mx.squeeze(step, -2));
}

function describe(inputSize: number, hiddenSize: number, bias: boolean): string {
  return `inputDims=${inputSize}, hiddenSize=${hiddenSize}, bias=${bias}`;
}

/**
 * An Elman recurrent layer. Inputs are `[batch, time, inputSize]` or `[time, inputSize]`; the
 * output has the hidden state of every step.
 *
 * hₜ = nonlinearity(Wxh xₜ + Whh hₜ₋₁ + bias)
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { RNN } from '@mlx/nn';
 *
 * new RNN(3, 8)(mx.zeros([2, 5, 3])).shape; // => [2, 5, 8]
 * ```
 */
export class RNN extends Module {
  static {
    takesInputs(this, { x: array, hidden: maybeArray });
  }

  /** Shape `[hiddenSize, inputSize]`. */
  Wxh: mx.array;
  /** Shape `[hiddenSize, hiddenSize]`. */
  Whh: mx.array;
  /** Shape `[hiddenSize]`; absent if the layer was made without. */
  bias?: mx.array;
  readonly #nonlinearity: (x: mx.array) => mx.array;

  /**
   * @param inputSize - size of the input's last axis.
   * @param hiddenSize - size of the hidden state.
   * @param bias - whether to add a bias; default true.
   * @param nonlinearity - default: the hyperbolic tangent.
   */
  constructor(
    inputSize: number,
    hiddenSize: number,
    bias?: boolean,
    nonlinearity?: Activation | null,
  );
  constructor(inputSize: number, hiddenSize: number, options: RNNOptions);
  constructor(inputSize: number, hiddenSize: number, bias: boolean, options: RNNOptions);
  constructor(...values: unknown[]) {
    super();
    const { inputSize, hiddenSize, bias, nonlinearity } = readRNN(values);
    const bound = 1 / Math.sqrt(hiddenSize);
    this.Wxh = uniformWeights('RNN', bound, [hiddenSize, inputSize]);
    this.Whh = uniformWeights('RNN', bound, [hiddenSize, hiddenSize]);
    if (bias) this.bias = uniformWeights('RNN', bound, [hiddenSize]);
    this.#nonlinearity = nonlinearity ?? ((x) => mx.tanh(x));
  }

  /**
   * @param hidden - the state before the first step, `[batch, hiddenSize]`; default: zeros.
   * @param x - shape [..., steps, inputSize]; the result is [..., steps, hiddenSize].
   */
  forward(x: mx.ArrayLike, hidden?: mx.ArrayLike | null | HiddenState): mx.array;
  forward(x: mx.array, hidden: mx.array | null): mx.array {
    const recurrent = mx.transpose(this.Whh);
    const states: mx.array[] = [];
    for (const input of steps(project(x, this.Wxh, this.bias), 'RNN')) {
      const sum: mx.array = hidden ? mx.addmm(input, hidden, recurrent) : input;
      hidden = this.#nonlinearity(sum);
      states.push(hidden);
    }
    return mx.stack(states, -2);
  }

  protected override extraRepr(): string {
    const [hiddenSize, inputSize] = this.Wxh.shape as [number, number];
    return describe(inputSize, hiddenSize, this.bias !== undefined);
  }
}

/**
 * A gated recurrent unit (Cho et al. 2014, arXiv:1406.1078). Inputs are `[batch, time, inputSize]`
 * or `[time, inputSize]`; the output has the hidden state of every step.
 *
 * rₜ = σ(Wxr xₜ + Whr hₜ₋₁ + br);  zₜ = σ(Wxz xₜ + Whz hₜ₋₁ + bz);
 * nₜ = tanh(Wxn xₜ + bn + rₜ (Whn hₜ₋₁ + bhn));  hₜ = (1 - zₜ) nₜ + zₜ hₜ₋₁
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { GRU } from '@mlx/nn';
 *
 * new GRU(3, 8)(mx.zeros([2, 5, 3])).shape; // => [2, 5, 8]
 * ```
 */
export class GRU extends Module {
  static {
    takesInputs(this, { x: array, hidden: maybeArray });
  }

  /** Shape `[3 hiddenSize, inputSize]`: for r, z and n. */
  Wx: mx.array;
  /** Shape `[3 hiddenSize, hiddenSize]`. */
  Wh: mx.array;
  /** Shape `[3 hiddenSize]`; absent if the layer was made without. */
  b?: mx.array;
  /** Shape `[hiddenSize]`: the bias inside n's gate. */
  bhn?: mx.array;
  readonly #hiddenSize: number;

  /**
   * @param inputSize - size of the input's last axis.
   * @param hiddenSize - size of the hidden state.
   * @param bias - whether to add biases; default true.
   */
  constructor(inputSize: number, hiddenSize: number, bias?: boolean);
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions);
  constructor(...values: unknown[]) {
    super();
    const { inputSize, hiddenSize, bias } = readGRU(values);
    const bound = 1 / Math.sqrt(hiddenSize);
    this.#hiddenSize = hiddenSize;
    this.Wx = uniformWeights('GRU', bound, [3 * hiddenSize, inputSize]);
    this.Wh = uniformWeights('GRU', bound, [3 * hiddenSize, hiddenSize]);
    if (bias) {
      this.b = uniformWeights('GRU', bound, [3 * hiddenSize]);
      this.bhn = uniformWeights('GRU', bound, [hiddenSize]);
    }
  }

  /**
   * @param hidden - the state before the first step, `[batch, hiddenSize]`; default: zeros.
   * @param x - shape [..., steps, inputSize]; the result is [..., steps, hiddenSize].
   */
  forward(x: mx.ArrayLike, hidden?: mx.ArrayLike | null | HiddenState): mx.array;
  forward(x: mx.array, hidden: mx.array | null): mx.array {
    const recurrent = mx.transpose(this.Wh);
    const states: mx.array[] = [];
    for (const input of steps(project(x, this.Wx, this.b), 'GRU')) {
      const size = this.#hiddenSize;
      const [gatesIn, newIn] = mx.split(input, [2 * size], -1) as [mx.array, mx.array];
      let gates = gatesIn;
      let inner: mx.array | undefined = this.bhn;
      if (hidden) {
        const product: mx.array = mx.matmul(hidden, recurrent);
        const [gatesOf, newOf] = mx.split(product, [2 * size], -1) as [mx.array, mx.array];
        gates = mx.add(gates, gatesOf);
        inner = inner ? mx.add(newOf, inner) : newOf;
      }
      const [r, z] = mx.split(mx.sigmoid(gates), 2, -1) as [mx.array, mx.array];
      const candidate = mx.tanh(inner ? mx.add(newIn, mx.multiply(r, inner)) : newIn);
      const fresh = mx.multiply(mx.subtract(1, z), candidate);
      hidden = hidden ? mx.add(fresh, mx.multiply(z, hidden)) : fresh;
      states.push(hidden);
    }
    return mx.stack(states, -2);
  }

  protected override extraRepr(): string {
    return describe(this.Wx.shape[1]!, this.#hiddenSize, this.b !== undefined);
  }
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997). Inputs are `[batch, time, inputSize]`
 * or `[time, inputSize]`; the outputs have the hidden and the cell state of every step.
 *
 * [i, f, g, o] = Wx xₜ + Wh hₜ₋₁ + bias;  cₜ = σ(f) cₜ₋₁ + σ(i) tanh(g);  hₜ = σ(o) tanh(cₜ)
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { LSTM } from '@mlx/nn';
 *
 * const [hidden, cell] = new LSTM(3, 8)(mx.zeros([2, 5, 3]));
 * [hidden.shape, cell.shape]; // => [[2, 5, 8], [2, 5, 8]]
 * ```
 */
export class LSTM extends Module {
  static {
    takesInputs(this, { x: array, hidden: maybeArray, cell: maybeArray });
  }

  /** Shape `[4 hiddenSize, inputSize]`: for i, f, g and o. */
  Wx: mx.array;
  /** Shape `[4 hiddenSize, hiddenSize]`. */
  Wh: mx.array;
  /** Shape `[4 hiddenSize]`; absent if the layer was made without. */
  bias?: mx.array;

  /**
   * @param inputSize - size of the input's last axis.
   * @param hiddenSize - size of the hidden and the cell state.
   * @param bias - whether to add a bias; default true.
   */
  constructor(inputSize: number, hiddenSize: number, bias?: boolean);
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions);
  constructor(...values: unknown[]) {
    super();
    const { inputSize, hiddenSize, bias } = readLSTM(values);
    const bound = 1 / Math.sqrt(hiddenSize);
    this.Wx = uniformWeights('LSTM', bound, [4 * hiddenSize, inputSize]);
    this.Wh = uniformWeights('LSTM', bound, [4 * hiddenSize, hiddenSize]);
    if (bias) this.bias = uniformWeights('LSTM', bound, [4 * hiddenSize]);
  }

  /**
   * @param hidden - the hidden state before the first step, `[batch, hiddenSize]`; default: zeros.
   * @param cell - the cell state before it; default: zeros.
   * @param x - shape [..., steps, inputSize]; both results are [..., steps, hiddenSize].
   */
  forward(
    x: mx.ArrayLike,
    hidden?: mx.ArrayLike | null | LSTMState,
    cell?: mx.ArrayLike | null | LSTMState,
  ): [mx.array, mx.array];
  forward(x: mx.array, hidden: mx.array | null, cell: mx.array | null): [mx.array, mx.array] {
    const recurrent = mx.transpose(this.Wh);
    const hiddens: mx.array[] = [];
    const cells: mx.array[] = [];
    for (const input of steps(project(x, this.Wx, this.bias), 'LSTM')) {
      const sum: mx.array = hidden ? mx.addmm(input, hidden, recurrent) : input;
      const [i, f, g, o] = mx.split(sum, 4, -1) as [mx.array, mx.array, mx.array, mx.array];
      const fresh = mx.multiply(mx.sigmoid(i), mx.tanh(g));
      cell = cell ? mx.add(mx.multiply(mx.sigmoid(f), cell), fresh) : fresh;
      hidden = mx.multiply(mx.sigmoid(o), mx.tanh(cell));
      hiddens.push(hidden);
      cells.push(cell);
    }
    return [mx.stack(hiddens, -2), mx.stack(cells, -2)];
  }

  protected override extraRepr(): string {
    const [gates, inputSize] = this.Wx.shape as [number, number];
    return describe(inputSize, gates / 4, this.bias !== undefined);
  }
}
