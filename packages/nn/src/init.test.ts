import * as mx from '@mlx/core';
import { init } from './index';

const large = mx.zeros([300, 200]);
const kernel = mx.zeros([64, 3, 5, 32]);

function mean(a: mx.array): number {
  return mx.mean(a).item() as number;
}
function deviation(a: mx.array): number {
  return mx.std(a).item() as number;
}
function largest(a: mx.array): number {
  return mx.max(mx.abs(a)).item() as number;
}

/** The mean and deviation of a distribution about zero, within what chance allows. */
function expectSpread(a: mx.array, std: number): void {
  expect(Math.abs(mean(a))).toBeLessThan((5 * std) / Math.sqrt(a.size));
  expect(Math.abs(deviation(a) / std - 1)).toBeLessThan(0.03);
}

/** Evenly within a limit, which is all but reached. */
function expectUniform(a: mx.array, limit: number): void {
  expectSpread(a, limit / Math.sqrt(3));
  expect(largest(a)).toBeLessThanOrEqual(limit * (1 + 1e-6));
  expect(largest(a)).toBeGreaterThan(0.99 * limit);
}

describe('init', () => {
  beforeEach(() => mx.random.seed(3));

  test('constant and identity', () => {
    expect(
      init
        .constant(2)(mx.zeros([2, 2]))
        .tolist(),
    ).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(init.constant(2, mx.int32)(mx.zeros([0])).dtype).toBe(mx.int32);
    expect(
      init
        .identity()(mx.ones([3, 3]))
        .tolist(),
    ).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });

  test('normal and uniform', () => {
    const a = init.normal(4, 0.5)(large);
    expect(a.shape).toEqual([300, 200]);
    expectSpread(mx.subtract(a, 4), 0.5);
    expectUniform(mx.subtract(init.uniform(1, 5)(large), 3), 2);
    expect(mx.min(init.uniform()(large)).item()).toBeGreaterThanOrEqual(0);
  });

  test('glorot keeps to its formulas', () => {
    expectSpread(init.glorotNormal()(large), Math.sqrt(2 / 500));
    expectSpread(init.glorotNormal()(large, 3), 3 * Math.sqrt(2 / 500));
    expectUniform(init.glorotUniform()(large), Math.sqrt(6 / 500));
    expectUniform(init.glorotUniform()(kernel, 0.5), 0.5 * Math.sqrt(6 / (15 * (64 + 32))));
  });

  test('he keeps to its formulas', () => {
    expectSpread(init.heNormal()(large), 1 / Math.sqrt(200));
    expectSpread(init.heNormal()(large, 'fan_out', 2), 2 / Math.sqrt(300));
    expectUniform(init.heUniform()(large), Math.sqrt(3 / 200));
    expectUniform(init.heUniform()(kernel, 'fan_in'), Math.sqrt(3 / (15 * 32)));
    expectUniform(init.heUniform()(kernel, 'fan_out', 2), 2 * Math.sqrt(3 / (15 * 64)));
  });

  test('sparse has the zeros it says in every row', () => {
    for (const [share, zeros] of [
      [0, 0],
      [0.3, 60],
      [0.301, 61],
      [1, 200],
    ] as const) {
      const a = init.sparse(share, 0, 2)(large);
      const counts = mx.sum(mx.equal(a, 0), 1).tolist() as number[];
      expect(new Set(counts)).toEqual(new Set([zeros]));
      if (share < 1) expectSpread(a, 2 * Math.sqrt(1 - zeros / 200));
    }
    expect(init.sparse(0.5)(mx.zeros([0, 4])).shape).toEqual([0, 4]);
  });

  test('dtypes', () => {
    const a = mx.zeros([4, 4]);
    const all = [
      init.constant(1, mx.float16),
      init.normal(0, 1, mx.float16),
      init.uniform(0, 1, mx.float16),
      init.identity(mx.float16),
      init.glorotNormal(mx.float16),
      init.glorotUniform(mx.float16),
      init.heNormal(mx.float16),
      init.heUniform(mx.float16),
      init.sparse(0.5, 0, 1, mx.float16),
    ];
    for (const one of all) {
      expect(one(a).dtype).toBe(mx.float16);
      expect(one(a).shape).toEqual([4, 4]);
    }
  });

  test('shapes and options that make no sense are refused', () => {
    expect(() => init.identity()(mx.zeros([2, 3]))).toThrow(mx.ShapeError);
    expect(() => init.identity()(mx.zeros([2]))).toThrow('got shape (2)');
    expect(() => init.glorotNormal()(mx.zeros([2]))).toThrow('[init.glorotNormal]');
    expect(() => init.glorotUniform()(mx.zeros([]))).toThrow(mx.ShapeError);
    expect(() => init.heNormal()(mx.zeros([2]))).toThrow(mx.ShapeError);
    expect(() => init.heUniform()(large, 'fan' as 'fan_in')).toThrow(TypeError);
    expect(() => init.sparse(0.5)(mx.zeros([2]))).toThrow(mx.ShapeError);
    expect(() => init.sparse(1.5)).toThrow(RangeError);
    expect(() => init.sparse(NaN)).toThrow(RangeError);
  });
});
