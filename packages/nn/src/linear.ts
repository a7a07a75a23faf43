import * as mx from '@mlx/core';
import {
  array,
  boolean,
  nonNegativeInteger,
  optional,
  positiveInteger,
  reader,
  within,
} from '@mlx/core/calls';
import { uniformWeights } from './initial';
import { takesInputs } from './inputs';
import { Module } from './module';
import { QQLinear } from './qq-linear';
import { QuantizedLinear, layerQuantization, type LayerQuantization } from './quantized';

/** Returns its input; constructor arguments are ignored, so that it can stand for another layer. */
export class Identity extends Module {
  static {
    takesInputs(this, { x: array });
  }

  /** @param _ignored - anything; it has no effect. */
  constructor(..._ignored: unknown[]) {
    super();
  }

  /** @param x - any array. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    return x;
  }
}

/** Options of {@link Linear} and {@link Bilinear}. */
export interface LinearOptions {
  /** Whether to add a bias; default: true. */
  bias?: boolean | undefined;
}

const readToQuantized = reader('Linear.toQuantized', layerQuantization);
const readLinear = reader('Linear', {
  inputDims: positiveInteger,
  outputDims: nonNegativeInteger,
  bias: optional(boolean, true),
});

/**
 * An affine map of the last axis: `x @ weight.T + bias`. Weights begin uniform in
 * ±1/sqrt(inputDims).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Linear } from '@mlx/nn';
 *
 * const layer = new Linear(3, 2);
 * layer(mx.zeros([5, 3])).shape; // => [5, 2]
 * ```
 */
export class Linear extends Module {
  static {
    takesInputs(this, { x: array });
  }

  /** Shape `[outputDims, inputDims]`. */
  weight: mx.array;
  /** Shape `[outputDims]`; absent if the layer was made without. */
  bias?: mx.array;

  /**
   * @param inputDims - size of the input's last axis.
   * @param outputDims - size of the output's last axis.
   * @param bias - whether to add a bias; default true.
   */
  constructor(inputDims: number, outputDims: number, bias?: boolean);
  constructor(inputDims: number, outputDims: number, options: LinearOptions);
  constructor(...values: unknown[]) {
    super();
    const { inputDims, outputDims, bias } = readLinear(values);
    const bound = 1 / Math.sqrt(inputDims);
    this.weight = uniformWeights('Linear', bound, [outputDims, inputDims]);
    if (bias) this.bias = uniformWeights('Linear', bound, [outputDims]);
  }

  /** @param x - shape [..., inputDims]; the result is [..., outputDims]. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    const weight = mx.transpose(this.weight);
    return this.bias ? mx.addmm(this.bias, x, weight) : mx.matmul(x, weight);
  }

  /**
   * The layer with quantised weights.
   *
   * @param groupSize - weights that share a scale; default: the mode's.
   * @param bits - bits of a weight; default: the mode's.
   * @param mode - how weights are held; default `'affine'`.
   * @param quantizeInput - whether the input is quantised too, by a {@link QQLinear}; default
   *   false.
   */
  toQuantized(
    groupSize?: number | null,
    bits?: number | null,
    mode?: mx.QuantizationMode,
    quantizeInput?: boolean,
  ): QuantizedLinear | QQLinear;
  toQuantized(options: LayerQuantization): QuantizedLinear | QQLinear;
  toQuantized(groupSize: number | null, options: LayerQuantization): QuantizedLinear | QQLinear;
  toQuantized(...values: unknown[]): QuantizedLinear | QQLinear {
    const { groupSize, bits, mode, quantizeInput } = readToQuantized(values);
    const Quantized = quantizeInput ? QQLinear : QuantizedLinear;
    return within('Linear.toQuantized', () => Quantized.fromLinear(this, groupSize, bits, mode));
  }

  protected override extraRepr(): string {
    const [outputDims, inputDims] = this.weight.shape;
    return `inputDims=${inputDims}, outputDims=${outputDims}, bias=${this.bias !== undefined}`;
  }
}

const readBilinear = reader('Bilinear', {
  input1Dims: positiveInteger,
  input2Dims: nonNegativeInteger,
  outputDims: nonNegativeInteger,
  bias: optional(boolean, true),
});

/**
 * A bilinear map of the last axes of two inputs: `y[k] = x1 @ weight[k] @ x2 + bias[k]`. Weights
 * begin uniform in ±1/sqrt(input1Dims).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Bilinear } from '@mlx/nn';
 *
 * const layer = new Bilinear(3, 4, 2);
 * layer(mx.zeros([5, 3]), mx.zeros([5, 4])).shape; // => [5, 2]
 * ```
 */
export class Bilinear extends Module {
  static {
    takesInputs(this, { x1: array, x2: array });
  }

  /** Shape `[outputDims, input2Dims, input1Dims]`. */
  weight: mx.array;
  /** Shape `[outputDims]`; absent if the layer was made without. */
  bias?: mx.array;

  /**
   * @param input1Dims - size of the first input's last axis.
   * @param input2Dims - size of the second input's last axis.
   * @param outputDims - size of the output's last axis.
   * @param bias - whether to add a bias; default true.
   */
  constructor(input1Dims: number, input2Dims: number, outputDims: number, bias?: boolean);
  constructor(input1Dims: number, input2Dims: number, outputDims: number, options: LinearOptions);
  constructor(...values: unknown[]) {
    super();
    const { input1Dims, input2Dims, outputDims, bias } = readBilinear(values);
    const bound = 1 / Math.sqrt(input1Dims);
    this.weight = uniformWeights('Bilinear', bound, [outputDims, input2Dims, input1Dims]);
    if (bias) this.bias = uniformWeights('Bilinear', bound, [outputDims]);
  }

  /**
   * @param x1 - shape [..., input1Dims].
   * @param x2 - shape [..., input2Dims]; the result is [..., outputDims].
   */
  forward(x1: mx.ArrayLike, x2: mx.ArrayLike): mx.array;
  forward(x1: mx.array, x2: mx.array): mx.array {
    const [outputs, second, first] = this.weight.shape as [number, number, number];
    const leading = x1.shape.slice(0, -1);
    // One product for all outputs, then a small one for each row of the inputs.
    const rows = mx.reshape(x1, [-1, first]);
    const all = mx.matmul(rows, mx.transpose(mx.reshape(this.weight, [-1, first])));
    const columns = mx.reshape(x2, [-1, second, 1]);
    const y = mx.matmul(mx.reshape(all, [-1, outputs, second]), columns);
    const shaped = mx.reshape(y, [...leading, outputs]);
    return this.bias ? mx.add(shaped, this.bias) : shaped;
  }

  protected override extraRepr(): string {
    const [outputs, second, first] = this.weight.shape;
    return (
      `input1Dims=${first}, input2Dims=${second}, outputDims=${outputs}, ` +
      `bias=${this.bias !== undefined}`
    );
  }
}
