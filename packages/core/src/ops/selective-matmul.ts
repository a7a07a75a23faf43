import { native } from '../addon/native';
import type { ArrayId } from '../addon/types';
import { toArray } from '../arguments/operands';
import { parameters, readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument, StreamOptions } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import { int32, type Dtype } from '../dtypes/dtype';
import { renamed } from '../errors/errors';

// Products of matrices of which only some, or only parts, are wanted.

/** The slot of an array that may be missing; lists of numbers take the dtype. */
function optionalId(
  value: ArrayLike | null | undefined,
  name: string,
  dtype?: Dtype,
): ArrayId | undefined {
  return value === null || value === undefined ? undefined : idOf(toArray(value, name, dtype));
}

/** Options of gatherMm. */
export interface GatherMmOptions extends StreamOptions {
  /** Numbers of a's matrices; null takes each in turn. */
  lhsIndices?: ArrayLike | null;
  /** Numbers of b's matrices; null takes each in turn. */
  rhsIndices?: ArrayLike | null;
  /** Whether rhsIndices ascend, which saves sorting them; no. */
  sortedIndices?: boolean;
}

/**
 * Products of chosen matrices: matrix lhsIndices[i] of a, [..., M, K], times matrix rhsIndices[i]
 * of b, [..., K, N]. The indices count over all batch axes as one and are broadcast to one shape;
 * the result is [...that shape, M, N]. Without indices this is matmul. Throws ShapeError for
 * matrices that don't fit and DtypeError for indices that aren't integers; an index out of range is
 * an EngineError when the result is computed.
 *
 * @param a - the first matrices, shape [..., M, K].
 * @param b - the second matrices, shape [..., K, N].
 * @param lhsIndices - which matrices of a, flat over its batch axes; default: each in turn.
 * @param rhsIndices - which matrices of b, flat over its batch axes; default: each in turn.
 * @param sortedIndices - whether the indices are known to be ascending, which is faster;
 *   default: false.
 *
 * @example
 * ```ts
 * const experts = mx.array([[[1], [1]], [[2], [0]]]); // two matrices of 2 x 1
 * const rows = mx.array([[[3, 4]], [[5, 6]]]); // two matrices of 1 x 2
 * const chosen = mx.gatherMm(rows, experts, [0, 1, 1], [1, 1, 0]);
 * console.log(chosen.flatten().tolist()); // => [ 6, 10, 11 ]
 * ```
 */
export function gatherMm(
  a: ArrayLike,
  b: ArrayLike,
  lhsIndices?: ArrayLike | null,
  rhsIndices?: ArrayLike | null,
  sortedIndices?: boolean,
  stream?: StreamArgument,
): MLXArray;
export function gatherMm(a: ArrayLike, b: ArrayLike, options: GatherMmOptions): MLXArray;
export function gatherMm(
  a: ArrayLike,
  b: ArrayLike,
  lhsIndices: ArrayLike | null,
  rhsIndices: ArrayLike | null,
  options: StreamOptions & { sortedIndices?: boolean },
): MLXArray;
export function gatherMm(a: ArrayLike, b: ArrayLike, ...rest: unknown[]): MLXArray {
  const { lhsIndices, rhsIndices, sortedIndices, stream } = readGatherMm(rest);
  const left = toArray(a, 'gatherMm');
  const right = toArray(b, 'gatherMm');
  return call(
    native.gatherMm,
    stream,
    idOf(left),
    idOf(right),
    optionalId(lhsIndices, 'gatherMm', int32),
    optionalId(rhsIndices, 'gatherMm', int32),
    sortedIndices ?? false,
  );
}
const readGatherMm = parameters('gatherMm', {
  lhsIndices: 'array',
  rhsIndices: 'array',
  sortedIndices: 'boolean',
});

/**
 * One product for each segment of the axis that two matrices share: a is [M, K], b is [K, N],
 * segments are integers [..., 2] with begin and end, and the result is [..., M, N]. An empty
 * segment gives zeros. Throws ShapeError for shapes that don't fit and DtypeError for segments that
 * aren't integers; a bound out of range is an EngineError when the result is computed.
 *
 * @param a - the first matrices, shape [..., M, K].
 * @param b - the second matrices, shape [..., K, N].
 * @param segments - the start and end of each product along K, shape [..., 2].
 *
 * @example
 * ```ts
 * const a = mx.array([[1, 2, 3]]);
 * const parts = mx.segmentedMm(a, mx.ones([3, 1]), [[0, 2], [2, 3]]);
 * console.log(parts.flatten().tolist()); // => [ 3, 3 ]
 * ```
 */
