import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { Adam, SGD } from './index';

const x = mx.array([
  [1, 2],
  [3, -4],
]);
const y = mx.array([[1], [0]]);

/** Losses of a few training steps from the same start, compiled or not. */
function losses(compiled: boolean, make: () => Adam | SGD, dropout = 0): number[] {
  mx.random.seed(7);
  const model = new nn.Sequential(
    new nn.Linear(2, 8),
    new nn.Dropout(dropout),
    new nn.Linear(8, 1),
  );
  const optimizer = make();
  optimizer.init(model.trainableParameters());
  const lossAndGradients = nn.valueAndGrad(model, (a: mx.array, b: mx.array) =>
    mx.mean(mx.square(model.forward(a).subtract(b))),
  );
  const state = [model.state, optimizer.state, mx.random.state];
  const step = (a: mx.array, b: mx.array): mx.array => {
    const [loss, gradients] = lossAndGradients(a, b);
    optimizer.update(model, gradients);
    return loss;
  };
  const run = compiled ? mx.compile(step, state, state) : step;
  const values = [0, 1, 2, 3].map(() => run(x, y).item());
  expect(optimizer.step.item()).toBe(4);
  return values;
}

test.each([
  ['Adam', () => new Adam(0.05)],
  ['SGD with a schedule', () => new SGD((step) => mx.divide(0.01, mx.add(step, 1)))],
])('%s: a compiled training step does what the step does', (_, make) => {
  const plain = losses(false, make);
  expect(plain[3]).toBeLessThan(plain[0]!);
  losses(true, make).forEach((value, i) => expect(value).toBeCloseTo(plain[i]!, 5));
  const random = losses(false, make, 0.5);
  losses(true, make, 0.5).forEach((value, i) => expect(value).toBeCloseTo(random[i]!, 5));
});

test('steps with and without compile mix, also with a state that is not there yet', () => {
  const run = (kinds: readonly boolean[]): [number[], nn.Linear, Adam, () => mx.array] => {
    mx.random.seed(2);
    const model = new nn.Linear(2, 1);
    const optimizer = new Adam(0.1);
    const step = (): mx.array => {
      const [loss, gradients] = nn.valueAndGrad(model, () => mx.sum(mx.square(model(x))))();
      optimizer.update(model, gradients);
      return loss;
    };
    const compiled = mx.compile(step, [model, optimizer], [model, optimizer]);
    const values = kinds.map((kind) => (kind ? compiled : step)().item<number>());
    return [values, model, optimizer, compiled];
  };
  const [plain] = run([false, false, false, false, false]);
  const [mixed, model, optimizer, compiled] = run([true, false, true, true, false]);
  mixed.forEach((value, i) => expect(value).toBeCloseTo(plain[i]!, 4));
  expect(optimizer.step.item()).toBe(5);
  const snapshot = model.parameters().weight as mx.array;
  const before = snapshot.tolist();
  compiled();
  expect(snapshot.tolist()).toEqual(before);
  expect((model.weight as mx.array).tolist()).not.toEqual(before);
});

test('training and evaluation mode are different traces', () => {
  const dropout = new nn.Dropout(0.5);
  const f = mx.compile((a: mx.array) => dropout(a), [dropout, mx.random.state], mx.random.state);
  const ones = mx.ones([64]);
  expect(mx.arrayEqual(f(ones), ones).item()).toBe(false);
  dropout.eval();
  expect(mx.arrayEqual(f(ones), ones).item()).toBe(true);
});
