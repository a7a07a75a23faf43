import * as mx from '../index';

describe('limits of dtypes', () => {
  test.each([
    ['float16', 16, 65504, 2 ** -10, 2 ** -14],
    ['bfloat16', 16, 3.3895313892515355e38, 2 ** -7, 2 ** -126],
    ['float32', 32, 3.4028234663852886e38, 2 ** -23, 2 ** -126],
    ['float64', 64, Number.MAX_VALUE, Number.EPSILON, 2 ** -1022],
  ] as const)('%s', (name, bits, max, eps, smallestNormal) => {
    const dtype = mx[name];
    expect(mx.finfo(dtype)).toEqual({ dtype, bits, min: -max, max, eps, smallestNormal });
  });

  test('of complex numbers are those of their parts', () => {
    expect(mx.finfo(mx.complex64)).toEqual(mx.finfo(mx.float32));
    expect(mx.finfo(mx.complex64).dtype).toBe(mx.float32);
  });

  test('of integers', () => {
    const dtype = mx.uint64;
    expect(mx.iinfo(dtype)).toEqual({ dtype, bits: 64, min: 0, max: 2n ** 64n - 1n });
    expect(mx.iinfo(mx.int8)).toMatchObject({ bits: 8, min: -128, max: 127 });
    expect(() => mx.finfo(mx.int32)).toThrow(mx.DtypeError);
  });
});
