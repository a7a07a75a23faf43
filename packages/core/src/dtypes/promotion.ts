import { checkCount } from '../arguments/count';
import { isScalar, scalarDtype } from '../arguments/operands';
import type { Scalar } from '../arguments/types';
import { isArray, type MLXArray } from '../array/array';
import { within } from '../errors/errors';
import { Dtype, promoteTypes } from './dtype';

/**
 * The dtype in which arrays, dtypes and scalars meet; scalars yield to what stands beside them.
 *
 * @param arraysAndDtypes - arrays, scalars and dtypes.
 *
 * @example
 * ```ts
 * console.log(mx.resultType(mx.int8, mx.float16)); // => float16
 * console.log(mx.resultType(mx.zeros([2], mx.int32), 1)); // => int32
 * ```
 */
export function resultType(...arraysAndDtypes: (MLXArray | Dtype | Scalar)[]): Dtype {
  const dtypes = arraysAndDtypes.flatMap((value) => {
    if (value instanceof Dtype) return [value];
    return isArray(value) ? [within('resultType', () => value.dtype)] : [];
  });
  let result = dtypes.length === 0 ? undefined : dtypes.reduce(promoteTypes);
  for (const value of arraysAndDtypes) {
    if (value instanceof Dtype || isArray(value)) continue;
    if (!isScalar(value)) throw new TypeError('[resultType] Expected arrays, dtypes and scalars.');
    const dtype = scalarDtype(value, result, 'resultType');
    result = result === undefined ? dtype : promoteTypes(result, dtype);
  }
  if (result === undefined)
    throw new TypeError('[resultType] Expected at least one array, dtype or scalar.');
  return result;
}

/**
 * Whether every value of a dtype can be had in another by MLX's promotion.
 *
 * @param from - the dtype, or an array that has it.
 * @param to - the dtype it is to become.
 *
 * @example
 * ```ts
 * console.log(mx.canCast(mx.int8, mx.int32)); // => true
 * console.log(mx.canCast(mx.float32, mx.int32)); // => false
 * ```
 */
export function canCast(from: MLXArray | Dtype, to: Dtype): boolean {
  checkCount(arguments.length, 2, 'canCast');
  const dtype = isArray(from) ? within('canCast', () => from.dtype) : from;
  if (!(dtype instanceof Dtype) || !(to instanceof Dtype))
    throw new TypeError('[canCast] Expected an array or Dtype, and a Dtype.');
  return promoteTypes(dtype, to) === to;
}
