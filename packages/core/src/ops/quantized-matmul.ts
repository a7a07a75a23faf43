import { native } from '../addon/native';
import { optionalId, toArray } from '../arguments/operands';
import { parameters } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import { int32 } from '../dtypes/dtype';
import { renamed } from '../errors/errors';
import type { QuantizationMode, QuantizeOptions } from './quantized';

/** Options of quantizedMatmul. */
export interface QuantizedMatmulOptions extends Omit<QuantizeOptions, 'globalScale'> {
  /** The biases of the mode affine. */
  biases?: ArrayLike | null;
  /** Whether w is transposed, as the weights of linear layers are: true. */
  transpose?: boolean;
}

/** Options of gatherQmm. */
export interface GatherQmmOptions extends QuantizedMatmulOptions, GatherOptions {}

/** Which matrices are multiplied. */
export interface GatherOptions {
  /** Indices of matrices of x, flat over the axes before the last two; default: all in order. */
  lhsIndices?: ArrayLike | null;
  /** The same for w. */
  rhsIndices?: ArrayLike | null;
  /** Whether the indices are sorted, which changes nothing here. */
  sortedIndices?: boolean;
}

/** Options of qqmm. */
export interface QqmmOptions extends StreamOptions {
  /** The scales of w; without them w is an ordinary matrix and is rounded too. */
  scales?: ArrayLike | null;
  /** 16 in the mode nvfp4, 32 in mxfp8. */
  groupSize?: number | null;
  /** 4 in the mode nvfp4, 8 in mxfp8. */
  bits?: number | null;
  /** How elements are held, 'nvfp4'. */
  mode?: 'nvfp4' | 'mxfp8';
  /** In the mode nvfp4 one scale for all groups of x. */
  globalScaleX?: ArrayLike | null;
  /** The same for w. */
  globalScaleW?: ArrayLike | null;
}

/**
 * x @ dequantize(w)ᵀ, or x @ dequantize(w) without `transpose`, read from the packed codes. Axes
 * before the last two are broadcast. The result has the dtype in which x, scales and biases meet, or
 * x's in modes other than affine. Sizes that don't fit are a ShapeError.
 *
 * @param x - the input, shape [..., inputs].
 * @param w - the quantised weights, uint32.
 * @param scales - the scales of the groups, as quantize gives them.
 * @param biases - the offsets of the groups; only in mode affine.
 * @param transpose - whether w is [outputs, inputs]; default: true.
 * @param groupSize - the number of elements that share a scale; default: the mode's.
 * @param bits - the bits of an element; default: the mode's.
 * @param mode - how values are held: 'affine', 'mxfp4', 'mxfp8' or 'nvfp4'; default: 'affine'.
 *
 * @example
 * ```ts
 * const [codes, scales, biases] = mx.quantize(mx.ones([3, 64]));
 * const y = mx.quantizedMatmul(mx.ones([1, 64]), codes, scales, biases);
 * console.log(y.round(2).tolist()); // => [ [ 64, 64, 64 ] ]
 * ```
 */
export function quantizedMatmul(
  x: ArrayLike,
  w: ArrayLike,
  scales: ArrayLike,
  biases?: ArrayLike | null,
  transpose?: boolean,
  groupSize?: number | null,
  bits?: number | null,
  mode?: QuantizationMode,
  stream?: StreamArgument,
): MLXArray;
export function quantizedMatmul(
  x: ArrayLike,
  w: ArrayLike,
  scales: ArrayLike,
  options: QuantizedMatmulOptions,
): MLXArray;
export function quantizedMatmul(
  x: ArrayLike,
  w: ArrayLike,
  scales: ArrayLike,
  biases: ArrayLike | null,
  options: QuantizedMatmulOptions,
): MLXArray;
export function quantizedMatmul(
  x: ArrayLike,
  w: ArrayLike,
  scales: ArrayLike,
  ...rest: unknown[]
): MLXArray {
  const { biases, transpose, groupSize, bits, mode, stream } = readQuantizedMatmul(rest);
  const left = toArray(x, 'quantizedMatmul');
  const codes = toArray(w, 'quantizedMatmul');
  const factors = toArray(scales, 'quantizedMatmul');
  const shifts = optionalId(biases, 'quantizedMatmul');
  return call(
    native.quantizedMatmul,
    stream,
    idOf(left),
    idOf(codes),
    idOf(factors),
    shifts,
    transpose ?? true,
    groupSize,
    bits,
    mode ?? 'affine',
  );
}
const readQuantizedMatmul = parameters('quantizedMatmul', {
  biases: 'array',
  transpose: 'boolean',
  groupSize: 'integer',
  bits: 'integer',
  mode: 'string',
});

