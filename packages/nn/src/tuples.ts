/** One number for each of two spatial axes: height and width. */
export type Pair = [number, number];

/** The same number for both axes, or what was given. */
export function pair(value: number | Pair): Pair {
  return typeof value === 'number' ? [value, value] : value;
}
