import * as mx from '@mlx/core';
import {
  array,
  boolean,
  bounded,
  nonNegativeInteger,
  nullable,
  optional,
  callback,
  positiveInteger,
  reader,
  within,
} from '@mlx/core/calls';
import { relu } from './activations';
import { MultiHeadAttention } from './attention';
import { checkpoint } from './checkpoint';
import { Dropout } from './dropout';
import { takesInputs } from './inputs';
import { activation, dropProbability, mask, maybeSize, type Activation, type Mask } from './kinds';
import { Linear } from './linear';
import { Module } from './module';
import { LayerNorm } from './normalization';

/** Options of the layers of a transformer. */
export interface TransformerLayerOptions {
  /** Features inside the two-layer network; default: 4 dims. */
  mlpDims?: number | null | undefined;
  /** The probability of dropping an activation; default: 0. */
  dropout?: number | undefined;
  /** Between the network's layers; default: relu. */
  activation?: Activation | undefined;
  /** Whether to normalise before, or after the residual connection; default: true. */
  normFirst?: boolean | undefined;
}

/** Options of a stack of transformer layers. */
export interface TransformerStackOptions extends TransformerLayerOptions {
  /** Whether to save memory in training by computing layers again for the gradient; default: false. */
  checkpoint?: boolean | undefined;
}

/** Options of {@link Transformer}. */
export interface TransformerOptions extends TransformerStackOptions {
  /** Features of the inputs and the output; default: 512. */
  dims?: number | undefined;
  /** The number of attention heads; default: 8. */
  numHeads?: number | undefined;
  /** Layers of the encoder; default: 6. */
  numEncoderLayers?: number | undefined;
  /** Layers of the decoder; default: 6. */
  numDecoderLayers?: number | undefined;
  /** A module to use as the encoder; default: a TransformerEncoder. */
  customEncoder?: Encoder | null | undefined;
  /** A module to use as the decoder; default: a TransformerDecoder. */
  customDecoder?: Decoder | null | undefined;
}

type MaskLike = mx.ArrayLike | 'causal' | null;

/** Options of a call of an encoder. */
export interface EncoderMask {
  /** What positions of the input may see; default: everything. */
  mask?: MaskLike | undefined;
}

/** Options of a call of a decoder. */
export interface DecoderMasks {
  /** What positions of the input may see of it; default: everything. */
  xMask?: MaskLike | undefined;
  /** What they may see of the memory; default: everything. */
  memoryMask?: MaskLike | undefined;
}

/** Options of a call of a {@link Transformer}. */
export interface TransformerMasks {
  /** What positions of the source may see of it; default: everything. */
  srcMask?: MaskLike | undefined;
  /** What positions of the target may see of it; default: everything. */
  tgtMask?: MaskLike | undefined;
  /** What positions of the target may see of the encoder's output; default: everything. */
  memoryMask?: MaskLike | undefined;
}

const network = {
  mlpDims: maybeSize,
  dropout: optional(dropProbability, 0),
  activation: optional(activation, relu),
};
const normFirst = optional(boolean, true);
const recompute = optional(boolean, false);
const layer = { dims: positiveInteger, numHeads: positiveInteger, ...network, normFirst };
const layerCount = bounded(
  nonNegativeInteger,
  'a non-negative integer up to 4096',
  (count) => count <= 4096,
);
const stack = { numLayers: layerCount, ...layer, checkpoint: recompute };
const readEncoderLayer = reader('TransformerEncoderLayer', layer);
const readEncoder = reader('TransformerEncoder', stack);
const readDecoderLayer = reader('TransformerDecoderLayer', layer);
const readDecoder = reader('TransformerDecoder', stack);
const readTransformer = reader('Transformer', {
  dims: optional(positiveInteger, 512),
  numHeads: optional(positiveInteger, 8),
  numEncoderLayers: optional(layerCount, 6),
  numDecoderLayers: optional(layerCount, 6),
  ...network,
  customEncoder: optional(nullable(callback<Encoder>()), null),
  customDecoder: optional(nullable(callback<Decoder>()), null),
  normFirst,
  checkpoint: recompute,
});

