import { native } from '../addon/native';
import type { TypedArray } from '../arguments/types';
import { builtin } from '../node/builtin';
import { idOf, isArray, type MLXArray } from './array';
import { isComplex } from './complex';
import { print } from './printing';
import { readList, readTypedArray } from './to-javascript';

const { createHash } = builtin('node:crypto');

// What JavaScript turns an array into by itself: text, JSON, a primitive for an operator, and the
// tag by which deep comparisons tell values apart.

/** The text for `${a}`; anything else that needs a primitive is a mistake. */
export function toPrimitive(a: MLXArray, hint: string): string {
  if (hint === 'string') return print(a);
  throw new TypeError(
    '[array] An array is no operand of +, *, > and the like: use its methods, such as a.add(b), ' +
      'a.multiply(2) and a.greater(0), a.item() for the number in a scalar, and `${a}` for its text.',
  );
}

/** A value that JSON has: bigints, which are beyond the safe integers, go as text. */
function jsonValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value === 'bigint') return String(value);
  return isComplex(value) ? { re: value.re, im: value.im } : value;
}

/** The values as nested lists, as JSON can hold them. */
export function toJson(a: MLXArray): unknown {
  return jsonValue(readList(a));
}

const mostShownElements = 64;

/** The values themselves if they are few, so that messages of comparisons show them. */
function fingerprint(values: TypedArray): string {
  if (values.length > mostShownElements) return createHash('sha256').update(values).digest('hex');
  const texts: string[] = [];
  for (const value of values) texts.push(Object.is(value, -0) ? '-0' : String(value));
  return texts.join(', ');
}

/**
 * A tag that differs where shapes, dtypes or values do. Deep comparisons (of node:assert, jest,
 * chai) compare tags before they look at properties, and so no array object pays for one. It must
 * never throw: what has no values to look at is just an array.
 */
export function toTag(value: MLXArray): string {
  if (!isArray(value) || native.inAbstractTracing() === true) return 'array';
  if (native.isReleased(idOf(value)) === true) return 'array(released)';
  try {
    const shape = value.shape.join(',');
    return `array([${fingerprint(readTypedArray(value))}], shape=[${shape}], dtype=${value.dtype.name})`;
  } catch {
    return 'array';
  }
}
