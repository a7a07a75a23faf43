import { native } from '../addon/native';
import type { TypedArray } from '../arguments/types';
import type { MLXArray } from '../array/array';
import { readTypedArray } from '../array/to-javascript';

/** The values of a mask, which are computed now. */
function flagsOf(mask: MLXArray, name: string): TypedArray {
  try {
    return readTypedArray(mask);
  } catch (cause) {
    if (!(cause instanceof TypeError) || native.inAbstractTracing() !== true) throw cause;
    throw new TypeError(
      `[${name}] How many elements a mask selects is the size of the result, and inside vmap and ` +
        'compile masks have no values. Use mx.where(mask, a, 0), whose size is fixed, or select ' +
        'outside of the function.',
      { cause },
    );
  }
}

/**
 * Where a mask is true, in row-major order: one list of indices for each axis, and for a scalar
 * one as if it had an axis of its own.
 */
export function placesOf(mask: MLXArray, name: string): Int32Array[] {
  const shape = mask.ndim === 0 ? [1] : mask.shape;
  const flags = flagsOf(mask, name);
  let count = 0;
  for (const flag of flags) if (flag) count++;
  const places = shape.map(() => new Int32Array(count));
  let next = 0;
  for (let i = 0; i < flags.length; i++) {
    if (!flags[i]) continue;
    let rest = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      places[axis]![next] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    next++;
  }
  return places;
}