export function segmentedMm(
  a: ArrayLike,
  b: ArrayLike,
  segments: ArrayLike,
  stream?: StreamArgument,
): MLXArray {
  const left = toArray(a, 'segmentedMm');
  const right = toArray(b, 'segmentedMm');
  const bounds = toArray(segments, 'segmentedMm', int32);
  const target = readStream(stream, 'segmentedMm', arguments.length, 4);
  return call(native.segmentedMm, target, idOf(left), idOf(right), idOf(bounds));
}

/** Options of blockMaskedMm. */
export interface BlockMaskedMmOptions extends StreamOptions {
  /** Rows and columns of a block: 32 or 64, the default. */
  blockSize?: number;
  /** Which blocks of the result are wanted, or factors for them; null wants all. */
  maskOut?: ArrayLike | null;
  /** The same for the blocks of a. */
  maskLhs?: ArrayLike | null;
  /** The same for the blocks of b. */
  maskRhs?: ArrayLike | null;
}

/**
 * The matrix product of a, [..., M, K], and b, [..., K, N], in square blocks of which masks leave
 * some out. A mask has one value for each block, also for those that the matrices' ends cut:
 * [..., ceil(M / blockSize), ceil(N / blockSize)] for the result, likewise for a and b. What a
 * mask of booleans leaves out counts as zero and costs nothing; masks of numbers multiply the
 * blocks. Batch axes are broadcast. Throws TypeError for another block size and ShapeError for
 * shapes that don't fit.
 *
 * @param a - the first matrices, shape [..., M, K].
 * @param b - the second matrices, shape [..., K, N].
 * @param blockSize - the size of a block, 32 or 64; default: 64.
 * @param maskOut - which blocks of the result count; default: all.
 * @param maskLhs - which blocks of a count; default: all.
 * @param maskRhs - which blocks of b count; default: all.
 *
 * @example
 * ```ts
 * const a = mx.ones([64, 64]);
 * const mask = mx.array([[true, false], [false, true]]);
 * const product = mx.blockMaskedMm(a, a, 32, mask);
 * console.log(product.index(0, 0).item(), product.index(0, 63).item()); // => 64 0
 * ```
 */
export function blockMaskedMm(
  a: ArrayLike,
  b: ArrayLike,
  blockSize?: number,
  maskOut?: ArrayLike | null,
  maskLhs?: ArrayLike | null,
  maskRhs?: ArrayLike | null,
  stream?: StreamArgument,
): MLXArray;
export function blockMaskedMm(a: ArrayLike, b: ArrayLike, options: BlockMaskedMmOptions): MLXArray;
export function blockMaskedMm(
  a: ArrayLike,
  b: ArrayLike,
  blockSize: number,
  options: BlockMaskedMmOptions,
): MLXArray;
export function blockMaskedMm(a: ArrayLike, b: ArrayLike, ...rest: unknown[]): MLXArray {
  const { blockSize, maskOut, maskLhs, maskRhs, stream } = readBlockMaskedMm(rest);
  const left = toArray(a, 'blockMaskedMm');
  const right = toArray(b, 'blockMaskedMm');
  return call(
    native.blockMaskedMm,
    stream,
    idOf(left),
    idOf(right),
    blockSize ?? 64,
    optionalId(maskOut, 'blockMaskedMm'),
    optionalId(maskLhs, 'blockMaskedMm'),
    optionalId(maskRhs, 'blockMaskedMm'),
  );
}
const readBlockMaskedMm = parameters('blockMaskedMm', {
  blockSize: 'integer',
  maskOut: 'array',
  maskLhs: 'array',
  maskRhs: 'array',
});

/** {@link blockMaskedMm}. */
export const blockMaskedMM: typeof blockMaskedMm = renamed('blockMaskedMM', blockMaskedMm);
/** {@link gatherMm}. */
export const gatherMM: typeof gatherMm = renamed('gatherMM', gatherMm);
