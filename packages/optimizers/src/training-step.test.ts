import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyOptimizer } from './every-optimizer.test-support';
import { Adam, SGD, type Optimizer } from './index';

type Flat = [path: string, a: mx.array][];

const flatten = (tree: object): Flat => mx.treeFlatten<mx.array>(tree) as Flat;
const values = (tree: object): object =>
  Object.fromEntries(flatten(tree).map(([path, a]) => [path, a.tolist()]));

/** Has matrices and vectors, random numbers, and members that training computes. */
class Model extends nn.Module {
  layers = [new nn.Linear(6, 8), new nn.Linear(8, 3)];
  norm = new nn.BatchNorm(8);
  dropout = new nn.Dropout(0.25);

  forward(x: mx.array): mx.array {
    const hidden = this.norm(nn.relu(this.layers[0]!(x)));
    return this.layers[1]!(this.dropout(hidden));
  }
}

interface Training {
  readonly model: Model;
  readonly optimizer: Optimizer;
  step(): mx.array;
}

/** The same training each time: of data, a model and dropped values by one seed. */
function begin(make: () => Optimizer, compiled = false, initialized = true): Training {
  mx.random.seed(11);
  const x = mx.random.normal([16, 6]);
  const y = mx.random.randint(0, 3, [16]);
  const model = new Model();
  const optimizer = make();
  const lossAndGradients = nn.valueAndGrad(model, () =>
    nn.losses.crossEntropy(model(x), y, null, -1, 0, 'mean'),
  );
  const step = (): mx.array => {
    const [loss, gradients] = lossAndGradients();
    optimizer.update(model, gradients);
    return loss;
  };
  if (initialized) optimizer.init(model.trainableParameters());
  const state = initialized
    ? [model.state, optimizer.state, mx.random.state]
    : [model, optimizer, mx.random.state];
  mx.eval(x, y, model, optimizer.state);
  return { model, optimizer, step: compiled ? mx.compile(step, state, state) : step };
}

function run({ model, optimizer, step }: Training, steps: number): number[] {
  const losses: number[] = [];
  for (let i = 0; i < steps; ++i) {
    losses.push(step().item());
    mx.eval(model, optimizer.state);
  }
  return losses;
}

