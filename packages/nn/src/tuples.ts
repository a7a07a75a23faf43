/** One number for each of two spatial axes: height and width. */
export type Pair = [number, number];

/** One number for each of three spatial axes: depth, height and width. */
export type Triple = [number, number, number];

/** The same number for every axis, or what was given; RangeError when that has another length. */
export function perAxis(value: number | readonly number[], axes: number, name: string): number[] {
  const values = typeof value === 'number' ? new Array<number>(axes).fill(value) : [...value];
  if (values.length !== axes)
    throw new RangeError(`[${name}] Expected ${axes} numbers but received [${values.join(', ')}]`);
  return values;
}
