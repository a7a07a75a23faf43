import * as mx from '@mlx/core';
import { testFixtures } from './fixtures.test-support';
import * as nn from './index';
import type { Pair } from './index';
import { layers } from './layers.test-support';

testFixtures('nn_layers', layers);

test('Upsample calls the function of its mode with its settings', () => {
  mx.random.seed(3);
  const x = mx.random.normal([2, 6, 4, 3]);
  const scale: Pair = [0.5, 1.5];
  for (const [mode, expected] of [
    ['nearest', nn.upsampleNearest(x, scale)],
    ['linear', nn.upsampleLinear(x, scale, true, true)],
    ['cubic', nn.upsampleCubic(x, scale, true, true)],
  ] as const)
    expect(new nn.Upsample(scale, mode, true, true)(x).tolist()).toEqual(expected.tolist());
  expect(() => new nn.Upsample(2, 'area' as 'cubic')).toThrow("'nearest', 'linear' or 'cubic'");
});

test('upsampling checks axes and scales', () => {
  expect(() => nn.upsampleLinear(mx.ones([4, 3]), 2)).toThrow(mx.ShapeError);
  expect(() => nn.upsampleNearest(mx.ones([1, 4, 4, 3]), [2])).toThrow('Expected 2 scale factors');
  expect(() => nn.upsampleCubic(mx.ones([1, 4, 3]), 0.1)).toThrow(RangeError);
  expect(() => nn.upsampleNearest(mx.ones([1, 4, 3]), NaN)).toThrow(RangeError);
});

test('pools check axes and windows', () => {
  expect(() => new nn.MaxPool1d(2)(mx.ones([1, 4, 4, 3]))).toThrow('[MaxPool1d]');
  expect(() => new nn.AvgPool3d(2)(mx.ones([1, 4, 4, 3]))).toThrow('3 spatial axes');
  expect(() => new nn.AvgPool2d([2, 5])(mx.ones([1, 4, 4, 3]))).toThrow('2x5');
  expect(() => new nn.MaxPool2d([2, 3, 4] as unknown as Pair)).toThrow(
    'a list of 2 of them, but got [2, 3, 4]',
  );
});

test('weights begin within the bounds of their layer', () => {
  const bounded = (a: mx.array, bound: number) => {
    const largest = mx.max(mx.abs(a)).item();
    expect(largest).toBeLessThanOrEqual(bound);
    // Of hundreds of evenly distributed numbers one comes near the bound.
    expect(largest).toBeGreaterThan(0.9 * bound);
  };
  mx.random.seed(4);
  bounded(new nn.Linear(16, 50).weight, 1 / 4);
  bounded(new nn.Bilinear(16, 3, 20).weight, 1 / 4);
  bounded(new nn.Conv1d(8, 50, 2).weight, 1 / 4);
  bounded(new nn.Conv2d(8, 52, [2, 4], 1, 0, 1, 4).weight, 1 / 4);
  bounded(new nn.Conv3d(2, 50, 2).weight, 1 / 4);
  bounded(new nn.ConvTranspose2d(4, 50, 2).weight, 1 / 4);
  const { weight } = new nn.Embedding(1000, 16);
  expect(mx.std(weight).item()).toBeCloseTo(1 / 4, 2);
});
