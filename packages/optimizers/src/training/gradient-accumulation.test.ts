import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { GradientAccumulation } from '../index';

test('the mean of parts is the gradient of the whole', () => {
  const model = new nn.Linear(3, 2);
  const gradientsOf = nn.valueAndGrad(model, (x: mx.array) => mx.mean(model(x).square()));
  const x = mx.random.normal([12, 3]);
  const [, whole] = gradientsOf(x);
  const accumulation = new GradientAccumulation(4);
  const means = mx.split(x, 4).map((part) => accumulation.add(gradientsOf(part)[1]));
  expect(means.slice(0, 3)).toEqual([null, null, null]);
  expect(
    mx.allclose((means[3] as { weight: mx.array }).weight, whole.weight as mx.array).item(),
  ).toBe(true);
  // And begins anew.
  expect(accumulation.add(whole)).toBeNull();
});

test('small gradients of half precision add up', () => {
  for (const dtype of [mx.float16, mx.bfloat16]) {
    const accumulation = new GradientAccumulation(1001);
    let mean = accumulation.add({ g: mx.array([1024], dtype) });
    for (let i = 0; i < 1000; ++i) mean = accumulation.add({ g: mx.array([0.25], dtype) });
    expect(mean!.g.dtype).toBe(dtype);
    expect(Math.abs(mean!.g.item() / (1274 / 1001) - 1)).toBeLessThan(2 ** -8);
  }
});

test('a compiled function can not count', () => {
  const accumulation = new GradientAccumulation(2);
  const step = mx.compile((g: mx.array) => (accumulation.add({ g }), g));
  expect(() => step(mx.ones([1]))).toThrow(/^\[GradientAccumulation.add\] It counts the batches/);
});
