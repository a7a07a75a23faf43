import { native } from '../addon/native';
import { arraysAndRest, listWithArrays } from '../arguments/array-lists';
import { commonDtype, isScalar, scalarDtype, toArray } from '../arguments/operands';
import { readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import { call, callNative, idOf, type MLXArray } from '../array/array';
import { within } from '../errors/errors';

/** The operands, of which scalars take the dtype of the arrays beside them. */
function readOperands(name: string, values: readonly unknown[]): [MLXArray[], unknown[]] {
  const list = listWithArrays(values[0], name);
  const given = list ?? values;
  const beside = commonDtype(given);
  const typed = given.map((one) =>
    isScalar(one) ? toArray(one, name, scalarDtype(one, beside, name)) : one,
  );
  return arraysAndRest(list ? [typed, ...values.slice(1)] : typed, name);
}

/**
 * Products of arrays summed over indices, by Einstein's convention. Each term of the subscripts
 * names an operand's axes by letters. A letter that the result, after '->', lacks is summed over;
 * one that stands twice in a term takes the diagonal; '...' stands for axes without letters, which
 * are broadcast. Without '->' the result has the '...' axes and then the letters that occur once,
 * in alphabetical order. Several operands are contracted in the order that einsumPath tells, by
 * matrix products where that is possible. Axes of size 1 are broadcast. The result's dtype is the
 * operands' common one. The operands may be given as one list.
 *
 * Throws TypeError for subscripts that make no sense and ShapeError for operands that don't fit.
 *
 * @param subscripts - the axes of each array and of the result by letters, such as 'ij,jk->ik'.
 * @param operands - the arrays, one by one or as one list.
 *
 * @example
 * ```ts
 * const a = mx.array([[1, 2], [3, 4]]);
 * console.log(mx.einsum('ij,jk->ik', a, a).tolist()); // => [ [ 7, 10 ], [ 15, 22 ] ]
 * console.log(mx.einsum('ii', a).item()); // => 5
 * console.log(mx.einsum('...i->...', a).tolist()); // => [ 3, 7 ]
 * ```
 */
export function einsum(subscripts: string, ...operands: (ArrayLike | StreamArgument)[]): MLXArray {
  checkSubscripts(subscripts, 'einsum');
  const [arrays, rest] = readOperands('einsum', operands);
  const stream = readStream(rest[0] as object | undefined, 'einsum');
  return call(native.einsum, stream, subscripts, arrays.map(idOf));
}

/**
 * The order in which einsum contracts its operands, and a description of what it costs. Each step
 * lists the operands that it replaces, by their positions in the list that the steps before left;
 * its result is appended to that list. A few operands are contracted the cheapest way, many by a
 * greedy choice. Throws as einsum does.
 *
 * @param subscripts - the axes of each array and of the result by letters, such as 'ij,jk->ik'.
 * @param operands - the arrays, one by one or as one list.
 *
 * @example
 * ```ts
 * const [a, b, c] = [mx.zeros([2, 50]), mx.zeros([50, 3]), mx.zeros([3, 40])];
 * console.log(mx.einsumPath('ij,jk,kl->il', a, b, c)[0]); // => [ [ 0, 1 ], [ 0, 1 ] ]
 * ```
 */
export function einsumPath(subscripts: string, ...operands: ArrayLike[]): [number[][], string] {
  checkSubscripts(subscripts, 'einsumPath');
  const [arrays] = readOperands('einsumPath', operands);
  return within('einsumPath', () => callNative(native.einsumPath, subscripts, arrays.map(idOf)));
}

function checkSubscripts(subscripts: unknown, name: string): void {
  if (typeof subscripts !== 'string')
    throw new TypeError(`[${name}] Expected subscripts such as 'ij,jk->ik' as the first argument.`);
}
