import * as mx from '@mlx/core';
import {
  checkCount,
  indices,
  nonNegativeInteger,
  positiveInteger,
  reader,
  within,
} from '@mlx/core/calls';
import { normalWeights } from './initial';
import { takesInputs } from './inputs';
import { Module } from './module';
import { QuantizedEmbedding, layerQuantization, type LayerQuantization } from './quantized';

const readToQuantized = reader('Embedding.toQuantized', layerQuantization);
const readEmbedding = reader('Embedding', {
  numEmbeddings: nonNegativeInteger,
  dims: positiveInteger,
});

/**
 * A table of vectors that indices look up. Vectors begin normal with variance 1 / dims.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Embedding } from '@mlx/nn';
 *
 * const table = new Embedding(100, 16);
 * table(mx.array([[3, 7]], mx.int32)).shape; // => [1, 2, 16]
 * ```
 */
export class Embedding extends Module {
  static {
    takesInputs(this, { x: indices });
  }

  /** Shape `[numEmbeddings, dims]`. */
  weight: mx.array;

  /**
   * @param numEmbeddings - how many vectors.
   * @param dims - their size.
   */
  constructor(numEmbeddings: number, dims: number);
  constructor(...values: unknown[]) {
    super();
    const { numEmbeddings, dims } = readEmbedding(values);
    this.weight = normalWeights('Embedding', Math.sqrt(1 / dims), [numEmbeddings, dims]);
  }

  /**
   * The vectors at integer indices, along a new last axis.
   *
   * @param x - integers below numEmbeddings, of any shape; the result has a last axis of size
   *   dims.
   */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    return mx.take(this.weight, x, 0);
  }

  /**
   * Products with all vectors, `x @ weight.T`: the table as an output layer.
   *
   * @param x - shape [..., dims]; the result is [..., numEmbeddings].
   */
  asLinear(x: mx.array): mx.array {
    checkCount(arguments.length, 1, 'Embedding.asLinear');
    return within('Embedding.asLinear', () => mx.matmul(x, mx.transpose(this.weight)));
  }

  /**
   * The table, quantised; parameters as of {@link QuantizedEmbedding.fromEmbedding}.
   *
   * @param groupSize - weights that share a scale; default: the mode's.
   * @param bits - bits of a weight; default: the mode's.
   * @param mode - how weights are held; default: 'affine'.
   * @param quantizeInput - must be false: the input is indices; default: false.
   *
   * @throws TypeError for quantizeInput: indices can't be quantised.
   */
  toQuantized(
    groupSize?: number | null,
    bits?: number | null,
    mode?: mx.QuantizationMode,
    quantizeInput?: boolean,
  ): QuantizedEmbedding;
  toQuantized(options: LayerQuantization): QuantizedEmbedding;
  toQuantized(groupSize: number | null, options: LayerQuantization): QuantizedEmbedding;
  toQuantized(...values: unknown[]): QuantizedEmbedding {
    const { groupSize, bits, mode, quantizeInput } = readToQuantized(values);
    if (quantizeInput) throw new TypeError('[Embedding.toQuantized] Indices cannot be quantised');
    return within('Embedding.toQuantized', () =>
      QuantizedEmbedding.fromEmbedding(this, groupSize, bits, mode),
    );
  }

  protected override extraRepr(): string {
    return this.weight.shape.join(', ');
  }
}
