import * as mx from '@mlx/core';
import type { Embedding } from './embedding';
import type { Linear } from './linear';
import {
  array,
  boolean,
  checkCount,
  indices,
  nonNegativeInteger,
  nullable,
  optional,
  positiveInteger,
  reader,
  within,
} from '@mlx/core/calls';
import { checkMethods, takesInputs } from './inputs';
import { layerLike, quantizationMode } from './kinds';
import { Module, type FreezeOptions } from './module';

const defaults: Record<mx.QuantizationMode, [groupSize: number, bits: number]> = {
  affine: [64, 4],
  mxfp4: [32, 4],
  mxfp8: [32, 8],
  nvfp4: [16, 4],
};

/** Options of how weights are quantised. */
export interface QuantizationOptions {
  /** Weights that share a scale; default: the mode's. */
  groupSize?: number | null | undefined;
  /** Bits of a weight; default: the mode's. */
  bits?: number | null | undefined;
  /** How weights are held; default: 'affine', of a QQLinear 'nvfp4'. */
  mode?: mx.QuantizationMode | undefined;
}

/** Options of {@link QuantizedLinear}. */
export interface QuantizedLinearOptions extends QuantizationOptions {
  /** Whether to add a bias; default: true. */
  bias?: boolean | undefined;
}

/** The parameters of all quantised layers. */
export const quantization = {
  groupSize: optional(nullable(positiveInteger), null),
  bits: optional(nullable(positiveInteger), null),
  mode: optional(quantizationMode, 'affine'),
};

/** How one layer is quantised; what is left out is as `quantize` was told for all. */
export interface LayerQuantization extends QuantizationOptions {
  /** Whether inputs are quantised too; default: false. */
  quantizeInput?: boolean | undefined;
}

/** The parameters of `toQuantized`. */
export const layerQuantization = { ...quantization, quantizeInput: optional(boolean, false) };

const readLinear = reader('QuantizedLinear', {
  inputDims: positiveInteger,
  outputDims: nonNegativeInteger,
  bias: optional(boolean, true),
  ...quantization,
});
const readFromLinear = reader('QuantizedLinear.fromLinear', {
  linearLayer: layerLike<Linear>('a linear layer'),
  ...quantization,
});
const readEmbedding = reader('QuantizedEmbedding', {
  numEmbeddings: nonNegativeInteger,
  dims: positiveInteger,
  ...quantization,
});
const readFromEmbedding = reader('QuantizedEmbedding.fromEmbedding', {
  embeddingLayer: layerLike<Embedding>('an embedding layer'),
  ...quantization,
});

/** The group size and the bits that a layer is to have: those of the mode where none are given. */
export function quantizationSettings(
  groupSize: number | null,
  bits: number | null,
  mode: mx.QuantizationMode,
): [groupSize: number, bits: number] {
  const [usualGroup, usualBits] = defaults[mode];
  return [groupSize ?? usualGroup, bits ?? usualBits];
}

/** What the layers with quantised weights share. Their weights are frozen. */
export abstract class Quantized extends Module {
  /** Packed codes, uint32. */
  weight!: mx.array;
  scales!: mx.array;
  /** Of the affine mode only. */
  biases?: mx.array;
  protected readonly _groupSize: number;
  protected readonly _bits: number;
  protected readonly _mode: mx.QuantizationMode;

  constructor(groupSize: number | null, bits: number | null, mode: mx.QuantizationMode) {
    super();
    [this._groupSize, this._bits] = quantizationSettings(groupSize, bits, mode);
    this._mode = mode;
  }

  static {
    checkMethods(this);
  }

  protected setWeight(weight: mx.array): void {
    const [packed, scales, biases] = mx.quantize(
      weight,
      this._groupSize,
      this._bits,
      this._mode,
    ) as [mx.array, mx.array, mx.array?];
    this.weight = packed;
    this.scales = scales;
    if (biases) this.biases = biases;
  }

  /** x @ weight.T. */
  protected multiply(x: mx.array): mx.array {
    return mx.quantizedMatmul(
      x,
      this.weight,
      this.scales,
      this.biases ?? null,
      true,
      this._groupSize,
      this._bits,
      this._mode,
    );
  }

  /**
   * Thaws scales and biases unless they are integers, as the packed weights are.
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
    const isFloating = mx.issubdtype(this.scales.dtype, mx.floating);
    return this.freeze(false, isFloating ? 'weight' : ['weight', 'scales']);
  }

  protected dims(): [outputs: number, inputs: number] {
    const [outputs, packed] = this.weight.shape as [number, number];
    return [outputs, (packed * 32) / this._bits];
  }

  protected describeQuantization(): string {
    return `groupSize=${this._groupSize}, bits=${this._bits}, mode='${this._mode}'`;
  }
}

/** What a layer was made with. */
export let settingsOf: (
  layer: QuantizedLinear,
) => Required<QuantizedLinearOptions> & { inputDims: number; outputDims: number };

/**
 * A linear layer with quantised, frozen weights; its bias is frozen too.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Linear, QuantizedLinear } from '@mlx/nn';
 *
 * const layer = QuantizedLinear.fromLinear(new Linear(128, 16));
 * layer(mx.ones([2, 128])).shape; // => [2, 16]
 * ```
 */
export class QuantizedLinear extends Quantized {
  static {
    takesInputs(this, { x: array });
    settingsOf = (layer) => {
      const [outputDims, inputDims] = layer.dims();
      const { _groupSize: groupSize, _bits: bits, _mode: mode } = layer;
      return { inputDims, outputDims, bias: layer.bias !== undefined, groupSize, bits, mode };
    };
  }

  bias?: mx.array;

