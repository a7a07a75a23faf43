/** Numbers in [0, 1), the same for the same seed. */
export type Random = () => number;

/** Makes the values of an input. */
export type Values = (random: Random, count: number) => number[];

/** Mulberry32, by Tommy Ettinger. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

// Odd multiples of 1/32 are exact in every floating dtype up to 4, and far enough from the kinks of
// abs, floor or round for finite differences.
const grid = 32;

function snapped(value: number, offset = 1): number {
  return (2 * Math.floor((value * grid) / 2) + offset) / grid;
}

/** Values in an interval, none nearer than 1/32 to a multiple of 1/16. */
export function between(low: number, high: number): Values {
  return (random, count) =>
    Array.from({ length: count }, () => snapped(low + random() * (high - low)));
}

/** Values that equal none of `between`: multiples of 1/16. */
export function elsewhere(low: number, high: number): Values {
  return (random, count) =>
    Array.from({ length: count }, () => snapped(low + random() * (high - low), 0));
}

/** Values in a random order, no two nearer than 1/16; as integers they are distinct too. */
export const distinct: Values = (random, count) => {
  const step = count > 60 ? 1 : 1 / 16;
  const values = Array.from({ length: count }, (_, i) => snapped((i - count / 2) * step));
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return values;
};

/** Integers from 0 to size - 1. */
export function below(size: number): Values {
  return (random, count) => Array.from({ length: count }, () => Math.floor(random() * size));
}

/** Integers from 0 up, in ascending order. */
export function ascending(step: number): Values {
  return (_, count) => Array.from({ length: count }, (_, i) => i * step);
}

/** No two the same, in random order: for what writes to places. */
export const permutation: Values = (random, count) => {
  const order = Array.from({ length: count }, (_, i) => [random(), i] as const);
  return order.sort(([a], [b]) => a - b).map(([, i]) => i);
};
