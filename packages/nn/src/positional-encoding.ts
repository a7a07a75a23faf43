import * as mx from '@mlx/core';
import { Module } from './module';

/**
 * Rotary positional encoding (Su et al. 2021, arXiv:2104.09864): rotates pairs of features by
 * angles that grow with the position, which is axis -2.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { RoPE } from '@mlx/nn';
 *
 * new RoPE(8)(mx.ones([1, 4, 10, 8])).shape; // => [1, 4, 10, 8]
 * ```
 */
export class RoPE extends Module {
  readonly #dims: number;
  readonly #traditional: boolean;
  readonly #base: number;
  readonly #scale: number;

  /**
   * @param dims - how many features are rotated; the others pass through.
   * @param traditional - whether a pair is two neighbours, or one of each half; default false.
   * @param base - the base of the angles' frequencies; default 10000.
   * @param scale - multiplies positions; default 1.
   */
  constructor(dims: number, traditional = false, base = 10000, scale = 1) {
    super();
    this.#dims = dims;
    this.#traditional = traditional;
    this.#base = base;
    this.#scale = scale;
  }

  /** @param offset - the first position; default 0. */
  forward(x: mx.array, offset: number | mx.array = 0): mx.array {
    return mx.fast.rope(x, this.#dims, {
      traditional: this.#traditional,
      base: this.#base,
      scale: this.#scale,
      offset,
    });
  }

  protected override extraRepr(): string {
    return `${this.#dims}, traditional=${this.#traditional}`;
  }
}

/**
 * Sines and cosines of positions (Vaswani et al. 2017, arXiv:1706.03762), along a new last axis.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { SinusoidalPositionalEncoding } from '@mlx/nn';
 *
 * new SinusoidalPositionalEncoding(16)(mx.arange(10)).shape; // => [10, 16]
 * ```
 */
export class SinusoidalPositionalEncoding extends Module {
  readonly #frequencies: mx.array;
  /** Multiplies the encoding. */
  scale: number;
  readonly #cosFirst: boolean;

  /**
   * @param dims - features of the encoding, an even number.
   * @param minFreq - the lowest frequency; default 0.0001.
   * @param maxFreq - the highest frequency; default 1.
   * @param scale - multiplies the encoding; default √(2 / dims).
   * @param cosFirst - whether cosines stand before sines; default false.
   * @param fullTurns - whether frequencies count turns instead of radians; default false.
   * @throws RangeError if dims is odd.
   */
  constructor(
    dims: number,
    minFreq = 0.0001,
    maxFreq = 1,
    scale: number | null = null,
    cosFirst = false,
    fullTurns = false,
  ) {
    super();
    if (dims % 2 !== 0)
      throw new RangeError(`[SinusoidalPositionalEncoding] dims must be even, received ${dims}`);
    const half = dims / 2;
    const [low, high] = [Math.log(minFreq), Math.log(maxFreq)];
    const frequencies = Array.from({ length: half }, (_, i) => {
      const share = half > 1 ? 1 - i / (half - 1) : 1;
      return Math.exp(low + share * (high - low)) * (fullTurns ? 2 * Math.PI : 1);
    });
    this.#frequencies = mx.array(frequencies);
    this.scale = scale ?? Math.sqrt(2 / dims);
    this.#cosFirst = cosFirst;
  }

  /** @param x - positions. */
  forward(x: mx.array): mx.array {
    const angles = mx.multiply(mx.expandDims(x, -1), this.#frequencies);
    const [cosine, sine] = [mx.cos(angles), mx.sin(angles)];
    const both = mx.concatenate(this.#cosFirst ? [cosine, sine] : [sine, cosine], -1);
    return this.scale === 1 ? both : mx.multiply(both, this.scale);
  }
}

/**
 * Attention with linear biases (Press, Smith and Lewis 2022, arXiv:2108.12409): lowers attention
 * scores with the distance of query and key, at another rate for each head.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { ALiBi } from '@mlx/nn';
 *
 * new ALiBi()(mx.zeros([1, 1, 2, 2])).tolist()[0]; // => [[[0, -0.00390625], [-0.00390625, 0]]]
 * ```
 */
export class ALiBi extends Module {
  /**
   * The biases, shape `[1, numHeads, qSequenceLength - offset, kSequenceLength]`.
   *
   * @param qSequenceLength - the position after the last query.
   * @param kSequenceLength - the number of keys.
   * @param numHeads - the number of heads.
   * @param offset - the first query's position.
   * @param dtype - default float32.
   */
  static createAlibiMatrix(
    qSequenceLength: number,
    kSequenceLength: number,
    numHeads: number,
    offset: number,
    dtype: mx.Dtype = mx.float32,
  ): mx.array {
    const queries = mx.arange(offset, qSequenceLength, 1, mx.float32);
    const keys = mx.arange(0, kSequenceLength, 1, mx.float32);
    const apart = mx.subtract(mx.expandDims(queries, 1), mx.expandDims(keys, 0));
    const distance = mx.negative(mx.abs(mx.expandDims(apart, [0, 1])));
    return mx.astype(mx.multiply(distance, ALiBi.createAlibiSlope(numHeads)), dtype);
  }

  /**
   * The rate of each head, shape `[numHeads, 1, 1]`: 2^(-8 i / numHeads) for i from 1. Heads beyond
   * a power of two have every other rate of twice as many heads, as the paper's authors do it.
   */
  static createAlibiSlope(numHeads: number, dtype: mx.Dtype = mx.float32): mx.array {
    const power = 2 ** Math.floor(Math.log2(numHeads));
    const slopes = Array.from({ length: numHeads }, (_, i) =>
      i < power ? 2 ** ((-8 * (i + 1)) / power) : 2 ** ((-4 * (2 * (i - power) + 1)) / power),
    );
    return mx.reshape(mx.array(slopes, dtype), [numHeads, 1, 1]);
  }

  /**
   * @param attentionScores - shape `[batch, heads, queries, keys]`.
   * @param offset - the first query's position; default 0.
   * @param mask - added too; default: none.
   */
  forward(attentionScores: mx.array, offset = 0, mask: mx.array | null = null): mx.array {
    const [heads, queries, keys] = attentionScores.shape.slice(-3) as [number, number, number];
    const { dtype } = attentionScores;
    const bias = ALiBi.createAlibiMatrix(queries + offset, keys, heads, offset, dtype);
    return mx.add(attentionScores, mask ? mx.add(bias, mask) : bias);
  }
}
