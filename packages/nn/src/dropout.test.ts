import * as mx from '@mlx/core';
import * as nn from './index';

beforeEach(() => mx.random.seed(30));

const dtypes = [mx.float32, mx.float16, mx.bfloat16];

test.each([0.1, 0.25, 0.5, 0.9])('a share of %d is dropped, and the rest scaled', (p) => {
  for (const dtype of dtypes) {
    const y = new nn.Dropout(p)(mx.full([200, 50], 3, dtype));
    expect(y.dtype).toBe(dtype);
    const values = new Set(mx.astype(y, mx.float32).flatten().tolist<number[]>());
    expect(values.size).toBe(2);
    // Two roundings: of the scale and of the product.
    const kept = Math.max(...values);
    expect(Math.abs(kept / (3 / (1 - p)) - 1)).toBeLessThanOrEqual(mx.finfo(dtype).eps);
    const dropped = Number(mx.sum(mx.equal(y, 0)).item()) / y.size;
    // Five standard deviations of the share.
    expect(Math.abs(dropped - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / y.size));
  }
});

test.each([
  ['Dropout2d', new nn.Dropout2d(0.5), [64, 3, 5, 8], [1, 2]],
  ['Dropout2d of one image', new nn.Dropout2d(0.5), [3, 5, 400], [0, 1]],
  ['Dropout3d', new nn.Dropout3d(0.5), [64, 2, 3, 2, 8], [1, 2, 3]],
  ['Dropout3d of one volume', new nn.Dropout3d(0.5), [2, 3, 2, 400], [0, 1, 2]],
] as const)('%s drops whole channels', (_name, layer, shape, spatial) => {
  for (const dtype of dtypes) {
    const y = layer(mx.ones([...shape], dtype));
    expect(y.dtype).toBe(dtype);
    const [low, high] = [mx.min(y, [...spatial]), mx.max(y, [...spatial])];
    expect(mx.arrayEqual(low, high).item()).toBe(true);
    const share = Number(mx.mean(mx.astype(mx.equal(low, 0), mx.float32)).item());
    expect(Math.abs(share - 0.5)).toBeLessThan(2.5 / Math.sqrt(low.size));
    expect(mx.max(high).item()).toBe(2);
  }
});

test('the gradient of what is dropped is 0, and scaled elsewhere', () => {
  const layer = new nn.Dropout(0.5);
  const x = mx.full([100], 7);
  const [value, gradient] = mx.valueAndGrad((a: mx.array) => mx.sum(layer(a)))(x);
  const kept = mx.sum(mx.equal(gradient as mx.array, 2)).item();
  expect(mx.sum(mx.equal(gradient as mx.array, 0)).item()).toBe(100 - Number(kept));
  expect(value.item()).toBe(14 * Number(kept));
});

test('without a chance, or while evaluating, nothing changes', () => {
  const x = mx.ones([4, 4], mx.float16);
  expect(new nn.Dropout(0)(x)).toBe(x);
  expect(new nn.Dropout(0.9).eval()(x)).toBe(x);
});
