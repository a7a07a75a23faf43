import * as mx from '@mlx/core';
import { relu } from './activations';
import { MultiHeadAttention } from './attention';
import { checkpoint } from './checkpoint';
import { Dropout } from './dropout';
import { Linear } from './linear';
import { Module } from './module';
import { LayerNorm } from './normalization';

type Activation = (x: mx.array) => mx.array;
type Mask = mx.array | 'causal' | null;

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
    mlpDims: number | null = null,
    dropout = 0,
    activation: Activation = relu,
    normFirst = true,
  ) {
    super();
    const hidden = mlpDims ?? 4 * dims;
    this.attention = new MultiHeadAttention(dims, numHeads);
    this.ln1 = new LayerNorm(dims);
    this.ln2 = new LayerNorm(dims);
    this.linear1 = new Linear(dims, hidden);
    this.linear2 = new Linear(hidden, dims);
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.#activation = activation;
    this.#normFirst = normFirst;
  }

  #network(x: mx.array): mx.array {
    return this.linear2(this.dropout2(this.#activation(this.linear1(x))));
  }

  forward(x: mx.array, mask: Mask = null): mx.array {
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
    mlpDims: number | null = null,
    dropout = 0,
    activation: Activation = relu,
    normFirst = true,
    checkpoint = false,
  ) {
    super();
    this.layers = Array.from(
      { length: numLayers },
      () => new TransformerEncoderLayer(dims, numHeads, mlpDims, dropout, activation, normFirst),
    );
    this.ln = new LayerNorm(dims);
    this.#checkpoint = checkpoint;
  }

  forward(x: mx.array, mask: Mask = null): mx.array {
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

  /** Takes what {@link TransformerEncoderLayer} takes. */
  constructor(
    dims: number,
    numHeads: number,
    mlpDims: number | null = null,
    dropout = 0,
    activation: Activation = relu,
    normFirst = true,
  ) {
    super();
    const hidden = mlpDims ?? 4 * dims;
    this.selfAttention = new MultiHeadAttention(dims, numHeads);
    this.crossAttention = new MultiHeadAttention(dims, numHeads);
    this.ln1 = new LayerNorm(dims);
    this.ln2 = new LayerNorm(dims);
    this.ln3 = new LayerNorm(dims);
    this.linear1 = new Linear(dims, hidden);
    this.linear2 = new Linear(hidden, dims);
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.#activation = activation;
    this.#normFirst = normFirst;
  }

  #network(x: mx.array): mx.array {
    return this.linear2(this.dropout3(this.#activation(this.linear1(x))));
  }

  forward(x: mx.array, memory: mx.array, xMask: Mask = null, memoryMask: Mask = null): mx.array {
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
  layers: TransformerDecoderLayer[];
  ln: LayerNorm;
  readonly #checkpoint: boolean;

  /** Takes what {@link TransformerEncoder} takes. */
  constructor(
    numLayers: number,
    dims: number,
    numHeads: number,
    mlpDims: number | null = null,
    dropout = 0,
    activation: Activation = relu,
    normFirst = true,
    checkpoint = false,
  ) {
    super();
    this.layers = Array.from(
      { length: numLayers },
      () => new TransformerDecoderLayer(dims, numHeads, mlpDims, dropout, activation, normFirst),
    );
    this.ln = new LayerNorm(dims);
    this.#checkpoint = checkpoint;
  }

  forward(x: mx.array, memory: mx.array, xMask: Mask = null, memoryMask: Mask = null): mx.array {
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
    dims = 512,
    numHeads = 8,
    numEncoderLayers = 6,
    numDecoderLayers = 6,
    mlpDims: number | null = null,
    dropout = 0,
    activation: Activation = relu,
    customEncoder: Encoder | null = null,
    customDecoder: Decoder | null = null,
    normFirst = true,
    checkpoint = false,
  ) {
    super();
    const settings = [dims, numHeads, mlpDims, dropout, activation, normFirst, checkpoint] as const;
    this.encoder = customEncoder ?? new TransformerEncoder(numEncoderLayers, ...settings);
    this.decoder = customDecoder ?? new TransformerDecoder(numDecoderLayers, ...settings);
  }

  forward(
    src: mx.array,
    tgt: mx.array,
    srcMask: Mask = null,
    tgtMask: Mask = null,
    memoryMask: Mask = null,
  ): mx.array {
    const memory = this.encoder(src, srcMask);
    return this.decoder(tgt, memory, tgtMask, memoryMask);
  }
}
