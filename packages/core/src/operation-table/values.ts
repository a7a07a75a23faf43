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

const grid = 32;

/** Near an odd (offset 1) or even (0) multiple of 1/32, by no more than 1/128. */
function snapped(value: number, random: Random, offset = 1): number {
  const multiple = 2 * Math.floor((value * grid) / 2) + offset;
  return (multiple + (random() - 0.5) / 2) / grid;
}

/**
 * Values in an interval, none near a multiple of 1/16: there abs, floor and round have kinks, which
 * finite differences must not cross.
 */
export function between(low: number, high: number): Values {
  return (random, count) =>
    Array.from({ length: count }, () => snapped(low + random() * (high - low), random));
}

/** Values none of which is near one of `between`: near multiples of 1/16. */
export function elsewhere(low: number, high: number): Values {
  return (random, count) =>
    Array.from({ length: count }, () => snapped(low + random() * (high - low), random, 0));
}

/** Values in a random order, no two nearer than 3/64. */
export const distinct: Values = (random, count) => {
  const step = count > 60 ? 1 : 1 / 16;
  const values = Array.from({ length: count }, (_, i) => snapped((i - count / 2) * step, random));
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

/** Multiples of step from 0 up to a limit, again and again. */
export function ascending(step: number, limit: number): Values {
  return (_, count) => Array.from({ length: count }, (_, i) => (i * step) % limit);
}

/** -1, 0 and 1. */
export const ternary: Values = (random, count) =>
  Array.from({ length: count }, () => Math.floor(3 * random()) - 1);
