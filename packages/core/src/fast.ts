import { native } from './addon/native';
import { operandId, optionalId, toHeldArray, toOperand } from './arguments/operands';
import { parameters, required } from './arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from './arguments/types';
import { call, idOf, type MLXArray } from './array/array';
import { cudaKernel, metalKernel, precompiledCudaKernel } from './custom-kernels';
import { int32 } from './dtypes/dtype';

// Layers of transformers in one pass each. Half types are computed in float32 and rounded once.

/**
 * RMS normalization along the last axis: x / sqrt(mean(x²) + eps) * weight. The weight is a vector
 * of one element a column, or null for ones. The result has the dtype in which x and weight meet,
 * which must be float16, bfloat16, float32 or float64 (else a DtypeError); a weight of another
 * length is a ShapeError.
 *
 * @param x - the input; its last axis is normalised.
 * @param weight - what is multiplied, of the size of the last axis; null for none.
 * @param eps - what is added to the mean square before the root.
 *
 * @example
 * ```ts
 * const y = mx.fast.rmsNorm(mx.array([[3, 4]]), mx.array([1, 10]), 0);
 * console.log(y.multiply(Math.sqrt(12.5)).round(3).tolist()); // => [ [ 3, 40 ] ]
 * ```
 */
function rmsNorm(
  x: ArrayLike,
  weight: ArrayLike | null,
  eps: number,
  stream?: StreamArgument,
): MLXArray;
function rmsNorm(
  x: ArrayLike,
  options: StreamOptions & { weight?: ArrayLike | null; eps: number },
): MLXArray;
function rmsNorm(x: ArrayLike, ...rest: unknown[]): MLXArray {
  const { weight, eps, stream } = readRmsNorm(rest);
  const input = toHeldArray(x, 'fast.rmsNorm');
  const scale = optionalId(weight, 'fast.rmsNorm', input.dtype);
  return call(native.fastRmsNorm, stream, idOf(input), scale, required(eps, 'fast.rmsNorm', 'eps'));
}
const readRmsNorm = parameters('fast.rmsNorm', { weight: 'array', eps: 'number' });

/**
 * Layer normalization along the last axis: (x - mean) / sqrt(variance + eps) * weight + bias. Weight
 * and bias are vectors of one element a column, or null for ones and zeros. The result has the dtype
 * in which all meet, which must be float16, bfloat16, float32 or float64 (else a DtypeError); a
 * vector of another length is a ShapeError.
 *
 * @param x - the input; its last axis is normalised.
 * @param weight - what is multiplied, of the size of the last axis; null for none.
 * @param bias - what is added, of the size of the last axis; null for none.
 * @param eps - what is added to the variance before the root.
 *
 * @example
 * ```ts
 * const y = mx.fast.layerNorm(mx.array([[1, 3]]), null, mx.array([0, 5]), 0);
 * console.log(y.tolist()); // => [ [ -1, 6 ] ]
 * ```
 */
function layerNorm(
  x: ArrayLike,
  weight: ArrayLike | null,
  bias: ArrayLike | null,
  eps: number,
  stream?: StreamArgument,
): MLXArray;
function layerNorm(
  x: ArrayLike,
  options: StreamOptions & {
    weight?: ArrayLike | null;
    bias?: ArrayLike | null;
    eps: number;
  },
): MLXArray;
function layerNorm(x: ArrayLike, ...rest: unknown[]): MLXArray {
  const { weight, bias, eps, stream } = readLayerNorm(rest);
  const input = toHeldArray(x, 'fast.layerNorm');
  const scale = optionalId(weight, 'fast.layerNorm', input.dtype);
  const shift = optionalId(bias, 'fast.layerNorm', input.dtype);
  return call(
    native.fastLayerNorm,
    stream,
    idOf(input),
    scale,
    shift,
    required(eps, 'fast.layerNorm', 'eps'),
  );
}
const readLayerNorm = parameters('fast.layerNorm', {
  weight: 'array',
  bias: 'array',
  eps: 'number',
});

/** Options of rope. */
export interface RopeOptions extends StreamOptions {
  /** Whether neighbouring features are pairs; by default they lie dims / 2 apart. */
  traditional?: boolean;
  /** Frequency i is base^(2 i / dims). Exactly one of base and freqs is given. */
  base?: number | null;
  /** Factor of the positions, 1. */
  scale?: number;
  /** The position of the first vector, 0: one for all, or an array with one a row of axis 0. */
  offset?: ArrayLike;
  /** dims / 2 numbers that angles are divided by. */
  freqs?: ArrayLike | null;
}

/**
 * Rotary position embedding: turns pairs of the first `dims` features by angles that grow with the
 * position, (offset + t) * scale / frequency, where t counts along the second to last axis. Other
 * features pass through. x has at least three axes and a floating dtype, else a ShapeError or
 * DtypeError is thrown; dims is even.
 *
 * @param x - shape [..., positions, features], of at least 3 axes.
 * @param dims - the number of features that are rotated; further ones stay.
 * @param traditional - whether neighbours are rotated together, instead of halves.
 * @param base - the base of the angles; null if freqs is given.
 * @param scale - what positions are multiplied by.
 * @param offset - the first position: a number, or an array of one or one for each row of the
 *   batch.
 * @param freqs - the wavelengths of the pairs, which the angles are divided by, instead of base;
 *   default: none.
 *
 * @example
 * ```ts
 * const x = mx.array([[[1, 0], [1, 0]]]);
 * const y = mx.fast.rope(x, 2, { base: 10000, scale: Math.PI / 2, offset: 1 });
 * console.log(y.round(4).add(0).tolist()); // => [ [ [ 0, 1 ], [ -1, 0 ] ] ]
 * ```
 */
