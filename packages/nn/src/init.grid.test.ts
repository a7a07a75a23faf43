import * as mx from '@mlx/core';
import * as nn from './index';

const { init } = nn;
const dtypes = ['float32', 'float16', 'bfloat16'] as const;
type Floating = (typeof dtypes)[number];

/** Shapes `[out, ...kernel, in]` of large, thin and wide weights, with their two fans. */
const weights: [shape: number[], fanIn: number, fanOut: number][] = [
  [[300, 200], 200, 300],
  [[4, 5000], 5000, 4],
  [[5000, 4], 4, 5000],
  [[40, 7, 20], 140, 280],
  [[40, 3, 5, 20], 300, 600],
  [[20, 2, 3, 4, 30], 720, 480],
];
const gains = [1, 0.25, 3, Math.SQRT2];
const units: Record<Floating, number> = {
  float32: 2 ** -23,
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
};

beforeEach(() => mx.random.seed(21));

function values(a: mx.array, shape: number[], dtype: Floating): number[] {
  expect(a.dtype).toBe(mx[dtype]);
  expect(a.shape).toEqual(shape);
  return Array.from(mx.astype(a, mx.float32).toTypedArray() as Float32Array);
}

interface Moments {
  mean: number;
  std: number;
  low: number;
  high: number;
}

function moments(numbers: number[]): Moments {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length;
  const low = numbers.reduce((a, b) => Math.min(a, b), Infinity);
  const high = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
  return { mean, std: Math.sqrt(variance), low, high };
}

/** Within five standard errors, and what the dtype rounds. */
function expectMoments(
  numbers: number[],
  mean: number,
  std: number,
  kurtosis: number,
  unit: number,
) {
  const got = moments(numbers);
  const n = numbers.length;
  const rounding = unit * (Math.abs(mean) + std);
  expect(Math.abs(got.mean - mean)).toBeLessThan((5 * std) / Math.sqrt(n) + rounding);
  // The variance of a variance is (kurtosis - 1) / n, of its root a fourth of that.
  const error = (5 * std * Math.sqrt(kurtosis - 1)) / (2 * Math.sqrt(n));
  expect(Math.abs(got.std - std)).toBeLessThan(error + rounding);
  return got;
}

function expectNormal(numbers: number[], mean: number, std: number, unit: number): void {
  const { low, high } = expectMoments(numbers, mean, std, 3, unit);
  // Of 20,000 numbers some lie beyond three deviations and none beyond eight.
  for (const far of [high - mean, mean - low]) {
    expect(far).toBeGreaterThan(3 * std);
    expect(far).toBeLessThan(8 * std);
  }
  // How many lie within one and two deviations, by five standard errors.
  for (const [distance, share] of [
    [1, 0.6827],
    [2, 0.9545],
  ] as const) {
    const within = numbers.filter((x) => Math.abs(x - mean) < distance * std).length;
    const error = 5 * Math.sqrt((share * (1 - share)) / numbers.length) + 2 * unit;
    expect(Math.abs(within / numbers.length - share)).toBeLessThan(error);
  }
}

function expectUniform(numbers: number[], low: number, high: number, unit: number): void {
  const width = high - low;
  const got = expectMoments(numbers, (low + high) / 2, width / Math.sqrt(12), 1.8, unit);
  // The bounds are exact, but for their own rounding; n even numbers reach within 20 widths / n of
  // them, and half a unit of the share of the width that they are made from.
  const slack = unit * Math.max(Math.abs(low), Math.abs(high));
  const reach = slack + (20 / numbers.length + unit / 2) * width;
  expect(got.low).toBeGreaterThanOrEqual(low - slack);
  expect(got.high).toBeLessThanOrEqual(high + slack);
  expect(got.low).toBeLessThan(low + reach);
  expect(got.high).toBeGreaterThan(high - reach);
  for (const quarter of [0.25, 0.5, 0.75]) {
    const below = numbers.filter((x) => x < low + quarter * width).length / numbers.length;
    const error = 5 * Math.sqrt((quarter * (1 - quarter)) / numbers.length) + 2 * unit;
    expect(Math.abs(below - quarter)).toBeLessThan(error);
  }
}

