import { argumentsOf, checkResult, type Core } from '../../../fixtures/check';
import { loadFixtures } from '../../../fixtures/load';
import * as mx from './index';

const fixtures = loadFixtures('fast');
const core = mx as unknown as Core;
const functions = mx.fast as unknown as Record<string, (...args: unknown[]) => mx.array>;

test.each(fixtures.cases.map((one, i) => [`${i}: ${one.function}`, one] as const))(
  '%s agrees with PyTorch',
  (_, one) => {
    const args = argumentsOf(core, fixtures, one.args);
    if (one.options) args.push(one.options);
    checkResult(core, fixtures, one, functions[one.function]!(...args));
  },
);

function close(a: mx.array, b: mx.array): boolean {
  return mx.allclose(a, b, 1e-4, 1e-5).item<boolean>();
}

describe('arguments of the fast layers', () => {
  const x = mx.random.normal([2, 3, 4], { key: mx.random.key(1) });

  test('norms take null, lists and options', () => {
    const ones = mx.ones([4]);
    expect(close(mx.fast.rmsNorm(x, null, 1e-5), mx.fast.rmsNorm(x, ones, 1e-5))).toBe(true);
    expect(close(mx.fast.rmsNorm(x, { eps: 1e-5 }), mx.fast.rmsNorm(x, ones, 1e-5))).toBe(true);
    const options = { weight: [1, 1, 1, 1], bias: null, eps: 1e-5 };
    expect(close(mx.fast.layerNorm(x, options), mx.fast.layerNorm(x, null, null, 1e-5))).toBe(true);
    const half = x.astype(mx.float16);
    expect(mx.fast.layerNorm(half, [1, 1, 1, 1], null, 1e-5).dtype).toBe(mx.float16);
    expect(() => mx.fast.rmsNorm(x, mx.ones([3]), 1e-5)).toThrow(mx.ShapeError);
    expect(() => mx.fast.rmsNorm(x, {} as { eps: number })).toThrow(/eps is required/);
    expect(() => mx.fast.layerNorm(mx.ones([3], mx.int32), null, null, 1e-5)).toThrow(
      mx.DtypeError,
    );
  });

  test('rope takes positions, options, and an offset for each row', () => {
    const whole = mx.fast.rope(x, 4, false, 10000, 1, 2);
    expect(close(whole, mx.fast.rope(x, 4, { base: 10000, offset: 2 }))).toBe(true);
    expect(
      close(whole, mx.fast.rope(x, 4, { base: 10000, offset: mx.array([2, 2], mx.int32) })),
    ).toBe(true);
    expect(close(whole, mx.fast.rope(x, 4, { base: null, freqs: [1, 100], offset: 2 }))).toBe(true);
    expect(() => mx.fast.rope(x, 4)).toThrow(/Exactly one of base and freqs/);
    expect(() => mx.fast.rope(x, 4, { base: 10, offset: 0.5 })).toThrow(mx.DtypeError);
    expect(() => mx.fast.rope(x, 5, { base: 10 })).toThrow(/dims must be even/);
  });

  test('attention takes a mode, a mask or none', () => {
    const q = mx.expandDims(x, 0);
    const whole = mx.fast.scaledDotProductAttention(q, q, q, 0.5);
    const all = mx.ones([3, 3], mx.bool_);
    expect(close(whole, mx.fast.scaledDotProductAttention(q, q, q, 0.5, all))).toBe(true);
    expect(
      close(
        whole,
        mx.fast.scaledDotProductAttention(q, q, q, { scale: 0.5, mask: null, forceFused: true }),
      ),
    ).toBe(true);
    const low = mx.tri(3, 3, 0, mx.bool_);
    expect(
      close(
        mx.fast.scaledDotProductAttention(q, q, q, 0.5, 'causal'),
        mx.fast.scaledDotProductAttention(q, q, q, { scale: 0.5, mask: low }),
      ),
    ).toBe(true);
    expect(() => mx.fast.scaledDotProductAttention(q, q, q, 0.5, 'square' as 'causal')).toThrow(
      /square/,
    );
    expect(() => mx.fast.scaledDotProductAttention(x, x, x, 0.5)).toThrow(mx.ShapeError);
  });

  test('gradients reach all arrays', () => {
    const q = mx.expandDims(x, 0);
    const loss = (a: mx.array, b: mx.array, c: mx.array): mx.array =>
      mx.fast.scaledDotProductAttention(a, b, c, { scale: 0.5, mask: 'causal' }).square().sum();
    const gradients = mx.grad(loss, [0, 1, 2])(q, q, q) as mx.array[];
    expect(gradients.map((one) => one.shape)).toEqual([q.shape, q.shape, q.shape]);
    expect(gradients.every((one) => mx.all(mx.isfinite(one)).item<boolean>())).toBe(true);
  });

  test('8k tokens take no memory for scores', () => {
    const q = mx.random.normal([1, 1, 8192, 8]);
    mx.eval(q);
    mx.clearCache();
    const before = mx.getActiveMemory();
    mx.resetPeakMemory();
    mx.eval(mx.fast.scaledDotProductAttention(q, q, q, { scale: 1, mask: 'causal' }));
    expect(mx.getPeakMemory() - before).toBeLessThan(8 << 20);
  });
});
