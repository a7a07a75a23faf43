import * as mx from '@mlx/core';
import {
  array,
  boolean,
  dtype,
  nonNegativeInteger,
  optional,
  positiveInteger,
  reader,
  within,
} from '@mlx/core/calls';
import { takesInputs } from './inputs';
import { mask, maybeSize, type Mask } from './kinds';
import { Linear } from './linear';
import { Module } from './module';

/** Options of {@link MultiHeadAttention}. */
export interface MultiHeadAttentionOptions {
  /** Features of the queries; default: dims. */
  queryInputDims?: number | null | undefined;
  /** Features of the keys; default: dims. */
  keyInputDims?: number | null | undefined;
  /** Features of the values; default: keyInputDims. */
  valueInputDims?: number | null | undefined;
  /** Features of the projected values; default: dims. */
  valueDims?: number | null | undefined;
  /** Features of the output; default: dims. */
  valueOutputDims?: number | null | undefined;
  /** Whether the projections have biases; default: false. */
  bias?: boolean | undefined;
}

/** Options of a call of {@link MultiHeadAttention}. */
export interface AttentionMask {
  /** What queries may see, `'causal'`, or added to the scores; default: none. */
  mask?: mx.ArrayLike | 'causal' | null | undefined;
}

const readAttention = reader('MultiHeadAttention', {
  dims: positiveInteger,
  numHeads: positiveInteger,
  queryInputDims: maybeSize,
  keyInputDims: maybeSize,
  valueInputDims: maybeSize,
  valueDims: maybeSize,
  valueOutputDims: maybeSize,
  bias: optional(boolean, false),
});
const readCausalMask = reader('MultiHeadAttention.createAdditiveCausalMask', {
  n: nonNegativeInteger,
  dtype: optional(dtype, mx.float32),
});

/**
 * Multi-head scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { MultiHeadAttention } from '@mlx/nn';
 *
 * const attention = new MultiHeadAttention(16, 4);
 * const x = mx.zeros([2, 10, 16]);
 * attention(x, x, x).shape; // => [2, 10, 16]
 * ```
 */
export class MultiHeadAttention extends Module {
  static {
    takesInputs(this, { queries: array, keys: array, values: array, mask });
  }

  queryProj: Linear;
  keyProj: Linear;
  valueProj: Linear;
  outProj: Linear;
  readonly #numHeads: number;

  /**
   * @param dims - features of all heads together.
   * @param numHeads - the number of heads.
   * @param queryInputDims - features of the queries; default dims.
   * @param keyInputDims - features of the keys; default dims.
   * @param valueInputDims - features of the values; default keyInputDims.
   * @param valueDims - features of the projected values; default dims.
   * @param valueOutputDims - features of the output; default dims.
   * @param bias - whether the projections have biases; default false.
   * @throws RangeError if numHeads doesn't divide dims.
   */
  constructor(
    dims: number,
    numHeads: number,
    queryInputDims?: number | null,
    keyInputDims?: number | null,
    valueInputDims?: number | null,
    valueDims?: number | null,
    valueOutputDims?: number | null,
    bias?: boolean,
  );
  constructor(dims: number, numHeads: number, options: MultiHeadAttentionOptions);
  constructor(
    dims: number,
    numHeads: number,
    queryInputDims: number | null,
    options: MultiHeadAttentionOptions,
  );
  constructor(...given: unknown[]) {
    super();
    const {
      dims,
      numHeads,
      queryInputDims,
      keyInputDims,
      valueInputDims,
      valueDims,
      valueOutputDims,
      bias,
    } = readAttention(given);
    if (dims % numHeads !== 0)
      throw new RangeError(
        `[MultiHeadAttention] numHeads = ${numHeads} must divide dims = ${dims}`,
      );
    this.#numHeads = numHeads;
    const keyInputs = keyInputDims ?? dims;
    const values = valueDims ?? dims;
    const linear = (inputs: number, outputs: number) =>
      within('MultiHeadAttention', () => new Linear(inputs, outputs, bias));
    this.queryProj = linear(queryInputDims ?? dims, dims);
    this.keyProj = linear(keyInputs, dims);
    this.valueProj = linear(valueInputDims ?? keyInputs, values);
    this.outProj = linear(values, valueOutputDims ?? dims);
  }

  /**
   * A mask that keeps each position from seeing later ones, shape `[n, n]`: 0 where it may look,
   * the dtype's lowest value where not.
   */
  static createAdditiveCausalMask(n: number, dtype?: mx.Dtype): mx.array;
  static createAdditiveCausalMask(...given: unknown[]): mx.array {
    const { n, dtype } = readCausalMask(given);
    const indices = mx.arange(0, n, 1, mx.int32);
    const hidden = mx.less(mx.expandDims(indices, 1), mx.expandDims(indices, 0));
    return mx.where(hidden, mx.array(mx.finfo(dtype).min, dtype), mx.zeros([], dtype));
  }

  /** From [batch, time, features] to [batch, heads, time, features of a head]. */
  #splitHeads(x: mx.array): mx.array {
    return mx.transpose(mx.unflatten(x, -1, [this.#numHeads, -1]), [0, 2, 1, 3]);
  }

  /**
   * @param queries - shape `[batch, queries, queryInputDims]`.
   * @param keys - shape `[batch, keys, keyInputDims]`.
   * @param values - shape `[batch, keys, valueInputDims]`.
   * @param mask - boolean (true where a query may look), or added to the scores; its shape
   *   broadcasts to `[batch, heads, queries, keys]`; or `'causal'`; default: none.
   */
  forward(
    queries: mx.ArrayLike,
    keys: mx.ArrayLike,
    values: mx.ArrayLike,
    mask?: mx.ArrayLike | 'causal' | null | AttentionMask,
  ): mx.array;
  forward(queries: mx.array, keys: mx.array, values: mx.array, mask: Mask): mx.array {
    if ([queries, keys, values].some((one) => one.ndim !== 3))
      throw new mx.ShapeError(
        '[MultiHeadAttention] Expected queries, keys and values with 3 axes, ' +
          '[batch, length, features].',
      );
    const q = this.#splitHeads(this.queryProj(queries));
    const k = this.#splitHeads(this.keyProj(keys));
    const v = this.#splitHeads(this.valueProj(values));
    const scale = Math.sqrt(1 / q.shape.at(-1)!);
    const attended = mx.fast.scaledDotProductAttention(q, k, v, { scale, mask });
    return this.outProj(mx.flatten(mx.transpose(attended, [0, 2, 1, 3]), -2, -1));
  }
}
