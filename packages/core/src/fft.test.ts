import { argumentsOf, checkResult, type Core } from '../../../fixtures/check';
import { loadFixtures, type Case } from '../../../fixtures/load';
import * as mx from './index';

const fixtures = loadFixtures('fft');
const core = mx as unknown as Core;
const functions = mx.fft as unknown as Record<string, (...args: unknown[]) => mx.array>;

const byFunction = new Map<string, Case[]>();
for (const test of fixtures.cases)
  byFunction.set(test.function, [...(byFunction.get(test.function) ?? []), test]);

describe('fft', () => {
  test.each([...byFunction])('%s agrees with SciPy', (name, cases) => {
    for (const test of cases) {
      const args = argumentsOf(core, fixtures, test.args);
      if (test.options) args.push(test.options);
      checkResult(core, fixtures, test, functions[name]!(...args));
    }
  });

  test('is complete', () => {
    expect(Object.keys(mx.fft).sort()).toEqual([...byFunction.keys()].sort());
    expect(byFunction.size).toBe(16);
  });

  test('reads its arguments by place, by name and from lists', () => {
    const x = mx.random.uniform(-1, 1, [4, 6]);
    const same = (a: mx.array, b: mx.array): boolean => mx.arrayEqual(a, b).item<boolean>();
    expect(same(mx.fft.fft(x, 5, 0), mx.fft.fft(x, { n: 5, axis: 0 }))).toBe(true);
    expect(same(mx.fft.fft(x, null, 0), mx.fft.fft(x, { axis: 0 }))).toBe(true);
    expect(
      same(mx.fft.fft(x, 5, 0, { norm: 'ortho' }), mx.fft.fft(x, { n: 5, axis: 0, norm: 'ortho' })),
    ).toBe(true);
    expect(same(mx.fft.rfftn(x, null, [0]), mx.fft.rfft(x, null, 0))).toBe(true);
    expect(same(mx.fft.fftn(x, [3]), mx.fft.fft(x, 3))).toBe(true);
    expect(same(mx.fft.fft2(x, null, null, mx.cpu), mx.fft.fftn(x))).toBe(true);
    expect(mx.fft.irfft(x, 9).shape).toEqual([4, 9]);
    expect(mx.fft.rfft([1, 2, 3]).shape).toEqual([2]);
  });

  test('axes of null are all of them, or as many as there are lengths', () => {
    const a = mx.random.normal([3, 4, 5], { key: mx.random.key(0) });
    const names = ['fft2', 'ifft2', 'rfft2', 'fftn', 'ifftn', 'rfftn'] as const;
    for (const name of names) {
      const whole = mx.fft[name](a, null, [0, 1, 2]).tolist();
      expect(mx.fft[name](a, null, null).tolist()).toEqual(whole);
      expect(mx.fft[name](a, { axes: null }).tolist()).toEqual(whole);
      const last = mx.fft[name](a, [4, 4], [-2, -1]).tolist();
      expect(mx.fft[name](a, [4, 4], null).tolist()).toEqual(last);
    }
    expect(mx.fft.fft2(a).tolist()).toEqual(mx.fft.fft2(a, null, [-2, -1]).tolist());
  });

  test('half types are computed in float32', () => {
    for (const dtype of [mx.float16, mx.bfloat16, mx.float64, mx.int8]) {
      const x = mx.array([1, 2, 3, 4], dtype);
      expect(mx.fft.fft(x).dtype).toBe(mx.complex64);
      expect(mx.fft.irfft(x).dtype).toBe(mx.float32);
      expect(mx.fft.rfft(x).real.tolist()).toEqual([10, -2, -2]);
    }
  });

  test('gradients go through', () => {
    const energy = (x: mx.array): mx.array => mx.fft.rfft(x).abs().square().sum();
    // Parseval: rows 1 to n / 2 - 1 count once of twice.
    const gradient = mx.grad(energy)(mx.array([1, 0, 0, 0]));
    expect(gradient.tolist()).toEqual([6, 0, 2, 0]);
  });

  test('refuses bad arguments', () => {
    const x = mx.zeros([4, 2]);
    expect(() => mx.fft.fft(x, 0)).toThrow('[fft.fft] Expected lengths of at least 1, but got 0');
    expect(() => mx.fft.fft(x, null, 2)).toThrow(RangeError);
    expect(() => mx.fft.fft2([1, 2])).toThrow(RangeError);
    expect(() => mx.fft.fftn(x, [1, 2, 3])).toThrow(RangeError);
    expect(() => mx.fft.fftn(x, [4], [0, 1])).toThrow('[fft.fftn] Expected a length for each axis');
    expect(() => mx.fft.fftn(x, null, [0, 0])).toThrow('An axis stands twice');
    expect(() => mx.fft.fftn(1)).toThrow('Expected at least one axis');
    expect(() => mx.fft.rfft(x.astype(mx.complex64))).toThrow(mx.DtypeError);
    expect(() => mx.fft.irfft(mx.zeros([1]))).toThrow('[fft.irfft]');
    expect(() => mx.fft.fft(x, { norm: 'both' as mx.fft.FftNorm })).toThrow(
      "[fft.fft] norm must be 'backward', 'ortho' or 'forward', but got 'both'.",
    );
    expect(() => mx.fft.fft(x, 1.5)).toThrow(TypeError);
    expect(() => mx.fft.fft(x, 2 ** 40)).toThrow(RangeError);
    expect(() => mx.fft.fftfreq(0)).toThrow('[fft.fftfreq]');
    expect(() => mx.fft.fftfreq(2.5)).toThrow(TypeError);
    expect(() => mx.fft.rfftfreq(4, 0)).toThrow('[fft.rfftfreq]');
  });
});
