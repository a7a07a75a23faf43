import { native } from '../addon/native';
import type { StreamCode } from '../addon/types';
import { toHeldArray } from '../arguments/operands';
import { readStream } from '../arguments/reader';
import type { ArrayLike, StreamArgument } from '../arguments/types';
import { call, idOf, type MLXArray } from '../array/array';
import { arrayFromValue } from '../array/from-javascript';
import { bool_, uint32 } from '../dtypes/dtype';
import { ShapeError, within } from '../errors/errors';
import { placesOf } from '../indexing/places';
import { stack } from './joining';

// How many places there are is known only once the array is computed, which is done at once. Inside
// vmap and compile that is a TypeError.

function placesIn(a: MLXArray, name: string, stream: StreamCode | undefined): MLXArray[] {
  const mask =
    a.dtype === bool_ ? a : within(name, () => call(native.astype, stream, idOf(a), bool_.code));
  return placesOf(mask, name).map((places) =>
    arrayFromValue(Uint32Array.from(places), uint32, name),
  );
}

/**
 * Where an array is not zero, in row-major order: one array of indices for each axis, which together
 * select these elements. Computes the array; inside vmap and compile that is a TypeError, as is the
 * result's size there: use `where`. Throws ShapeError for scalars.
 *
 * @param a - the array.
 *
 * @example
 * ```ts
 * const a = mx.array([[3, 0], [0, 4]]);
 * const [rows, columns] = mx.nonzero(a);
 * console.log(rows.tolist(), columns.tolist()); // => [ 0, 1 ] [ 0, 1 ]
 * console.log(a.index(rows, columns).tolist()); // => [ 3, 4 ]
 * ```
 */
export function nonzero(a: ArrayLike, stream?: StreamArgument): MLXArray[] {
  const target = readStream(stream, 'nonzero', arguments.length, 2);
  const input = toHeldArray(a, 'nonzero');
  if (input.ndim === 0)
    throw new ShapeError('[nonzero] A scalar has no axes; use mx.atleast1d of it.');
  return placesIn(input, 'nonzero', target);
}

/**
 * Where an array is not zero: a row of indices for each such element, in row-major order. Computes
 * the array; inside vmap and compile that is a TypeError: use `where`.
 *
 * @param a - the array.
 *
 * @example
 * ```ts
 * console.log(mx.argwhere(mx.array([[3, 0], [0, 4]])).tolist()); // => [ [ 0, 0 ], [ 1, 1 ] ]
 * ```
 */
export function argwhere(a: ArrayLike, stream?: StreamArgument): MLXArray {
  const target = readStream(stream, 'argwhere', arguments.length, 2);
  const input = toHeldArray(a, 'argwhere');
  const places = placesIn(input, 'argwhere', target);
  // A scalar's place has no coordinates.
  if (input.ndim === 0)
    return within('argwhere', () => call(native.zeros, target, [places[0]!.size, 0], uint32.code));
  return stack(places, -1);
}
