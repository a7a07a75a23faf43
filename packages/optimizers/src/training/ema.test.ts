import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { EMA, SGD } from '../index';

/** A model whose only weight a test sets. */
function scalarModel(value: number, dtype: mx.Dtype = mx.float32): nn.Linear {
  const model = new nn.Linear(1, 1, false);
  model.weight = mx.array([[value]], dtype);
  return model;
}

test.each([
  [false, (decay: number) => decay],
  [true, (decay: number, n: number) => Math.min(decay, (1 + n) / (10 + n))],
])('the average follows its formula, warmup %s', (warmup, decayAt) => {
  const model = scalarModel(3);
  const average = new EMA(model, 0.75, { warmup });
  let expected = 3;
  for (let n = 1; n <= 30; ++n) {
    model.weight = mx.array([[Math.sin(n)]]);
    average.update();
    const decay = decayAt(0.75, n);
    expected = decay * expected + (1 - decay) * Math.sin(n);
    const [[, weight]] = mx.treeFlatten<mx.array>(average.weights()) as [[string, mx.array]];
    expect(weight.item()).toBeCloseTo(expected, 5);
  }
});

test('weights of few bits are averaged in float32', () => {
  const model = scalarModel(1, mx.bfloat16);
  const average = new EMA(model, 0.999);
  model.weight = mx.array([[2]], mx.bfloat16);
  for (let i = 0; i < 1000; ++i) average.update();
  const { weight } = average.weights() as { weight: mx.array };
  expect(weight.dtype).toBe(mx.bfloat16);
  // 2 - 0.999^1000; in bfloat16 a step of a thousandth would be lost.
  expect(Math.abs(weight.item() - 1.632)).toBeLessThan(2 ** -7);
});

test('use puts the averages in for a while, whatever happens', async () => {
  const model = scalarModel(4);
  const average = new EMA(model, 0.5);
  model.weight = mx.array([[8]]);
  average.update();
  expect(average.use(() => model.weight.item())).toBe(6);
  expect(model.weight.item()).toBe(8);
  const failing = () => {
    throw new Error('no');
  };
  expect(() => average.use(failing)).toThrow('no');
  expect(model.weight.item()).toBe(8);
  const later = average.use(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return model.weight.item();
  });
  expect(await later).toBe(6);
  expect(model.weight.item()).toBe(8);
});

test('a training with averages, compiled or not, does not grow', () => {
  const trained = (compiled: boolean) => {
    mx.random.seed(1);
    const model = new nn.Linear(512, 512);
    const optimizer = new SGD(0.01);
    const average = new EMA(model, 0.9);
    const gradientsOf = nn.valueAndGrad(model, (x: mx.array) => mx.mean(model(x).square()));
    const step = (x: mx.array): mx.array => {
      const [loss, gradients] = gradientsOf(x);
      optimizer.update(model, gradients);
      average.update();
      return loss;
    };
    const captured = [model, optimizer, average];
    const run = compiled ? mx.compile(step, captured, captured) : step;
    const x = mx.random.normal([4, 512]);
    for (let i = 0; i < 20; ++i) mx.eval(run(x), model);
    mx.resetPeakMemory();
    // The averages themselves are not evaluated here.
    for (let i = 0; i < 200; ++i) mx.eval(run(x), model);
    return { average, peak: mx.getPeakMemory() };
  };
  const [plain, compiled] = [trained(false), trained(true)];
  const weights = ({ average }: { average: EMA }) => (average.weights() as nn.Linear).weight;
  expect(mx.allclose(weights(plain), weights(compiled), 1e-5, 1e-6).item()).toBe(true);
  // A chain of averages would hold the weights of each step, of a megabyte.
  expect(Math.max(plain.peak, compiled.peak)).toBeLessThan(120e6);
  expect(plain.average.state.updates.item()).toBe(220);
});
