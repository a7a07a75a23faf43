import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { Adam, SGD, type Optimizer } from './index';

const x = mx.array([[1, 2]]);

function train(model: nn.Linear, optimizer: Optimizer, steps: number): void {
  const step = nn.valueAndGrad(model, () => mx.sum(mx.square(model(x))));
  for (let i = 0; i < steps; ++i) {
    const [, gradients] = step();
    optimizer.update(model, gradients);
    mx.eval(model);
  }
}

const copyOf = (model: nn.Linear) => {
  const copy = new nn.Linear(2, 1);
  return copy.update(model.parameters());
};

test('update reuses its array objects, and a snapshot never changes', () => {
  const model = new nn.Linear(2, 1);
  const optimizer = new Adam(0.1);
  train(model, optimizer, 1);
  const { weight } = model;
  const snapshot = model.parameters();
  const before = (snapshot.weight as mx.array).tolist();
  train(model, optimizer, 3);
  expect(model.weight).toBe(weight);
  expect((snapshot.weight as mx.array).tolist()).toEqual(before);
  expect(model.weight.tolist()).not.toEqual(before);
  model.update(snapshot);
  expect(model.weight.tolist()).toEqual(before);
  train(model, optimizer, 1);
  expect((snapshot.weight as mx.array).tolist()).toEqual(before);
});

test('one array given to two layers is trained apart', () => {
  const shared = mx.array([[1, 1]]);
  const a = new nn.Linear(2, 1, false).update({ weight: shared });
  const b = new nn.Linear(2, 1, false).update({ weight: shared });
  train(a, new SGD(0.01), 3);
  expect(shared.tolist()).toEqual([[1, 1]]);
  expect(b.weight.tolist()).toEqual([[1, 1]]);
  expect(a.weight.tolist()).not.toEqual([[1, 1]]);
});

test.each([
  ['SGD', () => new SGD(0.01, 0.9)],
  ['Adam', () => new Adam(0.01)],
])('%s resumes to the bit from a saved state', (_name, make) => {
  const model = new nn.Linear(2, 1);
  const straight = copyOf(model);
  train(straight, make(), 20);

  const first = make();
  train(model, first, 10);
  const resumed = make();
  resumed.state = first.state;
  const copy = copyOf(model);
  train(copy, resumed, 10);
  expect(copy.weight.tolist()).toEqual(straight.weight.tolist());
  expect(resumed.step.item()).toBe(20);
});

test('learning rates may be numbers, arrays and schedules', () => {
  expect(new SGD(0.5).learningRate.item()).toBe(0.5);
  const optimizer = new SGD((step) => mx.divide(1, mx.add(step, 1)));
  const gradients = { w: mx.array([1]) };
  let parameters = { w: mx.array([0]) };
  for (const rate of [1, 0.5]) {
    const next = optimizer.applyGradients(gradients, parameters) as typeof parameters;
    expect(mx.subtract(parameters.w, next.w).item()).toBeCloseTo(rate);
    parameters = next;
  }
  optimizer.learningRate = 0.125;
  optimizer.applyGradients(gradients, parameters);
  expect(optimizer.learningRate.item()).toBe(0.125);
});

test('applyGradients leaves its arguments alone', () => {
  const parameters = { layers: [{ w: mx.array([1]) }] };
  const gradients = { layers: [{ w: mx.array([2]) }] };
  const updated = new SGD(1).applyGradients(gradients, parameters) as typeof parameters;
  expect(updated.layers[0]!.w.tolist()).toEqual([-1]);
  expect(parameters.layers[0]!.w.tolist()).toEqual([1]);
});

test('the state names what is kept for each parameter', () => {
  const adam = new Adam(0.1);
  adam.init({ w: mx.ones([2]) });
  expect(Object.keys(adam.state).sort()).toEqual(['learningRate', 'step', 'w']);
  expect(Object.keys(adam.state.w as object).sort()).toEqual(['m', 'v']);
  expect(() => new SGD(0.1, 0, 0, 0, true)).toThrow(RangeError);
});
