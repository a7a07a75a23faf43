import { argumentsOf, checkResult, type Core } from '../../../../fixtures/check';
import { loadFixtures } from '../../../../fixtures/load';
import * as mx from '../index';

const fixtures = loadFixtures('quantized');
const core = mx as unknown as Core & Record<string, (...args: unknown[]) => unknown>;

test.each(fixtures.cases.map((one, i) => [`${i}: ${one.function}`, one] as const))(
  '%s agrees with its definition',
  (_, one) => {
    const args = argumentsOf(core, fixtures, one.args);
    if (one.options) args.push(one.options);
    // quantize/1 is the second of several results.
    const [name, part] = one.function.split('/');
    const result = core[name!]!(...args);
    const value = part === undefined ? result : (result as mx.array[])[Number(part)];
    checkResult(core, fixtures, one, value as mx.array);
  },
);

function close(a: mx.array, b: mx.array): boolean {
  return mx.allclose(a, b, 1e-4, 1e-4).item<boolean>();
}

describe('arguments of quantized operations', () => {
  const w = mx.random.normal([2, 6, 64], { key: mx.random.key(1) });
  const x = mx.random.normal([2, 3, 64], { key: mx.random.key(2) });

  test('positions, options and names of the older spelling', () => {
    const [codes, scales, biases] = mx.quantize(w, 32, 8);
    expect(codes.dtype).toBe(mx.uint32);
    const same = mx.quantize(w, { groupSize: 32, bits: 8, mode: 'affine' });
    expect(mx.arrayEqual(codes, same[0]).item()).toBe(true);
    const numbers = mx.dequantize(codes, scales, biases, 32, 8);
    const options = { biases, groupSize: 32, bits: 8 };
    expect(close(numbers, mx.dequantize(codes, scales, options))).toBe(true);
    expect(mx.dequantize(codes, scales, { ...options, dtype: mx.float16 }).dtype).toBe(mx.float16);
    const product = mx.quantizedMatmul(x, codes, scales, biases, true, 32, 8);
    expect(close(product, mx.matmul(x, mx.swapaxes(numbers, 1, 2)))).toBe(true);
    expect(close(product, mx.quantizedMatmul(x, codes, scales, options))).toBe(true);
    const chosen = mx.gatherQmm(x, codes, scales, biases, [1, 0], [0, 0], true, 32, 8);
    const gathered = { ...options, lhsIndices: [1, 0], rhsIndices: mx.zeros([2], mx.int32) };
    expect(close(chosen, mx.gatherQMM(x, codes, scales, gathered))).toBe(true);
  });

  test('two results in the modes of small floating numbers', () => {
    expect(mx.quantize(w, { mode: 'mxfp8' }).length).toBe(2);
    const [codes, scales] = mx.quantize(w.index(0), { mode: 'nvfp4', globalScale: w.abs().max() });
    const globalScaleW = w.abs().max();
    const product = mx.qqmm(x.index(0), codes, scales, { globalScaleW });
    expect(product.shape).toEqual([3, 6]);
    // The same numbers, rounded on the fly.
    expect(close(product, mx.qqmm(x.index(0), w.index(0), { globalScaleW }))).toBe(true);
  });

  test('errors say what was received', () => {
    const [codes, scales, biases] = mx.quantize(w);
    expect(() => mx.quantize(w, 16)).toThrow(/group sizes 32, 64 and 128, not 16/);
    expect(() => mx.quantize(w, { mode: 'fp4' as 'mxfp4' })).toThrow(/Unknown mode 'fp4'/);
    expect(() => mx.quantize(mx.ones([2, 40]))).toThrow(mx.ShapeError);
    expect(() => mx.quantize(mx.ones([2, 64], mx.int32))).toThrow(mx.DtypeError);
    expect(() => mx.quantizedMatmul(mx.ones([1, 32]), codes, scales, biases)).toThrow(
      mx.ShapeError,
    );
    expect(() => mx.eval(mx.gatherQmm(x, codes, scales, biases, null, [7, 0]))).toThrow(
      mx.EngineError,
    );
    expect(() => mx.hadamardTransform(mx.ones([6]))).toThrow(mx.ShapeError);
  });

  test('gradients pass through quantized products', () => {
    const [codes, scales, biases] = mx.quantize(w.index(0));
    const loss = (a: mx.array): mx.array =>
      mx.quantizedMatmul(a, codes, scales, biases).square().sum();
    const plain = (a: mx.array): mx.array =>
      mx
        .matmul(a, mx.dequantize(codes, scales, biases).T)
        .square()
        .sum();
    const a = x.index(0);
    expect(close(mx.grad(loss)(a) as mx.array, mx.grad(plain)(a) as mx.array)).toBe(true);
  });
});
