import * as mx from '@mlx/core';
import {
  array,
  boolean,
  bounded,
  dtype,
  integer,
  nonNegativeInteger,
  nullable,
  number,
  optional,
  positiveInteger,
  reader,
  type Kind,
} from '@mlx/core/calls';
import { takesInputs } from './inputs';
import { maybeArray } from './kinds';
import { Module } from './module';

/** Options of {@link RoPE}. */
export interface RoPEOptions {
  /** Whether a pair is two neighbours, or one of each half; default: false. */
  traditional?: boolean | undefined;
  /** The base of the angles' frequencies; default: 10000. */
  base?: number | undefined;
  /** Multiplies positions; default: 1. */
  scale?: number | undefined;
}

const readRoPE = reader('RoPE', {
  dims: positiveInteger,
  traditional: optional(boolean, false),
  base: optional(number, 10000),
  scale: optional(number, 1),
});

/** A position, which is not made an array if it is a number. */
const position: Kind<number | mx.array> = {
  text: 'an integer or an array of integers',
  fits: (value) => Number.isInteger(value) || (typeof value === 'object' && array.fits(value)),
  read: (value, name, parameter) =>
    typeof value === 'number' ? value : array.read!(value, name, parameter),
};

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
  static {
    takesInputs(this, { x: array, offset: optional(position, 0) });
  }

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
  constructor(dims: number, traditional?: boolean, base?: number, scale?: number);
  constructor(dims: number, options: RoPEOptions);
  constructor(dims: number, traditional: boolean, options: RoPEOptions);
  constructor(...values: unknown[]) {
    super();
    const { dims, traditional, base, scale } = readRoPE(values);
    this.#dims = dims;
    this.#traditional = traditional;
    this.#base = base;
    this.#scale = scale;
  }

  /**
   * @param offset - the first position; default 0.
   * @param x - shape [..., positions, features]; the result has the same.
   */
  forward(x: mx.ArrayLike, offset?: mx.ArrayLike | { offset?: mx.ArrayLike }): mx.array;
  forward(x: mx.array, offset: number | mx.array): mx.array {
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

/** Options of {@link SinusoidalPositionalEncoding}. */
export interface SinusoidalOptions {
  /** The lowest frequency; default: 0.0001. */
  minFreq?: number | undefined;
  /** The highest frequency; default: 1. */
  maxFreq?: number | undefined;
  /** Multiplies the encoding; default: √(2 / dims). */
  scale?: number | null | undefined;
  /** Whether cosines stand before sines; default: false. */
  cosFirst?: boolean | undefined;
  /** Whether frequencies count turns instead of radians; default: false. */
  fullTurns?: boolean | undefined;
}

const readSinusoidal = reader('SinusoidalPositionalEncoding', {
  // One frequency after another is computed.
  dims: bounded(
    positiveInteger,
    'a positive even integer up to 1048576',
    (dims) => dims % 2 === 0 && dims <= 2 ** 20,
  ),
  minFreq: optional(number, 0.0001),
  maxFreq: optional(number, 1),
  scale: optional(nullable(number), null),
  cosFirst: optional(boolean, false),
  fullTurns: optional(boolean, false),
});

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
  static {
    takesInputs(this, { x: array });
  }

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
    minFreq?: number,
    maxFreq?: number,
    scale?: number | null,
    cosFirst?: boolean,
    fullTurns?: boolean,
  );
  constructor(dims: number, options: SinusoidalOptions);
  constructor(dims: number, minFreq: number, options: SinusoidalOptions);
  constructor(...values: unknown[]) {
    super();
    const { dims, minFreq, maxFreq, scale, cosFirst, fullTurns } = readSinusoidal(values);
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
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    const angles = mx.multiply(mx.expandDims(x, -1), this.#frequencies);
    const [cosine, sine] = [mx.cos(angles), mx.sin(angles)];
    const both = mx.concatenate(this.#cosFirst ? [cosine, sine] : [sine, cosine], -1);
    return this.scale === 1 ? both : mx.multiply(both, this.scale);
  }
}

/** Options of a call of {@link ALiBi}. */
export interface ALiBiOptions {
  /** The first query's position; default: 0. */
  offset?: number | undefined;
  /** Added too; default: none. */
  mask?: mx.ArrayLike | null | undefined;
}

const heads = bounded(
  positiveInteger,
  'a positive integer up to 65536',
  (count) => count <= 2 ** 16,
);
const readAlibi = reader('ALiBi', {});
const readAlibiMatrix = reader('ALiBi.createAlibiMatrix', {
  qSequenceLength: nonNegativeInteger,
  kSequenceLength: nonNegativeInteger,
  numHeads: heads,
  offset: integer,
  dtype: optional(dtype, mx.float32),
});
const readAlibiSlope = reader('ALiBi.createAlibiSlope', {
  numHeads: heads,
  dtype: optional(dtype, mx.float32),
});

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
  static {
    takesInputs(this, {
      attentionScores: array,
      offset: optional(integer, 0),
      mask: maybeArray,
    });
  }

  constructor();
  constructor(...values: unknown[]) {
    super();
    readAlibi(values);
  }

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
    dtype?: mx.Dtype,
  ): mx.array;
  static createAlibiMatrix(...values: unknown[]): mx.array {
    const { qSequenceLength, kSequenceLength, numHeads, offset, dtype } = readAlibiMatrix(values);
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
  static createAlibiSlope(numHeads: number, dtype?: mx.Dtype): mx.array;
  static createAlibiSlope(...values: unknown[]): mx.array {
    const { numHeads, dtype } = readAlibiSlope(values);
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
  forward(
    attentionScores: mx.ArrayLike,
    offset?: number | ALiBiOptions,
    mask?: mx.ArrayLike | null | ALiBiOptions,
  ): mx.array;
  forward(attentionScores: mx.array, offset: number, mask: mx.array | null): mx.array {
    const [heads, queries, keys] = attentionScores.shape.slice(-3) as [number, number, number];
    const { dtype } = attentionScores;
    const bias = ALiBi.createAlibiMatrix(queries + offset, keys, heads, offset, dtype);
    return mx.add(attentionScores, mask ? mx.add(bias, mask) : bias);
  }
}