/**
 * quantizedMatmul of matrices chosen by indices, as for a mixture of experts: result [..., m, n] for
 * the common shape [...] of the indices. Indices out of bounds are an EngineError when the result is
 * computed.
 *
 * @param x - the input, shape [..., inputs].
 * @param w - the quantised weights, uint32.
 * @param scales - the scales of the groups, as quantize gives them.
 * @param biases - the offsets of the groups; only in mode affine.
 * @param lhsIndices - which matrices of x, flat over its batch axes; default: each in turn.
 * @param rhsIndices - which matrices of w, flat over its batch axes; default: each in turn.
 * @param transpose - whether w is [outputs, inputs]; default: true.
 * @param groupSize - the number of elements that share a scale; default: the mode's.
 * @param bits - the bits of an element; default: the mode's.
 * @param mode - how values are held: 'affine', 'mxfp4', 'mxfp8' or 'nvfp4'; default: 'affine'.
 * @param sortedIndices - whether the indices are known to be ascending, which is faster;
 *   default: false.
 *
 * @example
 * ```ts
 * const experts = mx.stack([mx.zeros([2, 64]), mx.ones([2, 64])]);
 * const [codes, scales, biases] = mx.quantize(experts);
 * const y = mx.gatherQmm(mx.ones([1, 64]), codes, scales, biases, null, [1, 0]);
 * console.log(y.round(2).tolist()); // => [ [ [ 64, 64 ] ], [ [ 0, 0 ] ] ]
 * ```
 */