/**
 * One layer of a transformer's encoder (Vaswani et al. 2017, arXiv:1706.03762): attention and a
 * two-layer network, each with a residual connection.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { TransformerEncoderLayer } from '@mlx/nn';
 *
 * const layer = new TransformerEncoderLayer(16, 4);
 * layer(mx.zeros([2, 10, 16])).shape; // => [2, 10, 16]
 * ```
 */
export class TransformerEncoderLayer extends Module {
  static {
    takesInputs(this, { x: array, mask });
  }

  attention: MultiHeadAttention;
  ln1: LayerNorm;
  ln2: LayerNorm;
  linear1: Linear;
  linear2: Linear;
  dropout1: Dropout;
  dropout2: Dropout;
  readonly #activation: Activation;
  readonly #normFirst: boolean;

  /**
   * @param dims - features of the input and the output.
   * @param numHeads - the number of attention heads.
   * @param mlpDims - features between the network's layers; default 4 dims.
   * @param dropout - the probability of dropping an activation; default 0.
   * @param activation - default: relu.
   * @param normFirst - whether to normalise before, or after the residual connection; default
   *   true.
   */
  constructor(
    dims: number,
    numHeads: number,
    mlpDims?: number | null,
    dropout?: number,
    activation?: Activation,
    normFirst?: boolean,
  );
  constructor(dims: number, numHeads: number, options: TransformerLayerOptions);
  constructor(
    dims: number,
    numHeads: number,
    mlpDims: number | null,
    options: TransformerLayerOptions,
  );
  constructor(...values: unknown[]) {
    super();
    const { dims, numHeads, mlpDims, dropout, activation, normFirst } = readEncoderLayer(values);
    const hidden = mlpDims ?? 4 * dims;
    this.attention = within(
      'TransformerEncoderLayer',
      () => new MultiHeadAttention(dims, numHeads),
    );
    this.ln1 = new LayerNorm(dims);
    this.ln2 = new LayerNorm(dims);
    this.linear1 = within('TransformerEncoderLayer', () => new Linear(dims, hidden));
    this.linear2 = within('TransformerEncoderLayer', () => new Linear(hidden, dims));
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.#activation = activation;
    this.#normFirst = normFirst;
  }

