import { native } from '../addon/native';
import { toArrays } from '../arguments/array-lists';
import { checkCount } from '../arguments/count';
import { toArray } from '../arguments/operands';
import type { ArrayLike } from '../arguments/types';
import { adoptAll, callNative, idOf, isArray, type MLXArray } from '../array/array';

function toList(values: unknown): MLXArray[] {
  return Array.isArray(values) ? toArrays(values, 'depends') : [toArray(values, 'depends')];
}

/**
 * The inputs, one array or a list, which are now computed after the dependencies.
 *
 * @param inputs - an array or a list of arrays.
 * @param dependencies - what is computed before.
 *
 * @example
 * ```ts
 * const first = mx.ones([2]).add(1);
 * console.log(mx.depends(mx.array([3]), first).tolist()); // => [ 3 ]
 * ```
 */
export function depends(inputs: MLXArray, dependencies: MLXArray | readonly MLXArray[]): MLXArray;
export function depends(
  inputs: readonly ArrayLike[],
  dependencies: MLXArray | readonly MLXArray[],
): MLXArray[];
export function depends(
  inputs: MLXArray | readonly ArrayLike[],
  dependencies: MLXArray | readonly MLXArray[],
): MLXArray | MLXArray[] {
  checkCount(arguments.length, 2, 'depends');
  const before = toList(inputs);
  const after = toList(dependencies);
  const results = adoptAll(callNative(native.depends, before.map(idOf), after.map(idOf)));
  return isArray(inputs) ? results[0]! : results;
}
