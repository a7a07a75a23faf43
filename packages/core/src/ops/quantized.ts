import { native } from '../addon/native';
import { optionalId, toArray } from '../arguments/operands';
import { parameters, readStream } from '../arguments/reader';
import type { ArrayLike, DtypeOptions, StreamArgument, StreamOptions } from '../arguments/types';
import { call, callMany, idOf, type MLXArray } from '../array/array';
import { bfloat16, type Dtype } from '../dtypes/dtype';

// Matrices in 2 to 8 bits an element. Groups along the last axis share a scale and, in the mode
// affine, a bias: w = scale * code + bias. Codes are packed into uint32 from the low bits up.

/** How elements are held: integers, or the small floating numbers of three formats. */
export type QuantizationMode = 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4';

/** Options of quantize. */
export interface QuantizeOptions extends StreamOptions {
  /** Elements that share a scale: 32, 64 (default) or 128 in the mode affine, else 32, nvfp4 16. */
  groupSize?: number | null;
  /** Bits an element: 2, 3, 4 (default), 5, 6 or 8 in the mode affine, else 4, mxfp8 8. */
  bits?: number | null;
  /** How elements are held, 'affine'. */
  mode?: QuantizationMode;
  /** In the mode nvfp4 one scale for all groups, usually the largest size of an element. */
  globalScale?: ArrayLike | null;
}

/** Options of dequantize. */
export interface DequantizeOptions extends QuantizeOptions, DtypeOptions {
  /** The biases of the mode affine. */
  biases?: ArrayLike | null;
}

/**
 * Quantizes a matrix [..., rows, columns]: its codes, its scales, and in the mode affine its biases.
 * The columns must be whole groups, else a ShapeError is thrown; formats that a mode doesn't have
 * are a TypeError, and so are dtypes other than real floating ones.
 *
 * @param w - the array; its last axis is divided into groups.
 * @param groupSize - the number of elements that share a scale; default: the mode's.
 * @param bits - the bits of an element; default: the mode's.
 * @param mode - how values are held: 'affine', 'mxfp4', 'mxfp8' or 'nvfp4'; default: 'affine'.
 * @param globalScale - the scale of the whole array, a float32 scalar; only in mode nvfp4;
 *   default: none.
 *
 * @example
 * ```ts
 * const w = mx.arange(64).reshape([1, 64]);
 * const [codes, scales, biases] = mx.quantize(w, { groupSize: 64, bits: 8 });
 * console.log(codes.shape, scales.shape); // => [ 1, 16 ] [ 1, 1 ]
 * console.log(mx.dequantize(codes, scales, biases, 64, 8).index(0, '60:').round(1).tolist()); // => [ 60, 61, 62, 63 ]
 * ```
 */
export function quantize(
  w: ArrayLike,
  groupSize?: number | null,
  bits?: number | null,
  mode?: QuantizationMode,
  globalScale?: ArrayLike | null,
  stream?: StreamArgument,
): [MLXArray, MLXArray, MLXArray];
export function quantize(
  w: ArrayLike,
  options: QuantizeOptions & { mode: 'mxfp4' | 'mxfp8' | 'nvfp4' },
): [MLXArray, MLXArray];
export function quantize(w: ArrayLike, options: QuantizeOptions): [MLXArray, MLXArray, MLXArray];
export function quantize(w: ArrayLike, ...rest: unknown[]): MLXArray[] {
  const { groupSize, bits, mode, globalScale, stream } = readQuantize(rest);
  const input = toArray(w, 'quantize');
  const scale = optionalId(globalScale, 'quantize');
  return callMany(native.quantize, stream, idOf(input), groupSize, bits, mode ?? 'affine', scale);
}
const readQuantize = parameters('quantize', {
  groupSize: 'integer',
  bits: 'integer',
  mode: 'string',
  globalScale: 'array',
});

