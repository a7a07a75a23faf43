import * as mx from './index';

describe('random', () => {
  test('keys', () => {
    expect(mx.random.key(0).tolist()).toEqual([0, 0]);
    expect(mx.random.key(2 ** 32 + 5).tolist()).toEqual([1, 5]);
    expect(() => mx.random.key(-1)).toThrow(RangeError);
    const [a, b] = mx.random.split(mx.random.key(1));
    expect(a!.tolist()).not.toEqual(b!.tolist());
  });

  test('seeds of 64 bits', () => {
    expect(mx.random.key(2n ** 60n + 5n).tolist()).toEqual([2 ** 28, 5]);
    expect(mx.random.key(2n ** 64n - 1n).tolist()).toEqual([2 ** 32 - 1, 2 ** 32 - 1]);
    expect(mx.random.key(2 ** 40 + 1).tolist()).toEqual([256, 1]);
    mx.random.seed(2n ** 60n);
    expect(mx.random.state[0]!.tolist()).toEqual([2 ** 28, 0]);
    for (const bad of [-1, 0.5, 2 ** 53, NaN, -1n, 2n ** 64n])
      expect(() => mx.random.seed(bad)).toThrow(/^\[random.seed\] A seed is an integer/);
    expect(() => mx.random.key('1' as never)).toThrow(TypeError);
  });

  test.each([
    ['uint8', 0, 256],
    ['uint8', 255, 256],
    ['int8', -128, 128],
    ['uint16', 65000, 65536],
    ['int32', -(2 ** 31), 2 ** 31],
    ['uint32', 0, 2 ** 32],
    ['int64', -(2n ** 63n), 2n ** 63n - 1n],
    ['int64', 2n ** 62n, 2n ** 63n],
    ['uint64', 0, 2n ** 64n - 1n],
  ] as const)('randint of %s from %s below %s', (name, low, high) => {
    const drawn = mx.random.randint(low, high, [1000], mx[name]);
    expect(drawn.dtype).toBe(mx[name]);
    const values = drawn.tolist<(number | bigint)[]>().map(BigInt);
    expect(values.every((one) => one >= BigInt(low) && one < BigInt(high))).toBe(true);
  });

  test('randint gives the lower end of an empty range', () => {
    expect(mx.random.randint(5, 2, [3]).tolist()).toEqual([5, 5, 5]);
    expect(mx.random.randint(0, 0, [2], mx.uint8).tolist()).toEqual([0, 0]);
    expect(mx.random.randint(10, -10, [2]).tolist()).toEqual([10, 10]);
  });

  test('uniform and normal numbers of half types are within their ranges', () => {
    for (const dtype of [mx.float16, mx.bfloat16]) {
      const drawn = mx.random.uniform(0, 1, [200_000], dtype);
      expect(drawn.max().item()).toBeLessThan(1);
      expect(drawn.min().item()).toBeGreaterThanOrEqual(0);
      expect(
        mx
          .isfinite(mx.random.normal([200_000], dtype))
          .all()
          .item(),
      ).toBe(true);
    }
  });

  test.each<[number, number]>([
    [3, Infinity],
    [-Infinity, -3],
    [1, Infinity],
    [-Infinity, Infinity],
    [-1, 2],
    [2.5, 3],
    [2, 60000],
    [5, Infinity],
    [8, 9],
    [-60000, -100],
    [300, 300],
  ])('truncatedNormal between %s and %s', (lower, upper) => {
    for (const dtype of [mx.float16, mx.bfloat16, mx.float32, mx.float64]) {
      const draw = (...bounds: mx.array[]): mx.array =>
        mx.random.truncatedNormal(bounds[0]!, bounds[1]!, [100_000], dtype, mx.random.key(3));
      const bounds = [lower, upper].map((bound) => mx.array(bound));
      const drawn = draw(...bounds);
      expect(drawn.dtype).toBe(dtype);
      expect(mx.isfinite(drawn).all().item()).toBe(true);
      const [low, high] = bounds.map((bound) => bound.astype(dtype));
      expect(drawn.less(low!).any().item()).toBe(false);
      expect(drawn.greater(high!).any().item()).toBe(false);
      expect(mx.arrayEqual(mx.compile(draw)(...bounds), drawn).item()).toBe(true);
    }
  });

  // E[x | x > a] is phi(a) / Q(a): 3.28310 beyond 3, 1.52514 beyond 1. Half types round to 2^-9 of it.
  test.each([
    [3, 3.2831],
    [1, 1.52514],
  ])('the mean of half numbers beyond %s', (lower, mean) => {
    for (const dtype of [mx.float16, mx.bfloat16]) {
      const drawn = mx.random.truncatedNormal(lower, Infinity, [100_000], dtype);
      expect(Math.abs(drawn.astype(mx.float32).mean().item<number>() - mean)).toBeLessThan(0.02);
    }
  });

  test('uniform between bounds whose difference is infinite', () => {
    for (const [dtype, bound] of [
      [mx.float16, 65504],
      [mx.bfloat16, 3.38e38],
      [mx.float32, 3.4e38],
    ] as const) {
      const drawn = mx.random.uniform(-bound, bound, [100_000], dtype).astype(mx.float64);
      // bfloat16 has steps of 2^-8 there.
      expect(drawn.max().item<number>() / bound).toBeGreaterThan(0.99);
      expect(drawn.min().item<number>() / bound).toBeLessThan(-0.99);
      expect(Math.abs(drawn.divide(bound).mean().item<number>())).toBeLessThan(0.01);
    }
  });

  test('gumbel and laplace numbers are finite', () => {
    for (const dtype of [mx.float16, mx.bfloat16, mx.float32, mx.float64])
      for (const draw of [mx.random.gumbel, mx.random.laplace])
        expect(
          mx
            .isfinite(draw({ shape: [1_000_000], dtype }))
            .all()
            .item(),
        ).toBe(true);
  });

  test('probabilities are floating, vectors of normal numbers float32', () => {
    for (const p of [mx.array([1, 0], mx.int32), mx.array([true])])
      expect(() => mx.random.bernoulli(p)).toThrow(mx.DtypeError);
    for (const dtype of [mx.float16, mx.bfloat16])
      expect(() => mx.random.multivariateNormal([0], [[1]], [2], dtype)).toThrow(mx.DtypeError);
  });

  test('one key gives the same numbers, the sequence others', () => {
    const key = mx.random.key(9);
    const a = mx.random.normal([4], { key });
    expect(mx.random.normal([4], { key }).tolist()).toEqual(a.tolist());
    mx.random.seed(4);
    const first = mx.random.uniform(0, 1, [3]).tolist();
    expect(mx.random.uniform(0, 1, [3]).tolist()).not.toEqual(first);
    mx.random.seed(4);
    expect(mx.random.uniform(0, 1, [3]).tolist()).toEqual(first);
  });

  test('the state can be saved and restored', () => {
    mx.random.seed(5);
    const state = mx.random.state;
    const a = mx.random.uniform().item();
    mx.random.state = state;
    expect(mx.random.uniform().item()).toBe(a);
  });

  test('parameters', () => {
    expect(
      mx.random
        .uniform({ low: 5, high: 6, shape: [10] })
        .min()
        .item(),
    ).toBeGreaterThanOrEqual(5);
    expect(mx.random.normal([2], mx.float16).dtype).toBe(mx.float16);
    expect(mx.random.randint(0, 5, [20]).dtype).toBe(mx.int32);
    expect(mx.random.bernoulli(0, [4]).tolist()).toEqual([false, false, false, false]);
    expect(mx.random.bernoulli(mx.array([0, 1])).tolist()).toEqual([false, true]);
    expect(mx.random.categorical(mx.zeros([2, 3]), { numSamples: 7 }).shape).toEqual([2, 7]);
    expect(mx.random.permutation(mx.arange(4)).sum().item()).toBe(6);
    expect(mx.random.truncatedNormal(0, 1, [10]).min().item()).toBeGreaterThanOrEqual(0);
    expect(mx.random.laplace([3]).shape).toEqual([3]);
    expect(mx.random.gumbel([3]).shape).toEqual([3]);
    expect(() => mx.random.categorical(mx.zeros([3]), { shape: [2], numSamples: 2 })).toThrow(
      TypeError,
    );
  });
});
