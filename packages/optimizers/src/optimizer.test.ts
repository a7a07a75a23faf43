import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { everyOptimizer } from './every-optimizer.test-support';
import * as optimizers from './index';
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

const single = everyOptimizer.filter(([name]) => !/^(Multi|Mixed)/.test(name));

test.each(single)('%s works with a learning rate alone', (name) => {
  const Class = optimizers[name as 'SGD'] as new (rate: number) => Optimizer;
  const updated = new Class(0.1).applyGradients({ w: mx.ones([2, 3]) }, { w: mx.ones([2, 3]) });
  const { w } = updated as { w: mx.array };
  expect(w.shape).toEqual([2, 3]);
  expect(w.dtype).toBe(mx.float32);
});

test.each([mx.float16, mx.bfloat16])('parameters of %s keep their dtype', (dtype) => {
  for (const [, make] of everyOptimizer) {
    const optimizer = make();
    const start = { w: mx.ones([3, 2], dtype), bias: mx.ones([3], dtype) };
    const updated = optimizer.applyGradients(start, start) as typeof start;
    expect(updated.w.dtype).toBe(dtype);
    expect(updated.bias.dtype).toBe(dtype);
  }
});

test('a multi-optimizer shares parameters out by path, also in lists', () => {
  const slow = new SGD(0.5);
  const fast = new SGD(0.25);
  const optimizer = new optimizers.MultiOptimizer(
    [slow, fast],
    [(path, gradient) => path.startsWith('layers.1') && gradient.ndim === 1],
  );
  const tree = { layers: [{ w: mx.array([1]) }, { w: mx.array([1]) }], head: mx.array([1]) };
  const updated = optimizer.applyGradients(tree, tree) as typeof tree;
  expect(updated.layers.map(({ w }) => w.item())).toEqual([0.75, 0.5]);
  expect(updated.head.item()).toBe(0.75);
  optimizer.learningRate = 0.125;
  expect([slow, fast].map((o) => o.learningRate.item())).toEqual([0.125, 0.125]);
  expect(() => new optimizers.MultiOptimizer([slow, fast])).toThrow(TypeError);
});

test('schedules follow their formulas for numbers and arrays', () => {
  const formulas: [optimizers.StepSchedule, (step: number) => number][] = [
    [optimizers.exponentialDecay(0.3, 0.9), (n) => 0.3 * 0.9 ** n],
    [optimizers.stepDecay(0.3, 0.9, 7), (n) => 0.3 * 0.9 ** Math.floor(n / 7)],
    [
      optimizers.cosineDecay(0.3, 40, 0.1),
      (n) => 0.1 + 0.5 * 0.2 * (1 + Math.cos((Math.PI * Math.min(n, 40)) / 40)),
    ],
    [optimizers.linearSchedule(0.1, 0.7, 20), (n) => 0.1 + 0.6 * Math.min(n / 20, 1)],
    [
      optimizers.joinSchedules(
        [optimizers.linearSchedule(0, 1, 10), optimizers.exponentialDecay(1, 0.5)],
        [10],
      ),
      (n) => (n < 10 ? n / 10 : 0.5 ** (n - 10)),
    ],
  ];
  for (const [schedule, formula] of formulas)
    for (const n of [0, 1, 6, 7, 10, 13, 25, 40, 100]) {
      const tolerance = 1e-6 * Math.max(1, n / 10);
      expect(Math.abs(schedule(n).item() - formula(n))).toBeLessThan(tolerance);
      expect(schedule(mx.array(n, mx.uint64)).item()).toBe(schedule(n).item());
    }
  expect(() => optimizers.linearSchedule(0, 1, 0)).toThrow(RangeError);
  expect(() => optimizers.joinSchedules([], [])).toThrow(TypeError);
});

test('gradients are clipped by the norm of the whole tree', () => {
  const gradients = { a: mx.array([3, 0]), b: [mx.array([[4]])] };
  const [clipped, norm] = optimizers.clipGradNorm(gradients, 2.5);
  expect(norm.item()).toBe(5);
  expect(clipped.a.index(0).item()).toBeCloseTo(1.5, 5);
  expect(clipped.b[0]!.item()).toBeCloseTo(2, 5);
  expect(optimizers.clipGradNorm(gradients, 10)[0].a.tolist()).toEqual([3, 0]);
});

test('settings out of range are told', () => {
  expect(() => new optimizers.RMSprop(0.1, -1)).toThrow('alpha');
  expect(() => new optimizers.Adafactor(null, undefined, 1, -0.8, null, 0, true, false)).toThrow(
    'learningRate',
  );
});

test.each<[string, () => Optimizer]>([
  ['SGD', () => new SGD(0.1)],
  ['Adam', () => new Adam(0.1)],
  ['Muon', () => new optimizers.Muon(0.1)],
])('%s steps a single array as it does one in a list', (_, make) => {
  const [alone, inList] = [make(), make()];
  const gradient = mx.array([1, 2]);
  let p = mx.array([3, 4]);
  let list = [p];
  for (let i = 0; i < 3; i++) {
    p = alone.applyGradients(gradient, p);
    list = inList.applyGradients([gradient], list);
    expect(p.tolist()).toEqual(list[0]!.tolist());
  }
  make().init(gradient);
});

test('a parameter cannot be named as a setting of the state', () => {
  const gradient = mx.array([1]);
  for (const name of ['step', 'learningRate'])
    expect(() => new Adam(0.1).applyGradients({ [name]: gradient }, { [name]: gradient })).toThrow(
      `[Adam.applyGradients] No parameter can be named ${name}`,
    );
});

test('gradients that contain themselves are refused', () => {
  const gradients: Record<string, unknown> = { w: mx.array([1]) };
  gradients.self = gradients;
  expect(() => new SGD(0.1).applyGradients(gradients, gradients)).toThrow(
    /^\[SGD\] The value is nested/,
  );
});
