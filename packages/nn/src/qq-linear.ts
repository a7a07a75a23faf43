import * as mx from '@mlx/core';
import type { Linear } from './linear';
import {
  array,
  checkCount,
  nonNegativeInteger,
  optional,
  positiveInteger,
  reader,
  within,
} from '@mlx/core/calls';
import { uniformWeights } from './initial';
import { takesInputs } from './inputs';
import { layerLike, quantizationMode } from './kinds';
import { Module, type FreezeOptions } from './module';
import { quantization, quantizationSettings, type QuantizationOptions } from './quantized';

const format = { ...quantization, mode: optional(quantizationMode, 'nvfp4') };
const readQQLinear = reader('QQLinear', {
  inputDims: positiveInteger,
  outputDims: nonNegativeInteger,
  ...format,
});
const readFromLinear = reader('QQLinear.fromLinear', {
  linearLayer: layerLike<Linear>('a linear layer'),
  ...format,
});

/** The modes in which inputs can be rounded while they are multiplied. */
type InputMode = 'nvfp4' | 'mxfp8';

function inputMode(mode: mx.QuantizationMode): InputMode {
  if (mode !== 'nvfp4' && mode !== 'mxfp8')
    throw new TypeError(
      `[QQLinear] Inputs are quantised in the modes 'nvfp4' and 'mxfp8', received '${mode}'`,
    );
  return mode;
}

/**
 * A linear layer without bias that quantises its input too. While training it keeps the weights
 * as they are and rounds them in each product; `eval()` packs them and `train()` goes back. Packed
 * weights are frozen.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { QQLinear } from '@mlx/nn';
 *
 * const layer = new QQLinear(64, 32).eval();
 * layer(mx.ones([2, 64])).shape; // => [2, 32]
 * ```
 */
export class QQLinear extends Module {
  static {
    takesInputs(this, { x: array });
  }

  /** Shape `[outputDims, inputDims]`, or packed while evaluating. */
  weight: mx.array;
  /** Of the packed weights. */
  scales?: mx.array;
  readonly #groupSize: number;
  readonly #bits: number;
  readonly #mode: InputMode;
  /** What the weights are while they are not packed. */
  #unpacked: { dtype: mx.Dtype; isTrainable: boolean };

  /**
   * @param inputDims - size of the input's last axis, a multiple of groupSize.
   * @param outputDims - size of the output's last axis.
   * @param groupSize - values that share a scale; default: the mode's.
   * @param bits - bits of a value; default: the mode's.
   * @param mode - `'nvfp4'` (default) or `'mxfp8'`.
   * @throws TypeError for other modes.
   */
  constructor(
    inputDims: number,
    outputDims: number,
    groupSize?: number | null,
    bits?: number | null,
    mode?: mx.QuantizationMode,
  );
  constructor(inputDims: number, outputDims: number, options: QuantizationOptions);
  constructor(
    inputDims: number,
    outputDims: number,
    groupSize: number | null,
    options: QuantizationOptions,
  );
  constructor(...values: unknown[]) {
    super();
    const { inputDims, outputDims, groupSize, bits, mode } = readQQLinear(values);
    this.#mode = inputMode(mode);
    [this.#groupSize, this.#bits] = quantizationSettings(groupSize, bits, mode);
    const bound = 1 / Math.sqrt(inputDims);
    this.weight = uniformWeights('QQLinear', bound, [outputDims, inputDims]);
    this.#unpacked = { dtype: this.weight.dtype, isTrainable: true };
  }

  /** Packs the weights. */
  quantize(): void {
    checkCount(arguments.length, 0, 'QQLinear.quantize');
    if (this.scales) return;
    const isTrainable = 'weight' in this.trainableParameters();
    this.#unpacked = { dtype: this.weight.dtype, isTrainable };
    const [groupSize, bits] = [this.#groupSize, this.#bits];
    [this.weight, this.scales] = mx.quantize(this.weight, { groupSize, bits, mode: this.#mode });
    this.freeze(false);
  }

  /** Unpacks the weights, which stay rounded. */
  dequantize(): void {
    checkCount(arguments.length, 0, 'QQLinear.dequantize');
    if (!this.scales) return;
    const { dtype, isTrainable } = this.#unpacked;
    const [groupSize, bits] = [this.#groupSize, this.#bits];
    const format = { groupSize, bits, mode: this.#mode, dtype };
    this.weight = mx.dequantize(this.weight, this.scales, format);
    delete this.scales;
    if (isTrainable) super.unfreeze(false);
  }

  /**
   * Thaws the weights, if they are packed only from when they are unpacked.
   *
   * @param recurse - also below this module; default: true.
   * @param keys - only these names; default: all.
   * @param strict - whether a name that a module lacks is an error; default: false.
   */
  override unfreeze(
    recurse?: boolean,
    keys?: string | readonly string[] | null,
    strict?: boolean,
  ): this;
  override unfreeze(options: FreezeOptions): this;
  override unfreeze(recurse: boolean, options: FreezeOptions): this;
  override unfreeze(...args: unknown[]): this {
    super.unfreeze(...(args as []));
    if (!this.scales) return this;
    this.#unpacked.isTrainable ||= 'weight' in this.trainableParameters();
    return this.freeze(false);
  }

  protected override setTraining(mode: boolean): void {
    super.setTraining(mode);
    within('QQLinear.setTraining', () => {
      if (mode) this.dequantize();
      else this.quantize();
    });
  }

  /** @param x - shape [..., inputDims]; the result is [..., outputDims]. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    const [groupSize, bits] = [this.#groupSize, this.#bits];
    return mx.qqmm(x, this.weight, this.scales ?? null, groupSize, bits, this.#mode);
  }

  /**
   * The layer with a linear layer's weights, in its mode of training.
   *
   * @throws TypeError if the layer has a bias.
   */
  static fromLinear(
    linearLayer: Linear,
    groupSize?: number | null,
    bits?: number | null,
    mode?: mx.QuantizationMode,
  ): QQLinear;
  static fromLinear(linearLayer: Linear, options: QuantizationOptions): QQLinear;
  static fromLinear(
    linearLayer: Linear,
    groupSize: number | null,
    options: QuantizationOptions,
  ): QQLinear;
  static fromLinear(...values: unknown[]): QQLinear {
    const { linearLayer, groupSize, bits, mode } = readFromLinear(values);
    if (linearLayer.bias)
      throw new TypeError('[QQLinear.fromLinear] A layer with a bias cannot be converted');
    const [outputDims, inputDims] = linearLayer.weight.shape as [number, number];
    const layer = new QQLinear(inputDims, outputDims, groupSize, bits, mode);
    layer.weight = linearLayer.weight;
    return layer.train(linearLayer.training);
  }

  protected override extraRepr(): string {
    const [outputDims, width] = this.weight.shape as [number, number];
    const inputDims = this.scales ? (width * 32) / this.#bits : width;
    return (
      `inputDims=${inputDims}, outputDims=${outputDims}, ` +
      `groupSize=${this.#groupSize}, bits=${this.#bits}, mode='${this.#mode}'`
    );
  }
}