describe.each(everyOptimizer)('%s', (_name, make) => {
  test('a compiled step, with its state captured, does what the step does', () => {
    const plain = begin(make);
    const losses = run(plain, 6);
    const compiled = begin(make, true);
    const others = run(compiled, 6);
    expect(new Set(losses).size).toBe(6);
    others.forEach((loss, i) => expect(loss).toBeCloseTo(losses[i]!, 5));
    expect(compiled.optimizer.step.item()).toBe(6);
    const [own, other] = [flatten(plain.model), flatten(compiled.model)];
    expect(other.map(([path]) => path)).toEqual(own.map(([path]) => path));
    for (const [i, [, a]] of other.entries())
      expect(mx.allclose(a, own[i]![1], 1e-4, 1e-5).item()).toBe(true);
  });

  test('a state that is not there yet is made by the first compiled step', () => {
    const plain = begin(make, false, false);
    const losses = run(plain, 5);
    const compiled = begin(make, true, false);
    expect(run(compiled, 5)).toEqual(losses);
    expect(values(compiled.model)).toEqual(values(plain.model));
    expect(values(compiled.optimizer.state)).toEqual(values(plain.optimizer.state));
  });

  test.each([
    ['plain', false],
    ['compiled', true],
  ])('%s steps go on in the same array objects, and snapshots stay', (_kind, compiled) => {
    const training = begin(make, compiled);
    run(training, 2);
    const members = training.model.layers.flatMap((layer) => [layer.weight, layer.bias!]);
    const parameters = training.model.parameters();
    const state = training.optimizer.state;
    const before = [values(parameters), values(state)];
    run(training, 3);
    training.model.layers
      .flatMap((layer) => [layer.weight, layer.bias!])
      .forEach((member, i) => expect(member).toBe(members[i]));
    expect([values(parameters), values(state)]).toEqual(before);
    expect(values(training.model.parameters())).not.toEqual(before[0]);

    // What was kept may be put back, and is not trained by that.
    training.model.update(parameters);
    training.optimizer.state = state;
    expect(values(training.model.parameters())).toEqual(before[0]);
    run(training, 2);
    expect([values(parameters), values(state)]).toEqual(before);
  });

  test('ten steps, files, and ten steps more are twenty steps to the bit', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mlx-optimizers-'));
    try {
      const straight = begin(make);
      const losses = run(straight, 20);
      const first = begin(make);
      run(first, 10);
      first.model.saveWeights(join(folder, 'model.safetensors'));
      const kept = { optimizer: first.optimizer.state, random: mx.random.state };
      mx.savez(join(folder, 'state.npz'), Object.fromEntries(flatten(kept)));

      const resumed = begin(make);
      resumed.model.loadWeights(join(folder, 'model.safetensors'));
      const loaded = Object.entries(mx.load(join(folder, 'state.npz')));
      const state = mx.treeUnflatten(loaded) as unknown as typeof kept;
      resumed.optimizer.state = state.optimizer;
      mx.random.state = state.random;
      expect(run(resumed, 10)).toEqual(losses.slice(10));
      expect(values(resumed.model)).toEqual(values(straight.model));
      expect(values(resumed.optimizer.state)).toEqual(values(straight.optimizer.state));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('a layer in two places is trained by both its uses, and stays one', () => {
  const layer = new nn.Linear(2, 2, false);
  const model = new nn.Sequential(layer, layer);
  const weight = mx.array([
    [1, 2],
    [3, 4],
  ]);
  const x = mx.ones([1, 2]);
  const uses = (w: mx.array) => mx.sum(mx.matmul(mx.matmul(x, w.T), w.T));
  const expected = mx.subtract(weight, mx.multiply(mx.grad(uses)(weight), 0.5));
  layer.weight = weight;
  const [, gradients] = nn.valueAndGrad(model, () => mx.sum(model(x)))();
  new SGD(0.5).update(model, gradients);
  expect(layer.weight.tolist()).toEqual(expected.tolist());
  expect(model.layers[0]).toBe(model.layers[1]);
});

test('a tree of lists and objects is trained like a model', () => {
  const tree = { blocks: [{ w: mx.array([1]) }, { w: mx.array([2]), more: [mx.array([3])] }] };
  const optimizer = new SGD(0.5, 0.5);
  const gradient = (p: typeof tree) =>
    mx.grad((q: typeof tree) => mx.sum(mx.square(q.blocks[1]!.more![0]!)))(p) as typeof tree;
  const once = optimizer.applyGradients(gradient(tree), tree) as typeof tree;
  const twice = optimizer.applyGradients(gradient(once), once) as typeof tree;
  // 3 - 0.5 * 6 = 0; then 0 - 0.5 * (0.5 * 6 + 0).
  expect(flatten(twice).map(([path, a]) => [path, a.tolist()])).toEqual([
    ['blocks.0.w', [1]],
    ['blocks.1.w', [2]],
    ['blocks.1.more.0', [-1.5]],
  ]);
});

test.each([
  ['plain', false],
  ['compiled', true],
])('%s steps of Adam need no second copy of the parameters and their moments', (_, compiled) => {
  const size = 1 << 20;
  const model = { weight: mx.ones([size]), parameters: () => ({ weight: model.weight }) };
  const target = Object.assign(model, {
    update: ({ weight }: { weight: mx.array }) => (model.weight = weight),
  });
  const optimizer = new Adam(0.01);
  optimizer.init({ weight: model.weight });
  const step = (): void => {
    optimizer.update(target, { weight: mx.multiply(model.weight, 2) });
  };
  const members = [model, optimizer];
  const work = compiled ? mx.compile(step, members, members) : step;
  const once = () => {
    work();
    mx.eval(model.weight, optimizer.state);
  };
  for (let i = 0; i < 3; ++i) once();
  mx.resetPeakMemory();
  for (let i = 0; i < 3; ++i) once();
  // Three arrays live from step to step; beside them a gradient and one result at a time.
  expect(mx.getPeakMemory()).toBeLessThan(5.5 * 4 * size);
});
