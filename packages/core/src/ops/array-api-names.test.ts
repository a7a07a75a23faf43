import * as mx from '../index';

const x = mx.array([0.25, 0.5, 0.75]);

describe('names of the array API standard', () => {
  test.each([
    ['acos', 'arccos'],
    ['asin', 'arcsin'],
    ['asinh', 'arcsinh'],
    ['atan', 'arctan'],
    ['atanh', 'arctanh'],
  ] as const)('%s is %s', (name, own) => {
    expect(mx[name](x).tolist()).toEqual(mx[own](x).tolist());
  });

  test.each([
    ['atan2', 'arctan2'],
    ['pow', 'power'],
  ] as const)('%s is %s', (name, own) => {
    expect(mx[name](x, 2).tolist()).toEqual(mx[own](x, 2).tolist());
    expect(() => mx[name](mx.ones([2]), mx.ones([3]))).toThrow(mx.ShapeError);
  });

  test('acosh, shifts and running totals', () => {
    expect(mx.acosh([1, 2]).tolist()).toEqual(mx.arccosh([1, 2]).tolist());
    const whole = mx.array([1, -8, 5], mx.int32);
    expect(mx.bitwiseLeftShift(whole, 3).tolist()).toEqual([8, -64, 40]);
    expect(mx.bitwiseRightShift(whole, 1).tolist()).toEqual([0, -4, 2]);
    expect(mx.cumulativeSum(whole, { reverse: true }).tolist()).toEqual([-2, -3, 5]);
    expect(mx.cumulativeProd(whole, 0, { dtype: mx.float32 }).dtype).toBe(mx.float32);
  });

  test('matrixTranspose and matrixNorm work on batches', () => {
    const a = mx.arange(12).reshape([2, 3, 2]);
    expect(mx.matrixTranspose(a).tolist()).toEqual(mx.swapaxes(a, -1, -2).tolist());
    expect(mx.matrixNorm(a, true).shape).toEqual([2, 1, 1]);
    const nuclear = mx.linalg.norm(a, 'nuc', [-2, -1]).tolist();
    expect(mx.matrixNorm(a, false, 'nuc').tolist()).toEqual(nuclear);
    expect(() => mx.matrixNorm(x)).toThrow('[matrixNorm] Expected at least 2 axes');
    expect(() => mx.matrixTranspose(x)).toThrow('[matrixTranspose] Expected at least 2 axes');
  });

  test('empty arrays, DLPack and the version', () => {
    expect(mx.empty([2], mx.int8).tolist()).toEqual([0, 0]);
    expect(mx.emptyLike(mx.ones([2, 1])).shape).toEqual([2, 1]);
    expect(() => mx.fromDlpack({})).toThrow('[fromDlpack] JavaScript has no DLPack capsules');
    expect(mx.__version__).toMatch(/^\d+\.\d+\.\d+/);
    expect(() => mx.broadcastShapes()).toThrow('[broadcastShapes] Expected at least one shape');
  });
});
