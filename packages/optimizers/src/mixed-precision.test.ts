import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { Adam, MixedPrecision, SGD } from './index';

type Weight = { w: mx.array };

test.each([mx.float16, mx.bfloat16])('small steps add up in %s', (dtype) => {
  const optimizer = new MixedPrecision(new SGD(1), dtype);
  let parameters: Weight = { w: mx.array([1], dtype) };
  const scale = optimizer.lossScale.item();
  // Each step alone is a quarter of the distance to the next number below 1.
  const small = mx.array([scale * 2 ** -12], dtype);
  for (let i = 0; i < 1024; ++i)
    parameters = optimizer.applyGradients({ w: small }, parameters) as Weight;
  expect(parameters.w.dtype).toBe(dtype);
  expect(parameters.w.item()).toBe(0.75);
});

test('a step that overflows is left out, state and all, and halves the scale', () => {
  const make = () => new MixedPrecision(new Adam(0.1), mx.float16, { growthInterval: 3 });
  const [smooth, bumpy] = [make(), make()];
  const step = (optimizer: MixedPrecision, parameters: Weight, gradient: number): Weight => {
    const scaled = mx.multiply(optimizer.lossScale, [gradient]).astype(mx.float16);
    return optimizer.applyGradients({ w: scaled }, parameters) as Weight;
  };
  const start: Weight = { w: mx.array([2], mx.float16) };
  let [a, b] = [start, start];
  const scales: number[] = [];
  for (const gradient of [Infinity, 0.5, NaN, 0.25, 0.5, -0.125, 100, 0.5]) {
    b = step(bumpy, b, gradient);
    scales.push(Math.log2(bumpy.lossScale.item()));
    if (Number.isFinite(gradient) && gradient < 100) a = step(smooth, a, gradient);
  }
  // 100 times the scale is more than float16 holds.
  expect(scales).toEqual([14, 14, 13, 13, 13, 14, 13, 13]);
  expect(b.w.item()).toBe(a.w.item());
  expect(bumpy.step.item()).toBe(smooth.step.item());
  const own = (optimizer: MixedPrecision) =>
    mx.treeFlatten<mx.array>(optimizer.state.optimizer).map(([path, x]) => [path, x.tolist()]);
  expect(own(bumpy)).toEqual(own(smooth));
});

test('gradients below what float16 holds arrive', () => {
  const model = new nn.Linear(1, 1, false);
  model.weight = mx.array([[1]]);
  const optimizer = new MixedPrecision(new SGD(1), mx.float16);
  optimizer.prepare(model);
  const tiny = 2 ** -28;
  const gradientsOf = nn.valueAndGrad(model, (x: mx.array) =>
    optimizer.scaleLoss(mx.sum(model(x)).astype(mx.float32).multiply(tiny)),
  );
  const [, gradients] = gradientsOf(mx.ones([1, 1], mx.float16));
  expect((gradients.weight as mx.array).dtype).toBe(mx.float16);
  optimizer.update(model, gradients);
  const { weight } = optimizer.state.masters as { weight: mx.array };
  expect(1 - weight.item()).toBeCloseTo(0, 7);
  expect((gradients.weight as mx.array).item()).toBe(tiny * 2 ** 15);
});

test('what is not trained keeps its dtype, and norms are clipped after unscaling', () => {
  const model = new nn.BatchNorm(2);
  const optimizer = new MixedPrecision(new SGD(1), { dtype: mx.float16, maxNorm: 0.5 });
  optimizer.prepare(model);
  const { runningMean, weight } = model.parameters() as Record<string, mx.array>;
  expect([runningMean!.dtype, weight!.dtype]).toEqual([mx.float32, mx.float16]);
  const scale = optimizer.lossScale.item();
  optimizer.update(model, { weight: mx.array([0.75 * scale, scale], mx.float16) });
  const after = model.parameters() as Record<string, mx.array>;
  // A norm of 1.25 becomes one of 0.5.
  const expected = mx.array([1 - 0.3, 1 - 0.4]).astype(mx.float16);
  expect(mx.allclose(after.weight!, expected, 1e-3).item()).toBe(true);
});

test('other dtypes are refused', () => {
  const make = MixedPrecision as unknown as new (...values: unknown[]) => unknown;
  expect(() => new make(new SGD(1), mx.float32)).toThrow(mx.DtypeError);
  expect(() => new make(3)).toThrow('[MixedPrecision] optimizer must be an optimizer, but got 3.');
  expect(() => new make(new SGD(1), { lossScale: 0 })).toThrow(RangeError);
});