export function gatherQmm(
  x: ArrayLike,
  w: ArrayLike,
  scales: ArrayLike,
  biases?: ArrayLike | null,
  lhsIndices?: ArrayLike | null,
  rhsIndices?: ArrayLike | null,
  transpose?: boolean,
  groupSize?: number | null,
  bits?: number | null,
  mode?: QuantizationMode,
  sortedIndices?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function gatherQmm(
  x: ArrayLike,
  w: ArrayLike,
  scales: ArrayLike,
  options: GatherQmmOptions,
): MLXArray;
export function gatherQmm(
  x: ArrayLike,
  w: ArrayLike,
  scales: ArrayLike,
  biases: ArrayLike | null,
  options: GatherQmmOptions,
): MLXArray;
export function gatherQmm(
  x: ArrayLike,
  w: ArrayLike,
  scales: ArrayLike,
  ...rest: unknown[]
): MLXArray {
  const given = readGatherQmm(rest);
  const left = toArray(x, 'gatherQmm');
  const codes = toArray(w, 'gatherQmm');
  const factors = toArray(scales, 'gatherQmm');
  const shifts = optionalId(given.biases, 'gatherQmm');
  const lhs = optionalId(given.lhsIndices, 'gatherQmm', int32);
  const rhs = optionalId(given.rhsIndices, 'gatherQmm', int32);
  return call(
    native.gatherQmm,
    given.stream,
    idOf(left),
    idOf(codes),
    idOf(factors),
    shifts,
    lhs,
    rhs,
    given.transpose ?? true,
    given.groupSize,
    given.bits,
    given.mode ?? 'affine',
    given.sortedIndices ?? false,
  );
}
const readGatherQmm = parameters('gatherQmm', {
  biases: 'array',
  lhsIndices: 'array',
  rhsIndices: 'array',
  transpose: 'boolean',
  groupSize: 'integer',
  bits: 'integer',
  mode: 'string',
  sortedIndices: 'boolean',
});

/**
 * x @ wᵀ with x rounded, group by group, to what the mode nvfp4 or mxfp8 holds. w is quantized and
 * comes with its scales; or it is an ordinary matrix, is rounded likewise, and gets gradients.
 * Gradients take rounding for the identity. The result has x's dtype.
 *
 * @param x - the input, shape [..., inputs].
 * @param w - the weights, quantised or not.
 * @param scales - the scales of the groups, as quantize gives them.
 * @param groupSize - the number of elements that share a scale; default: the mode's.
 * @param bits - the bits of an element; default: the mode's.
 * @param mode - how both are quantised: 'nvfp4' or 'mxfp8'; default: 'nvfp4'.
 * @param globalScaleX - the scale of all of x, in mode nvfp4; default: none.
 * @param globalScaleW - the scale of all of w, in mode nvfp4; default: none.
 *
 * @example
 * ```ts
 * const [codes, scales] = mx.quantize(mx.full([2, 32], 14), { mode: 'mxfp8' });
 * const y = mx.qqmm(mx.full([1, 32], 7), codes, scales, { mode: 'mxfp8' });
 * console.log(y.tolist()); // => [ [ 3136, 3136 ] ]
 * ```
 */
export function qqmm(
  x: ArrayLike,
  w: ArrayLike,
  scales?: ArrayLike | null,
  groupSize?: number | null,
  bits?: number | null,
  mode?: 'nvfp4' | 'mxfp8',
  globalScaleX?: ArrayLike | null,
  globalScaleW?: ArrayLike | null,
  stream?: StreamArgument,
): MLXArray;
export function qqmm(x: ArrayLike, w: ArrayLike, options: QqmmOptions): MLXArray;
export function qqmm(
  x: ArrayLike,
  w: ArrayLike,
  scales: ArrayLike | null,
  options: QqmmOptions,
): MLXArray;
export function qqmm(x: ArrayLike, w: ArrayLike, ...rest: unknown[]): MLXArray {
  const given = readQqmm(rest);
  const left = toArray(x, 'qqmm');
  const right = toArray(w, 'qqmm');
  const factors = optionalId(given.scales, 'qqmm');
  const globalX = optionalId(given.globalScaleX, 'qqmm');
  const globalW = optionalId(given.globalScaleW, 'qqmm');
  return call(
    native.qqmm,
    given.stream,
    idOf(left),
    idOf(right),
    factors,
    given.groupSize,
    given.bits,
    given.mode ?? 'nvfp4',
    globalX,
    globalW,
  );
}
const readQqmm = parameters('qqmm', {
  scales: 'array',
  groupSize: 'integer',
  bits: 'integer',
  mode: 'string',
  globalScaleX: 'array',
  globalScaleW: 'array',
});

/**
 * qqmm of matrices chosen by indices, as in gatherQmm.
 *
 * @param x - the input, shape [..., inputs].
 * @param w - the weights, quantised or not.
 * @param scales - the scales of the groups, as quantize gives them.
 * @param lhsIndices - which matrices of x, flat over its batch axes; default: each in turn.
 * @param rhsIndices - which matrices of w, flat over its batch axes; default: each in turn.
 * @param groupSize - the number of elements that share a scale; default: the mode's.
 * @param bits - the bits of an element; default: the mode's.
 * @param mode - how both are quantised: 'nvfp4' or 'mxfp8'; default: 'nvfp4'.
 * @param globalScaleX - the scale of all of x, in mode nvfp4; default: none.
 * @param globalScaleW - the scale of all of w, in mode nvfp4; default: none.
 * @param sortedIndices - whether the indices are known to be ascending, which is faster;
 *   default: false.
 *
 * @example
 * ```ts
 * const experts = mx.stack([mx.zeros([2, 16]), mx.full([2, 16], 3)]);
 * const y = mx.gatherQqmm(mx.full([1, 16], 6), experts, { rhsIndices: [1] });
 * console.log(y.tolist()); // => [ [ [ 288, 288 ] ] ]
 * ```
 */
export function gatherQqmm(
  x: ArrayLike,
  w: ArrayLike,
  scales?: ArrayLike | null,
  lhsIndices?: ArrayLike | null,
  rhsIndices?: ArrayLike | null,
  groupSize?: number | null,
  bits?: number | null,
  mode?: 'nvfp4' | 'mxfp8',
  globalScaleX?: ArrayLike | null,
  globalScaleW?: ArrayLike | null,
  sortedIndices?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function gatherQqmm(
  x: ArrayLike,
  w: ArrayLike,
  options: QqmmOptions & GatherOptions,
): MLXArray;
export function gatherQqmm(
  x: ArrayLike,
  w: ArrayLike,
  scales: ArrayLike | null,
  options: QqmmOptions & GatherOptions,
): MLXArray;
export function gatherQqmm(x: ArrayLike, w: ArrayLike, ...rest: unknown[]): MLXArray {
  const given = readGatherQqmm(rest);
  const left = toArray(x, 'gatherQqmm');
  const right = toArray(w, 'gatherQqmm');
  const factors = optionalId(given.scales, 'gatherQqmm');
  const lhs = optionalId(given.lhsIndices, 'gatherQqmm', int32);
  const rhs = optionalId(given.rhsIndices, 'gatherQqmm', int32);
  const globalX = optionalId(given.globalScaleX, 'gatherQqmm');
  const globalW = optionalId(given.globalScaleW, 'gatherQqmm');
  return call(
    native.gatherQqmm,
    given.stream,
    idOf(left),
    idOf(right),
    factors,
    lhs,
    rhs,
    given.groupSize,
    given.bits,
    given.mode ?? 'nvfp4',
    globalX,
    globalW,
    given.sortedIndices ?? false,
  );
}
const readGatherQqmm = parameters('gatherQqmm', {
  scales: 'array',
  lhsIndices: 'array',
  rhsIndices: 'array',
  groupSize: 'integer',
  bits: 'integer',
  mode: 'string',
  globalScaleX: 'array',
  globalScaleW: 'array',
  sortedIndices: 'boolean',
});

/** {@link gatherQmm}. */
export const gatherQMM: typeof gatherQmm = renamed('gatherQMM', gatherQmm);