function rope(
  x: ArrayLike,
  dims: number,
  traditional?: boolean,
  base?: number | null,
  scale?: number,
  offset?: ArrayLike,
  freqs?: ArrayLike | null,
  stream?: StreamArgument,
): MLXArray;
function rope(x: ArrayLike, dims: number, options: RopeOptions): MLXArray;
function rope(x: ArrayLike, ...rest: unknown[]): MLXArray {
  const { dims, traditional, base, scale, offset, freqs, stream } = readRope(rest);
  const input = toHeldArray(x, 'fast.rope');
  const frequencies = optionalId(freqs, 'fast.rope', input.dtype);
  const begin = toOperand(offset ?? 0, int32, 'fast.rope');
  return call(
    native.fastRope,
    stream,
    idOf(input),
    required(dims, 'fast.rope', 'dims'),
    traditional ?? false,
    base ?? undefined,
    scale ?? 1,
    operandId(begin),
    frequencies,
  );
}
const readRope = parameters('fast.rope', {
  dims: 'integer',
  traditional: 'boolean',
  base: 'number',
  scale: 'number',
  offset: 'array',
  freqs: 'array',
});

/** Options of scaledDotProductAttention. */
export interface AttentionOptions extends StreamOptions {
  /** Factor of the products of queries and keys, usually 1 / sqrt(features). */
  scale: number;
  /**
   * Which keys a query sees. 'causal': the last query sees all, each one before it one less. An
   * array that broadcasts to [batch, heads, queries, keys]: boolean (true is visible; a query that
   * sees none gets the mean of all values), or of the result's dtype and added to the scores.
   */
  mask?: ArrayLike | 'causal' | null;
  /** One logit a head that takes part in the softmax and has no value. */
  sinks?: ArrayLike | null;
  /** Changes nothing here: attention is always computed by tiles. */
  forceFused?: boolean;
}

/**
 * Attention: softmax(scale * q kᵀ + mask) v, computed by tiles, so that memory grows with the
 * lengths and not with their product. q is [batch, heads, queries, features], k and v are
 * [batch, key heads, keys, features]; the heads of queries are a multiple of the key heads, which
 * are not repeated. Shapes that don't fit are a ShapeError, dtypes other than real floating ones a
 * DtypeError. Its gradients are computed by tiles too.
 *
 * @param q - queries, shape [batch, heads, queries, features].
 * @param k - keys, shape [batch, key heads, keys, features]; heads may share them.
 * @param v - values, shape [batch, key heads, keys, value features].
 * @param scale - what the scores are multiplied by.
 * @param mask - booleans (true takes part), numbers to add, or 'causal'; default: none.
 * @param sinks - a further score for each head, which takes weight and gives nothing; default:
 *   none.
 * @param forceFused - whether to throw instead of computing step by step; default: false.
 *
 * @example
 * ```ts
 * const q = mx.zeros([1, 2, 3, 4]);
 * const k = mx.zeros([1, 1, 3, 4]);
 * const v = mx.array([3, 6, 9]).reshape([1, 1, 3, 1]);
 * const y = mx.fast.scaledDotProductAttention(q, k, v, { scale: 0.5, mask: 'causal' });
 * console.log(y.reshape([2, 3]).round(3).tolist()); // => [ [ 3, 4.5, 6 ], [ 3, 4.5, 6 ] ]
 * ```
 */
function scaledDotProductAttention(
  q: ArrayLike,
  k: ArrayLike,
  v: ArrayLike,
  scale: number,
  mask?: ArrayLike | 'causal' | null,
  sinks?: ArrayLike | null,
  forceFused?: boolean,
  stream?: StreamArgument,
): MLXArray;
function scaledDotProductAttention(
  q: ArrayLike,
  k: ArrayLike,
  v: ArrayLike,
  options: AttentionOptions,
): MLXArray;
function scaledDotProductAttention(
  q: ArrayLike,
  k: ArrayLike,
  v: ArrayLike,
  ...rest: unknown[]
): MLXArray {
  const name = 'fast.scaledDotProductAttention';
  const { scale, mask, sinks, stream } = readAttention(rest);
  const [queries, keys, values] = [q, k, v].map((one) => toHeldArray(one, name)) as [
    MLXArray,
    MLXArray,
    MLXArray,
  ];
  const isMode = typeof mask === 'string';
  const maskId = isMode ? undefined : optionalId(mask, name, queries.dtype);
  const sinkId = optionalId(sinks, name, queries.dtype);
  return call(
    native.fastScaledDotProductAttention,
    stream,
    idOf(queries),
    idOf(keys),
    idOf(values),
    required(scale, name, 'scale'),
    isMode ? mask : '',
    maskId,
    sinkId,
  );
}
const readAttention = parameters('fast.scaledDotProductAttention', {
  scale: 'number',
  mask: 'mask',
  sinks: 'array',
  forceFused: 'boolean',
});

/** Layers of transformers in one pass each, and kernels of one's own. */
export const fast = {
  rmsNorm,
  layerNorm,
  rope,
  scaledDotProductAttention,
  metalKernel,
  cudaKernel,
  precompiledCudaKernel,
};