/**
 * The matrix of codes, scales and biases again. Its dtype is that of the scales, or bfloat16 in
 * modes other than affine, unless one is given. Parts that don't belong together are a ShapeError
 * or a DtypeError.
 *
 * @param w - the quantised values, uint32.
 * @param scales - the scales of the groups, as quantize gives them.
 * @param biases - the offsets of the groups; only in mode affine.
 * @param groupSize - the number of elements that share a scale; default: the mode's.
 * @param bits - the bits of an element; default: the mode's.
 * @param mode - how values are held: 'affine', 'mxfp4', 'mxfp8' or 'nvfp4'; default: 'affine'.
 * @param globalScale - the scale of the whole array, a float32 scalar; only in mode nvfp4;
 *   default: none.
 * @param dtype - the dtype of the result; default: the scales' in mode affine, else bfloat16.
 *
 * @example
 * ```ts
 * const [codes, scales] = mx.quantize(mx.full([1, 32], 3), { mode: 'mxfp4' });
 * const w = mx.dequantize(codes, scales, { mode: 'mxfp4' });
 * console.log(w.dtype === mx.bfloat16, w.index(0, 0).item()); // => true 3
 * ```
 */
export function dequantize(
  w: ArrayLike,
  scales: ArrayLike,
  biases?: ArrayLike | null,
  groupSize?: number | null,
  bits?: number | null,
  mode?: QuantizationMode,
  globalScale?: ArrayLike | null,
  dtype?: Dtype | null,
  stream?: StreamArgument,
): MLXArray;
export function dequantize(w: ArrayLike, scales: ArrayLike, options: DequantizeOptions): MLXArray;
export function dequantize(
  w: ArrayLike,
  scales: ArrayLike,
  biases: ArrayLike | null,
  options: DequantizeOptions,
): MLXArray;
export function dequantize(w: ArrayLike, scales: ArrayLike, ...rest: unknown[]): MLXArray {
  const { biases, groupSize, bits, mode, globalScale, dtype, stream } = readDequantize(rest);
  const codes = toArray(w, 'dequantize');
  const factors = toArray(scales, 'dequantize');
  const shifts = optionalId(biases, 'dequantize');
  const scale = optionalId(globalScale, 'dequantize');
  return call(
    native.dequantize,
    stream,
    idOf(codes),
    idOf(factors),
    shifts,
    groupSize,
    bits,
    mode ?? 'affine',
    scale,
    dtype?.code,
  );
}
const readDequantize = parameters('dequantize', {
  biases: 'array',
  groupSize: 'integer',
  bits: 'integer',
  mode: 'string',
  globalScale: 'array',
  dtype: 'dtype',
});

/**
 * Numbers as E4M3 in uint8: to the nearest, ties to even, at most 448 in size. Dtypes other than
 * real floating ones are a DtypeError.
 *
 * @param x - the array, of any shape; the result has the same.
 *
 * @example
 * ```ts
 * console.log(mx.toFp8(mx.array([0, 1, -1, 1000])).tolist()); // => [ 0, 56, 184, 126 ]
 * ```
 */
export function toFp8(x: ArrayLike, stream?: StreamArgument): MLXArray {
  return call(
    native.toFp8,
    readStream(stream, 'toFp8', arguments.length, 2),
    idOf(toArray(x, 'toFp8')),
  );
}

/**
 * The numbers of E4M3 codes in uint8, in a floating dtype (bfloat16).
 *
 * @param x - the codes, uint8.
 * @param dtype - the dtype of the result.
 *
 * @example
 * ```ts
 * const codes = mx.array([56, 126], mx.uint8);
 * console.log(mx.fromFp8(codes, mx.float32).tolist()); // => [ 1, 448 ]
 * ```
 */
export function fromFp8(x: ArrayLike, dtype?: Dtype, stream?: StreamArgument): MLXArray;
export function fromFp8(x: ArrayLike, options: DtypeOptions): MLXArray;
export function fromFp8(x: ArrayLike, ...rest: unknown[]): MLXArray {
  const { dtype, stream } = readFromFp8(rest);
  return call(native.fromFp8, stream, idOf(toArray(x, 'fromFp8')), (dtype ?? bfloat16).code);
}
const readFromFp8 = parameters('fromFp8', { dtype: 'dtype' });
