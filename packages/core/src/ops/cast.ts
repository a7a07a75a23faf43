import { native } from '../addon/native';
import type { DtypeCode } from '../addon/types';
import { toArray } from '../arguments/operands';
import { readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import { Dtype } from '../dtypes/dtype';

/**
 * The values in another dtype. Floats saturate in integers and NaN gives 0; a complex number keeps
 * its real part; everything but zero is true.
 *
 * @param a - the array.
 * @param dtype - the dtype of the result.
 *
 * @example
 * ```ts
 * console.log(mx.astype(mx.array([1.7, -1.7]), mx.int32).tolist()); // => [ 1, -1 ]
 * ```
 */
export function astype(a: ArrayLike, dtype: Dtype, stream?: StreamArgument): MLXArray {
  const input = toArray(a, 'astype');
  return call(
    native.astype,
    readStream(stream, 'astype', arguments.length, 3),
    idOf(input),
    dtypeCode(dtype, 'astype'),
  );
}

/**
 * The bytes of an array read as another dtype; the last axis scales by the ratio of the item
 * sizes. Throws ShapeError when it doesn't divide. As booleans, all bytes but 0 are true, and a view
 * back finds them as they were.
 *
 * @param a - the array.
 * @param dtype - the dtype that the bytes are read as; the last axis scales by the ratio of
 *   sizes.
 *
 * @example
 * ```ts
 * console.log(mx.view(mx.array([1]), mx.uint32).item()); // => 1065353216
 * ```
 */
export function view(a: ArrayLike, dtype: Dtype, stream?: StreamArgument): MLXArray {
  const input = toArray(a, 'view');
  return call(
    native.view,
    readStream(stream, 'view', arguments.length, 3),
    idOf(input),
    dtypeCode(dtype, 'view'),
  );
}

function dtypeCode(dtype: Dtype, name: string): DtypeCode {
  if (!(dtype instanceof Dtype))
    throw new TypeError(`[${name}] Expected a Dtype, such as mx.float32.`);
  return dtype.code;
}