  /**
   * @param inputDims - size of the input's last axis, a multiple of groupSize.
   * @param outputDims - size of the output's last axis.
   * @param bias - whether to add a bias; default true.
   * @param groupSize - weights that share a scale; default: the mode's.
   * @param bits - bits of a weight; default: the mode's.
   * @param mode - default `'affine'`.
   */
  constructor(
    inputDims: number,
    outputDims: number,
    bias?: boolean,
    groupSize?: number | null,
    bits?: number | null,
    mode?: mx.QuantizationMode,
  );
  constructor(inputDims: number, outputDims: number, options: QuantizedLinearOptions);
  constructor(
    inputDims: number,
    outputDims: number,
    bias: boolean,
    options: QuantizedLinearOptions,
  );
  constructor(...values: unknown[]) {
    const { inputDims, outputDims, bias, groupSize, bits, mode } = readLinear(values);
    super(groupSize, bits, mode);
    const bound = 1 / Math.sqrt(inputDims);
    const shape = [outputDims, inputDims];
    within('QuantizedLinear', () => this.setWeight(mx.random.uniform(-bound, bound, shape)));
    if (bias) this.bias = mx.zeros([outputDims]);
    this.freeze();
  }

  /** @param x - shape [..., inputDims]; the result is [..., outputDims]. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    const y = this.multiply(x);
    return this.bias ? mx.add(y, this.bias) : y;
  }

  /** The same layer with its weights quantised. */
  static fromLinear(
    linearLayer: Linear,
    groupSize?: number | null,
    bits?: number | null,
    mode?: mx.QuantizationMode,
  ): QuantizedLinear;
  static fromLinear(linearLayer: Linear, options: QuantizationOptions): QuantizedLinear;
  static fromLinear(
    linearLayer: Linear,
    groupSize: number | null,
    options: QuantizationOptions,
  ): QuantizedLinear;
  static fromLinear(...values: unknown[]): QuantizedLinear {
    const { linearLayer, groupSize, bits, mode } = readFromLinear(values);
    const [outputDims, inputDims] = linearLayer.weight.shape as [number, number];
    const layer = new QuantizedLinear(inputDims, outputDims, false, groupSize, bits, mode);
    layer.setWeight(linearLayer.weight);
    if (linearLayer.bias) layer.bias = linearLayer.bias;
    return layer.freeze();
  }

  protected override extraRepr(): string {
    const [outputDims, inputDims] = this.dims();
    return (
      `inputDims=${inputDims}, outputDims=${outputDims}, bias=${this.bias !== undefined}, ` +
      this.describeQuantization()
    );
  }
}

/**
 * An embedding with a quantised, frozen table.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Embedding, QuantizedEmbedding } from '@mlx/nn';
 *
 * const table = QuantizedEmbedding.fromEmbedding(new Embedding(10, 64));
 * table(mx.array([3, 4], mx.int32)).shape; // => [2, 64]
 * ```
 */
export class QuantizedEmbedding extends Quantized {
  static {
    takesInputs(this, { x: indices });
  }

  /**
   * @param numEmbeddings - how many vectors.
   * @param dims - their size, a multiple of groupSize.
   * @param groupSize - weights that share a scale; default: the mode's.
   * @param bits - bits of a weight; default: the mode's.
   * @param mode - default `'affine'`.
   */
  constructor(
    numEmbeddings: number,
    dims: number,
    groupSize?: number | null,
    bits?: number | null,
    mode?: mx.QuantizationMode,
  );
  constructor(numEmbeddings: number, dims: number, options: QuantizationOptions);
  constructor(
    numEmbeddings: number,
    dims: number,
    groupSize: number | null,
    options: QuantizationOptions,
  );
  constructor(...values: unknown[]) {
    const { numEmbeddings, dims, groupSize, bits, mode } = readEmbedding(values);
    super(groupSize, bits, mode);
    const scale = Math.sqrt(1 / dims);
    within('QuantizedEmbedding', () =>
      this.setWeight(mx.random.normal([numEmbeddings, dims], { scale })),
    );
    this.freeze();
  }

  /**
   * @param x - integers below numEmbeddings, of any shape; the result has a last axis of size
   *   dims.
   */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    return mx.dequantize(
      mx.take(this.weight, x, 0),
      mx.take(this.scales, x, 0),
      this.biases ? mx.take(this.biases, x, 0) : null,
      this._groupSize,
      this._bits,
      this._mode,
    );
  }

  /**
   * Products with all vectors: the table as an output layer.
   *
   * @param x - shape [..., dims]; the result is [..., numEmbeddings].
   */
  asLinear(x: mx.array): mx.array {
    checkCount(arguments.length, 1, 'QuantizedEmbedding.asLinear');
    return within('QuantizedEmbedding.asLinear', () => this.multiply(x));
  }

  /** The same table, quantised. */
  static fromEmbedding(
    embeddingLayer: Embedding,
    groupSize?: number | null,
    bits?: number | null,
    mode?: mx.QuantizationMode,
  ): QuantizedEmbedding;
  static fromEmbedding(embeddingLayer: Embedding, options: QuantizationOptions): QuantizedEmbedding;
  static fromEmbedding(
    embeddingLayer: Embedding,
    groupSize: number | null,
    options: QuantizationOptions,
  ): QuantizedEmbedding;
  static fromEmbedding(...values: unknown[]): QuantizedEmbedding {
    const { embeddingLayer, groupSize, bits, mode } = readFromEmbedding(values);
    const [numEmbeddings, dims] = embeddingLayer.weight.shape as [number, number];
    const layer = new QuantizedEmbedding(numEmbeddings, dims, groupSize, bits, mode);
    layer.setWeight(embeddingLayer.weight);
    return layer.freeze();
  }

  protected override extraRepr(): string {
    return `${this.dims().join(', ')}, ${this.describeQuantization()}`;
  }
}
