import type { MLXArray } from './array';
import { copyList } from './list';
import { isArrayLike, toArray } from './operand';

/** The arrays of a list. */
export function toArrays(list: readonly unknown[], name: string): MLXArray[] {
  return copyList(list, name).map((one) => toArray(one, name));
}

/** Arrays given one by one or as one list, and what follows them. */
export function arraysAndRest(values: readonly unknown[], name: string): [MLXArray[], unknown[]] {
  const [first] = values;
  if (Array.isArray(first) && (values.length === 1 || !isArrayLike(values[1])))
    return [toArrays(first, name), values.slice(1)];
  const count = values.findIndex((value) => !isArrayLike(value) || typeof value === 'boolean');
  const given = count < 0 ? values : values.slice(0, count);
  return [given.map((one) => toArray(one, name)), count < 0 ? [] : values.slice(count)];
}
