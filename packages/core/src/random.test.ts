import * as mx from './index';

describe('random', () => {
  test('keys', () => {
    expect(mx.random.key(0).tolist()).toEqual([0, 0]);
    expect(mx.random.key(2 ** 32 + 5).tolist()).toEqual([1, 5]);
    expect(() => mx.random.key(-1)).toThrow(RangeError);
    const [a, b] = mx.random.split(mx.random.key(1));
    expect(a!.tolist()).not.toEqual(b!.tolist());
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
