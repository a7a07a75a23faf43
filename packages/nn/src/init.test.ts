import * as mx from '@mlx/core';
import * as nn from './index';

const { init } = nn;
const [rows, columns] = [300, 200];
const matrix = mx.zeros([rows, columns]);
// Of a kernel [out, ...kernel, in]: fanIn = 3 * 5 * 20 and fanOut = 40 * 3 * 5.
const kernel = mx.zeros([40, 3, 5, 20]);

beforeEach(() => mx.random.seed(20));

const moments = (a: mx.array) => [mx.mean(a).item(), mx.std(a).item()] as const;

/** Five standard errors of the mean and of the standard deviation of normal numbers. */
function expectNormal(a: mx.array, mean: number, std: number): void {
  const [gotMean, gotStd] = moments(a);
  expect(Math.abs(gotMean - mean)).toBeLessThan((5 * std) / Math.sqrt(a.size));
  expect(Math.abs(gotStd - std)).toBeLessThan((5 * std) / Math.sqrt(2 * a.size));
  expect(mx.max(mx.abs(mx.subtract(a, mean))).item()).toBeGreaterThan(3 * std);
}

function expectUniform(a: mx.array, low: number, high: number): void {
  const width = high - low;
  const [mean, std] = moments(a);
  expect(mx.min(a).item()).toBeGreaterThanOrEqual(Math.fround(low));
  expect(mx.max(a).item()).toBeLessThanOrEqual(Math.fround(high));
  const error = (5 * width) / Math.sqrt(12 * a.size);
  expect(Math.abs(mean - (low + high) / 2)).toBeLessThan(error);
  // The standard deviation's own error is smaller than the mean's.
  expect(Math.abs(std - width / Math.sqrt(12))).toBeLessThan(error);
}

test('constant, identity', () => {
  expect(
    init
      .constant(3)(mx.zeros([2, 1]))
      .tolist(),
  ).toEqual([[3], [3]]);
  expect(
    init
      .identity()(mx.zeros([2, 2]))
      .tolist(),
  ).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(() => init.identity()(mx.zeros([2, 3]))).toThrow('square matrix');
  expect(() => init.identity()(mx.zeros([2]))).toThrow(mx.ShapeError);
});

test('normal and uniform have their moments', () => {
  expectNormal(init.normal()(matrix), 0, 1);
  expectNormal(init.normal(2, 0.1)(matrix), 2, 0.1);
  expectUniform(init.uniform()(matrix), 0, 1);
  expectUniform(init.uniform(-3, 1)(matrix), -3, 1);
});

test('glorot counts both sides of the weight', () => {
  expectNormal(init.glorotNormal()(matrix), 0, Math.sqrt(2 / (rows + columns)));
  expectNormal(init.glorotNormal()(kernel, 3), 0, 3 * Math.sqrt(2 / 900));
  const limit = Math.sqrt(6 / (rows + columns));
  expectUniform(init.glorotUniform()(matrix), -limit, limit);
  const wide = 0.5 * Math.sqrt(6 / 900);
  expectUniform(init.glorotUniform()(kernel, 0.5), -wide, wide);
});

test('he counts one side of the weight', () => {
  expectNormal(init.heNormal()(matrix), 0, 1 / Math.sqrt(columns));
  expectNormal(init.heNormal()(matrix, 'fan_out', 2), 0, 2 / Math.sqrt(rows));
  const [into, out] = [Math.sqrt(3 / 300), 2 * Math.sqrt(3 / 600)];
  expectUniform(init.heUniform()(kernel), -into, into);
  expectUniform(init.heUniform()(kernel, 'fan_out', 2), -out, out);
  expect(() => init.heUniform()(matrix, 'fan' as 'fan_in')).toThrow("'fan_in' or 'fan_out'");
});

test('weights of one axis have no two sides', () => {
  for (const make of [init.glorotNormal, init.glorotUniform, init.heNormal, init.heUniform])
    expect(() => make()(mx.zeros([3]))).toThrow('at least two axes');
});

test.each([
  [0, 0],
  [0.3, 60],
  [0.001, 1],
  [1, 200],
])('sparse with a share of %d has %d zeros in each row', (share, zeros) => {
  const a = init.sparse(share, 0, 0.1)(matrix);
  const counts = mx.sum(mx.equal(a, 0), 1).tolist<number[]>();
  expect(counts).toEqual(new Array(rows).fill(zeros));
  if (share === 0) expectNormal(a, 0, 0.1);
  // The zeros are spread evenly over the columns: within five standard deviations.
  const perColumn = mx.sum(mx.equal(a, 0), 0).tolist<number[]>();
  const p = zeros / columns;
  for (const count of perColumn)
    expect(Math.abs(count - rows * p)).toBeLessThanOrEqual(
      5 * Math.sqrt(rows * p * (1 - p)) + 5 * p,
    );
  expect(() => init.sparse(share)(kernel)).toThrow(mx.ShapeError);
});

test('initialisers make the dtype they are asked for, of the shape they are given', () => {
  const a = mx.zeros([4, 4]);
  for (const make of [
    init.constant(1, mx.float16),
    init.normal(0, 1, mx.float16),
    init.uniform(0, 1, mx.float16),
    init.identity(mx.float16),
    init.glorotNormal(mx.float16),
    init.glorotUniform(mx.float16),
    init.heNormal(mx.float16),
    init.heUniform(mx.float16),
    init.sparse(0.5, 0, 1, mx.float16),
  ]) {
    const made = make(a);
    expect(made.dtype).toBe(mx.float16);
    expect(made.shape).toEqual([4, 4]);
  }
});
