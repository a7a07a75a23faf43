import * as mx from '@mlx/core';
import { everyOptimizer } from './every-optimizer.test-support';
import { clipGradNorm, SGD } from './index';

type Tree = { w: mx.array };

test.each(everyOptimizer)('%s leaves a parameter without gradient alone', (_name, make) => {
  for (const dtype of [mx.float32, mx.float16, mx.bfloat16]) {
    const w = mx.zeros([2, 3], dtype);
    const optimizer = make();
    let parameters: Tree = { w };
    for (let step = 0; step < 3; ++step)
      parameters = optimizer.applyGradients({ w: mx.zerosLike(w) }, parameters) as Tree;
    expect(parameters.w.tolist()).toEqual(w.tolist());
  }
});

test.each(everyOptimizer)(
  '%s keeps the dtype of a parameter whatever the gradient has',
  (_n, make) => {
    const dtypes = [mx.float32, mx.float16, mx.bfloat16];
    for (const dtype of dtypes)
      for (const other of [...dtypes, mx.int32]) {
        const gradients = { w: mx.ones([2, 3], other) };
        const updated = make().applyGradients(gradients, { w: mx.zeros([2, 3], dtype) }) as Tree;
        expect(updated.w.dtype).toBe(dtype);
        expect(mx.all(mx.less(updated.w, 0)).item()).toBe(true);
      }
  },
);

test.each(everyOptimizer)('%s leaves integers among the parameters alone', (_name, make) => {
  const w = mx.array([[3, 4]], mx.int32);
  const optimizer = make();
  const updated = optimizer.applyGradients({ w: mx.onesLike(w) }, { w }) as Tree;
  expect(updated.w).not.toBe(w);
  expect(updated.w.dtype).toBe(mx.int32);
  expect(updated.w.tolist()).toEqual([[3, 4]]);
});

test('SGD descends in the complex plane', () => {
  const w = mx.array([mx.Complex(1, 2)]);
  const gradients = { w: mx.array([mx.Complex(2, -4)]) };
  const updated = new SGD(0.5, 0.5).applyGradients(gradients, { w }) as Tree;
  expect(updated.w.tolist()).toEqual([mx.Complex(0, 4)]);
});

test.each(everyOptimizer)('%s turns with complex parameters and gradients', (_name, make) => {
  mx.random.seed(48);
  const [start, gradient] = [mx.random.normal([3, 2]), mx.random.normal([3, 2])];
  // Of length 1, so that steps are as long as without it.
  const turn = mx.array(mx.Complex(0.6, 0.8));
  const descend = (factor: mx.array | number) => {
    const optimizer = make();
    let parameters: Tree = { w: mx.multiply(start, factor) };
    for (let step = 0; step < 3; ++step) {
      const gradients = { w: mx.multiply(mx.multiply(gradient, factor), 1 + step) };
      parameters = optimizer.applyGradients(gradients, parameters) as Tree;
    }
    return parameters.w;
  };
  const turned = descend(turn);
  expect(turned.dtype).toBe(mx.complex64);
  const distance = mx.max(mx.abs(mx.subtract(turned, mx.multiply(descend(1), turn))));
  expect(Number(distance.item())).toBeLessThan(2e-5);
});

test.each([
  ['float16', [300, 400], 500],
  ['bfloat16', [300, 400], 500],
  ['float32', [3e8, 4e8], 5e8],
  ['int32', [300_000, 400_000], 500_000],
  ['complex64', [mx.Complex(0, 300), mx.Complex(-400, 0)], 500],
] as const)('clipGradNorm of %s', (name, values, expected) => {
  const dtype = mx[name];
  const [clipped, norm] = clipGradNorm({ w: mx.array([...values] as number[], dtype) }, 1);
  expect(norm.dtype).toBe(mx.float32);
  // The gradients themselves are rounded to 8 bits in bfloat16.
  expect(Math.abs(Number(norm.item()) / expected - 1)).toBeLessThan(2 ** -8);
  expect(clipped.w.dtype).toBe(name === 'int32' ? mx.float32 : dtype);
  const sizes = mx.astype(mx.abs(clipped.w), mx.float32).tolist<number[]>();
  expect(Math.abs(sizes[0]! - 0.6)).toBeLessThan(2 ** -8);
  expect(Math.abs(sizes[1]! - 0.8)).toBeLessThan(2 ** -8);
});