describe.each(dtypes)('in %s', (dtype) => {
  const [unit, type] = [units[dtype], mx[dtype]];

  test.each([0, -0.5, 3, 1e-3])('constant %d', (value) => {
    const shape = [2, 3, 4];
    const expected = mx.array(value, type).item();
    const got = values(init.constant(value, type)(mx.zeros(shape)), shape, dtype);
    expect(new Set(got)).toEqual(new Set([expected]));
  });

  test.each([1, 2, 7])('identity of %d rows', (size) => {
    const got = values(init.identity(type)(mx.zeros([size, size])), [size, size], dtype);
    got.forEach((x, i) => expect(x).toBe(i % (size + 1) === 0 ? 1 : 0));
  });

  test.each([
    [0, 1],
    [2, 0.1],
    [-3, 0.5],
    [0, 0.02],
  ])('normal of mean %d and deviation %d', (mean, std) => {
    for (const shape of [[20000], [200, 100], [10, 20, 100]]) {
      const got = values(init.normal(mean, std, type)(mx.zeros(shape)), shape, dtype);
      // Where the mean is large, what the dtype rounds by is some of the deviation.
      const own = unit * Math.max(1, Math.abs(mean) / std);
      expectNormal(got, mean, std, own);
    }
  });

  test.each([
    [0, 1],
    [-3, 1],
    [2, 2.5],
    [-0.02, 0.02],
  ])('uniform from %d to %d', (low, high) => {
    for (const shape of [[20000], [200, 100], [10, 20, 100]]) {
      const got = values(init.uniform(low, high, type)(mx.zeros(shape)), shape, dtype);
      const own = unit * Math.max(1, (2 * Math.max(Math.abs(low), Math.abs(high))) / (high - low));
      expectUniform(got, low, high, own);
    }
  });

  describe.each(weights)('of shape %j', (shape, fanIn, fanOut) => {
    const a = mx.zeros(shape);

    test.each(gains)('Glorot with a gain of %d', (gain) => {
      const std = gain * Math.sqrt(2 / (fanIn + fanOut));
      expectNormal(values(init.glorotNormal(type)(a, gain), shape, dtype), 0, std, unit);
      const limit = gain * Math.sqrt(6 / (fanIn + fanOut));
      const even = values(init.glorotUniform(type)(a, { gain }), shape, dtype);
      expectUniform(even, -limit, limit, unit);
    });

    test.each(gains)('He with a gain of %d', (gain) => {
      for (const [mode, fan] of [
        ['fan_in', fanIn],
        ['fan_out', fanOut],
      ] as const) {
        const std = gain / Math.sqrt(fan);
        expectNormal(values(init.heNormal(type)(a, mode, gain), shape, dtype), 0, std, unit);
        const limit = gain * Math.sqrt(3 / fan);
        const even = values(init.heUniform(type)(a, { mode, gain }), shape, dtype);
        expectUniform(even, -limit, limit, unit);
      }
    });
  });

  test.each([0, 0.001, 0.3, 0.99, 1])('sparse with a share of %d', (share) => {
    const shape = [120, 200];
    for (const [mean, std] of [
      [0, 1],
      [2, 0.1],
    ] as const) {
      const got = values(init.sparse(share, mean, std, type)(mx.zeros(shape)), shape, dtype);
      const zeros = Math.ceil(share * 200);
      for (let row = 0; row < 120; ++row)
        expect(got.slice(row * 200, (row + 1) * 200).filter((x) => x === 0)).toHaveLength(zeros);
      const others = got.filter((x) => x !== 0);
      const own = unit * Math.max(1, mean / std);
      if (others.length > 10_000) expectNormal(others, mean, std, own);
    }
  });

  test.each(gains)('orthogonal with a gain of %d', (gain) => {
    for (const shape of [
      [8, 8],
      [5, 12],
      [12, 5],
      [1, 6],
      [1, 1],
    ] as const) {
      const [rows, columns] = shape;
      const q = values(init.orthogonal(gain, type)(mx.zeros([...shape])), [...shape], dtype);
      const at = (i: number, j: number) => q[i * columns + j]!;
      // The shorter side's vectors are orthogonal, and as long as the gain.
      const short = Math.min(rows, columns);
      for (let i = 0; i < short; ++i)
        for (let j = 0; j <= i; ++j) {
          let dot = 0;
          for (let k = 0; k < Math.max(rows, columns); ++k)
            dot += rows <= columns ? at(i, k) * at(j, k) : at(k, i) * at(k, j);
          expect(Math.abs(dot - (i === j ? gain ** 2 : 0))).toBeLessThan(gain ** 2 * 16 * unit);
        }
    }
  });
});

test('orthogonal matrices point everywhere, to both sides', () => {
  const drawn = Array.from({ length: 400 }, () => init.orthogonal()(mx.zeros([3, 3])));
  // An element is as often of each sign, and its square is a third in the mean.
  const all = mx.stack(drawn);
  const means = mx.mean(all, 0).tolist<number[][]>().flat();
  for (const mean of means) expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / 3 / 400));
  const squares = mx.mean(mx.square(all), 0).tolist<number[][]>().flat();
  // The variance of the square of a coordinate of the sphere is 1/5 - 1/9.
  for (const square of squares)
    expect(Math.abs(square - 1 / 3)).toBeLessThan(5 * Math.sqrt((1 / 5 - 1 / 9) / 400));
});