  #network(x: mx.array): mx.array {
    return this.linear2(this.dropout2(this.#activation(this.linear1(x))));
  }

  /**
   * @param x - shape [batch, length, dims]; the result has the same.
   * @param mask - what attention adds, or booleans of what takes part; default: none.
   */
  forward(x: mx.ArrayLike, mask?: MaskLike | EncoderMask): mx.array;
  forward(x: mx.array, mask: Mask): mx.array {
    const attend = (y: mx.array) => this.dropout1(this.attention(y, y, y, mask));
    if (this.#normFirst) {
      const y = mx.add(x, attend(this.ln1(x)));
      return mx.add(y, this.#network(this.ln2(y)));
    }
    const y = this.ln1(mx.add(x, attend(x)));
    return this.ln2(mx.add(y, this.#network(y)));
  }
}

/**
 * A stack of {@link TransformerEncoderLayer}, normalised in the end.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { TransformerEncoder } from '@mlx/nn';
 *
 * const encoder = new TransformerEncoder(2, 16, 4);
 * encoder(mx.zeros([2, 10, 16])).shape; // => [2, 10, 16]
 * ```
 */
export class TransformerEncoder extends Module {
  static {
    takesInputs(this, { x: array, mask });
  }

  layers: TransformerEncoderLayer[];
  ln: LayerNorm;
  readonly #checkpoint: boolean;

  /**
   * @param numLayers - the number of layers.
   * @param dims - features of the input and the output.
   * @param numHeads - the number of attention heads.
   * @param mlpDims - features inside each layer's network; default 4 dims.
   * @param dropout - the probability of dropping an activation; default 0.
   * @param activation - default: relu.
   * @param normFirst - whether layers normalise first; default true.
   * @param checkpoint - whether to save memory in training by computing layers again for the
   *   gradient; default false.
   */
  constructor(
    numLayers: number,
    dims: number,
    numHeads: number,
    mlpDims?: number | null,
    dropout?: number,
    activation?: Activation,
    normFirst?: boolean,
    checkpoint?: boolean,
  );
  constructor(numLayers: number, dims: number, numHeads: number, options: TransformerStackOptions);
  constructor(
    numLayers: number,
    dims: number,
    numHeads: number,
    mlpDims: number | null,
    options: TransformerStackOptions,
  );
  constructor(...values: unknown[]) {
    super();
    const { numLayers, dims, numHeads, checkpoint, ...options } = readEncoder(values);
    this.layers = Array.from({ length: numLayers }, () =>
      within('TransformerEncoder', () => new TransformerEncoderLayer(dims, numHeads, options)),
    );
    this.ln = new LayerNorm(dims);
    this.#checkpoint = checkpoint;
  }

  /**
   * @param x - shape [batch, length, dims]; the result has the same.
   * @param mask - what attention adds, or booleans of what takes part; default: none.
   */
  forward(x: mx.ArrayLike, mask?: MaskLike | EncoderMask): mx.array;
  forward(x: mx.array, mask: Mask): mx.array {
    for (const layer of this.layers) x = (this.#checkpoint ? checkpoint(layer) : layer)(x, mask);
    return this.ln(x);
  }
}

/**
 * One layer of a transformer's decoder: attention to itself, attention to the encoder's output,
 * and a two-layer network.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { TransformerDecoderLayer } from '@mlx/nn';
 *
 * const layer = new TransformerDecoderLayer(16, 4);
 * layer(mx.zeros([2, 5, 16]), mx.zeros([2, 10, 16])).shape; // => [2, 5, 16]
 * ```
 */
export class TransformerDecoderLayer extends Module {
  static {
    takesInputs(this, { x: array, memory: array, xMask: mask, memoryMask: mask });
  }

  selfAttention: MultiHeadAttention;
  crossAttention: MultiHeadAttention;
  ln1: LayerNorm;
  ln2: LayerNorm;
  ln3: LayerNorm;
  linear1: Linear;
  linear2: Linear;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;
  readonly #activation: Activation;
  readonly #normFirst: boolean;

  /**
   * Takes what {@link TransformerEncoderLayer} takes.
   *
   * @param dims - features of the input and result.
   * @param numHeads - heads of attention; dims is a multiple of it.
   * @param mlpDims - features inside the two-layer network; default: 4 dims.
   * @param dropout - the probability of dropping an activation; default: 0.
   * @param activation - between the network's layers; default: relu.
   * @param normFirst - whether to normalise before, or after the residual connection; default:
   *   true.
   */
  constructor(
    dims: number,
    numHeads: number,
    mlpDims?: number | null,
    dropout?: number,
    activation?: Activation,
    normFirst?: boolean,
  );
  constructor(dims: number, numHeads: number, options: TransformerLayerOptions);
  constructor(
    dims: number,
    numHeads: number,
    mlpDims: number | null,
    options: TransformerLayerOptions,
  );
  constructor(...values: unknown[]) {
    super();
    const { dims, numHeads, mlpDims, dropout, activation, normFirst } = readDecoderLayer(values);
    const hidden = mlpDims ?? 4 * dims;
    this.selfAttention = within(
      'TransformerDecoderLayer',
      () => new MultiHeadAttention(dims, numHeads),
    );
    this.crossAttention = within(
      'TransformerDecoderLayer',
      () => new MultiHeadAttention(dims, numHeads),
    );
    this.ln1 = new LayerNorm(dims);
    this.ln2 = new LayerNorm(dims);
    this.ln3 = new LayerNorm(dims);
    this.linear1 = within('TransformerDecoderLayer', () => new Linear(dims, hidden));
    this.linear2 = within('TransformerDecoderLayer', () => new Linear(hidden, dims));
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.#activation = activation;
    this.#normFirst = normFirst;
  }

  #network(x: mx.array): mx.array {
    return this.linear2(this.dropout3(this.#activation(this.linear1(x))));
  }

  /**
   * @param x - shape [batch, length, dims]; the result has the same.
   * @param memory - the encoder's result, shape [batch, memory length, dims].
   * @param xMask - of the attention within x: what is added, or booleans of what takes part;
   *   default: none.
   * @param memoryMask - of the attention to memory; default: none.
   */
  forward(
    x: mx.ArrayLike,
    memory: mx.ArrayLike,
    xMask?: MaskLike | DecoderMasks,
    memoryMask?: MaskLike | DecoderMasks,
  ): mx.array;
  forward(x: mx.array, memory: mx.array, xMask: Mask, memoryMask: Mask): mx.array {
    const look = (y: mx.array) => this.dropout1(this.selfAttention(y, y, y, xMask));
    const recall = (y: mx.array) =>
      this.dropout2(this.crossAttention(y, memory, memory, memoryMask));
    if (this.#normFirst) {
      let y = mx.add(x, look(this.ln1(x)));
      y = mx.add(y, recall(this.ln2(y)));
      return mx.add(y, this.#network(this.ln3(y)));
    }
    let y = this.ln1(mx.add(x, look(x)));
    y = this.ln2(mx.add(y, recall(y)));
    return this.ln3(mx.add(y, this.#network(y)));
  }
}

/**
 * A stack of {@link TransformerDecoderLayer}, normalised in the end.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { TransformerDecoder } from '@mlx/nn';
 *
 * const decoder = new TransformerDecoder(2, 16, 4);
 * decoder(mx.zeros([2, 5, 16]), mx.zeros([2, 10, 16])).shape; // => [2, 5, 16]
 * ```
 */
export class TransformerDecoder extends Module {
  static {
    takesInputs(this, { x: array, memory: array, xMask: mask, memoryMask: mask });
  }

  layers: TransformerDecoderLayer[];
  ln: LayerNorm;
  readonly #checkpoint: boolean;

  /**
   * Takes what {@link TransformerEncoder} takes.
   *
   * @param numLayers - how many layers.
   * @param dims - features of the input and result.
   * @param numHeads - heads of attention; dims is a multiple of it.
   * @param mlpDims - features inside the two-layer network; default: 4 dims.
   * @param dropout - the probability of dropping an activation; default: 0.
   * @param activation - between the network's layers; default: relu.
   * @param normFirst - whether to normalise before, or after the residual connection; default:
   *   true.
   * @param checkpoint - whether to compute layers again for the gradient, which saves memory;
   *   default: false.
   */
  constructor(
    numLayers: number,
    dims: number,
    numHeads: number,
    mlpDims?: number | null,
    dropout?: number,
    activation?: Activation,
    normFirst?: boolean,
    checkpoint?: boolean,
  );
  constructor(numLayers: number, dims: number, numHeads: number, options: TransformerStackOptions);
  constructor(
    numLayers: number,
    dims: number,
    numHeads: number,
    mlpDims: number | null,
    options: TransformerStackOptions,
  );
  constructor(...values: unknown[]) {
    super();
    const { numLayers, dims, numHeads, checkpoint, ...options } = readDecoder(values);
    this.layers = Array.from({ length: numLayers }, () =>
      within('TransformerDecoder', () => new TransformerDecoderLayer(dims, numHeads, options)),
    );
    this.ln = new LayerNorm(dims);
    this.#checkpoint = checkpoint;
  }

  /**
   * @param x - shape [batch, length, dims]; the result has the same.
   * @param memory - the encoder's result, shape [batch, memory length, dims].
   * @param xMask - of the attention within x: what is added, or booleans of what takes part;
   *   default: none.
   * @param memoryMask - of the attention to memory; default: none.
   */
  forward(
    x: mx.ArrayLike,
    memory: mx.ArrayLike,
    xMask?: MaskLike | DecoderMasks,
    memoryMask?: MaskLike | DecoderMasks,
  ): mx.array;
  forward(x: mx.array, memory: mx.array, xMask: Mask, memoryMask: Mask): mx.array {
    for (const layer of this.layers)
      x = (this.#checkpoint ? checkpoint(layer) : layer)(x, memory, xMask, memoryMask);
    return this.ln(x);
  }
}

/** What may stand in for a {@link Transformer}'s encoder. */
export type Encoder = Module & ((src: mx.array, srcMask: Mask) => mx.array);
/** What may stand in for a {@link Transformer}'s decoder. */
export type Decoder = Module &
  ((tgt: mx.array, memory: mx.array, tgtMask: Mask, memoryMask: Mask) => mx.array);

/**
 * A transformer with encoder and decoder (Vaswani et al. 2017, arXiv:1706.03762).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Transformer } from '@mlx/nn';
 *
 * const model = new Transformer(16, 4, 1, 1);
 * model(mx.zeros([2, 10, 16]), mx.zeros([2, 5, 16])).shape; // => [2, 5, 16]
 * ```
 */
export class Transformer extends Module {
  static {
    takesInputs(this, { src: array, tgt: array, srcMask: mask, tgtMask: mask, memoryMask: mask });
  }

  encoder: Encoder;
  decoder: Decoder;

  /**
   * @param dims - features of the inputs and the output; default 512.
   * @param numHeads - the number of attention heads; default 8.
   * @param numEncoderLayers - default 6.
   * @param numDecoderLayers - default 6.
   * @param mlpDims - features inside each layer's network; default 4 dims.
   * @param dropout - the probability of dropping an activation; default 0.
   * @param activation - default: relu.
   * @param customEncoder - a module to use as the encoder; default: a TransformerEncoder.
   * @param customDecoder - a module to use as the decoder; default: a TransformerDecoder.
   * @param normFirst - whether layers normalise first; default true.
   * @param checkpoint - whether to save memory in training; default false.
   */
  constructor(
    dims?: number,
    numHeads?: number,
    numEncoderLayers?: number,
    numDecoderLayers?: number,
    mlpDims?: number | null,
    dropout?: number,
    activation?: Activation,
    customEncoder?: Encoder | null,
    customDecoder?: Decoder | null,
    normFirst?: boolean,
    checkpoint?: boolean,
  );
  constructor(options: TransformerOptions);
  constructor(dims: number, options: TransformerOptions);
  constructor(...values: unknown[]) {
    super();
    const {
      dims,
      numHeads,
      numEncoderLayers,
      numDecoderLayers,
      customEncoder,
      customDecoder,
      ...options
    } = readTransformer(values);
    this.encoder =
      customEncoder ??
      within(
        'Transformer',
        () => new TransformerEncoder(numEncoderLayers, dims, numHeads, options),
      );
    this.decoder =
      customDecoder ??
      within(
        'Transformer',
        () => new TransformerDecoder(numDecoderLayers, dims, numHeads, options),
      );
  }

  /**
   * @param src - shape [batch, source length, dims].
   * @param tgt - shape [batch, target length, dims]; the result has the same.
   * @param srcMask - of the attention within src: what is added, or booleans of what takes part;
   *   default: none.
   * @param tgtMask - of the attention within tgt; default: none.
   * @param memoryMask - of the attention to the encoder's result; default: none.
   */
  forward(
    src: mx.ArrayLike,
    tgt: mx.ArrayLike,
    srcMask?: MaskLike | TransformerMasks,
    tgtMask?: MaskLike | TransformerMasks,
    memoryMask?: MaskLike | TransformerMasks,
  ): mx.array;
  forward(src: mx.array, tgt: mx.array, srcMask: Mask, tgtMask: Mask, memoryMask: Mask): mx.array {
    const memory = this.encoder(src, srcMask);
    return this.decoder(tgt, memory, tgtMask, memoryMask);
  }
}
