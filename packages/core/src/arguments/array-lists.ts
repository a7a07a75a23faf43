import { isArray, type MLXArray } from '../array/array';
import { copyList, mostElements } from './lists';
import { isArrayLike, toArray } from './operands';

/** The arrays of a list. */
export function toArrays(list: readonly unknown[], name: string): MLXArray[] {
  return copyList(list, name).map((one) => toArray(one, name));
}

/** The elements of a list that holds arrays; undefined for other values and lists of numbers. */
export function listWithArrays(value: unknown, name: string): unknown[] | undefined {
  // A longer one holds numbers.
  if (!Array.isArray(value) || !(value.length <= mostElements)) return undefined;
  const list = copyList(value as unknown[], name);
  return list.some(isArray) ? list : undefined;
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
