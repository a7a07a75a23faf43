import * as mx from '@mlx/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as nn from './index';

class Block extends nn.Module {
  queryProj = new nn.Linear(2, 3);
  extras = { scale: mx.ones([2]), list: [mx.zeros([1])] };
  _hidden = mx.ones([5]);
  note = 'not a parameter';
  readonly #secret = mx.ones([7]);

  forward(x: mx.array): mx.array {
    return mx.add(mx.sum(this.queryProj(mx.multiply(x, this.extras.scale))), mx.sum(this.#secret));
  }
}

const paths = (tree: object) =>
  (mx.treeFlatten(tree) as [string, mx.array][]).map(([path]) => path).sort();

test('a module is called like a function and is an instance of its class', () => {
  const layer = new nn.Linear(2, 3);
  expect(layer(mx.ones([4, 2])).shape).toEqual([4, 3]);
  expect(layer.forward(mx.ones([4, 2])).shape).toEqual([4, 3]);
  expect(layer).toBeInstanceOf(nn.Linear);
  expect(layer).toBeInstanceOf(nn.Module);
  expect(nn.Module.isModule(layer)).toBe(true);
  expect(nn.Module.isModule(() => 0)).toBe(false);
  expect(Object.keys(layer).sort()).toEqual(['bias', 'weight']);
});

test('parameters are the public arrays, also in lists, objects and submodules', () => {
  expect(paths(new Block().parameters())).toEqual([
    'extras.list.0',
    'extras.scale',
    'queryProj.bias',
    'queryProj.weight',
  ]);
});

test('what parameters() hands out is never changed', () => {
  const layer = new nn.Linear(1, 1, false);
  const before = layer.parameters().weight as mx.array;
  const value = before.item();
  layer.weight.assign_(mx.add(layer.weight, 1));
  expect(before.item()).toBe(value);
});

test('update replaces what the tree names, and tells about unknown names', () => {
  const block = new Block();
  block.update({ extras: { scale: mx.array([5, 6]) } });
  expect(block.extras.scale.tolist()).toEqual([5, 6]);
  expect(() => block.update({ nothing: mx.ones([1]) })).toThrow('named nothing');
  expect(() => block.update({ queryProj: { nothing: mx.ones([1]) } })).toThrow('queryProj.nothing');
  expect(block.update({ nothing: mx.ones([1]) }, false)).toBe(block);
});

test('freezing takes parameters out of training, by name and recursively', () => {
  const block = new Block();
  block.freeze();
  expect(paths(block.trainableParameters())).toEqual([]);
  block.unfreeze(true, 'bias');
  expect(paths(block.trainableParameters())).toEqual(['queryProj.bias']);
  block.unfreeze({ recurse: true });
  block.freeze(false);
  expect(paths(block.trainableParameters())).toEqual(['queryProj.bias', 'queryProj.weight']);
  expect(() => block.freeze(false, ['nothing'], true)).toThrow('nothing');
  expect(() => block.freeze({ recursive: true } as nn.FreezeOptions)).toThrow('recursive');
});

test('train and eval reach every module', () => {
  const model = new nn.Sequential(new nn.Linear(2, 2), new nn.Dropout(0.5));
  expect(model.training).toBe(true);
  expect(model.eval()).toBe(model);
  expect(model.modules().every((module) => !module.training)).toBe(true);
  const x = mx.ones([3, 2]);
  expect(mx.arrayEqual(model(x), model.layers[0]!(x)).item()).toBeTruthy();
});

test('shared and cyclic modules are visited once', () => {
  class Cycle extends nn.Module {
    first = new nn.Linear(1, 1);
    again = this.first;
    _parent: nn.Module = this;
    forward(x: mx.array): mx.array {
      return this.first(x);
    }
  }
  expect(new Cycle().namedModules().map(([path]) => path)).toEqual(['', 'first']);
});

test.each(['safetensors', 'npz'])('weights travel through %s under snake_case names', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-nn-'));
  try {
    const file = join(folder, `weights.${kind}`);
    const block = new Block();
    block.saveWeights(file);
    expect(Object.keys(mx.load(file) as object).sort()).toEqual([
      'extras.list.0',
      'extras.scale',
      'query_proj.bias',
      'query_proj.weight',
    ]);
    const loaded = new Block().loadWeights(file);
    expect(mx.arrayEqual(loaded.queryProj.weight, block.queryProj.weight).item()).toBeTruthy();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('loading tells what is missing, unknown, or of another shape', () => {
  const layer = new nn.Linear(2, 3);
  const weight = mx.ones([3, 2]);
  const bias = mx.ones([3]);
  expect(() => layer.loadWeights([['weight', weight]])).toThrow('Missing 1 parameters: bias');
  expect(() =>
    layer.loadWeights([
      ['weight', weight],
      ['bias', bias],
      ['more', bias],
    ]),
  ).toThrow('more');
  expect(() =>
    layer.loadWeights([
      ['weight', bias],
      ['bias', bias],
    ]),
  ).toThrow(mx.ShapeError);
  layer.loadWeights([['weight', weight]], false);
  expect(layer.weight.tolist()).toEqual(weight.tolist());
});

test('setDtype casts floating parameters', () => {
  const layer = new nn.Linear(2, 3);
  layer.setDtype(mx.float16);
  expect(layer.weight.dtype).toBe(mx.float16);
});

test('text follows MLX, and console.log counts parameters', () => {
  const model = new nn.Sequential(new nn.Linear(2, 3), new nn.MaxPool2d(3, 2, 1));
  expect(String(model)).toBe(
    'Sequential(\n' +
      '  (layers.0): Linear(inputDims=2, outputDims=3, bias=true)\n' +
      '  (layers.1): MaxPool2d(kernelSize=3,3, stride=2,2, padding=1,1)\n' +
      ')',
  );
  expect(inspect(model)).toContain('9 parameters');
});

test('core walks a module as a tree', () => {
  const layer = new nn.Linear(2, 3);
  mx.eval(layer);
  expect(paths(layer)).toEqual(['bias', 'weight']);
});

test('valueAndGrad refuses asynchronous functions, by their types already', () => {
  const model = new nn.Linear(2, 1);
  const loss = async (x: mx.array) => Promise.resolve(mx.sum(model(x)));
  // @ts-expect-error -- it returns a promise
  const step = nn.valueAndGrad(model, loss) as (x: mx.array) => unknown;
  expect(() => step(mx.ones([1, 2]))).toThrow(/promise/);
});

test('valueAndGrad differentiates trainable parameters and leaves the model as it was', () => {
  const layer = new nn.Linear(2, 1);
  const { weight } = layer;
  const step = nn.valueAndGrad(layer, (x: mx.array) => mx.sum(layer(x)));
  const [, gradients] = step(mx.ones([3, 2]));
  expect((gradients.weight as mx.array).tolist()).toEqual([[3, 3]]);
  expect(layer.weight).toBe(weight);
  layer.freeze(true, 'weight');
  expect(Object.keys(step(mx.ones([3, 2]))[1])).toEqual(['bias']);
});

test('an error inside valueAndGrad leaves the parameters in place', () => {
  const layer = new nn.Linear(2, 1);
  const { weight } = layer;
  const step = nn.valueAndGrad(layer, () => {
    throw new Error('halt');
  });
  expect(() => step()).toThrow('halt');
  expect(layer.weight).toBe(weight);
  expect(layer(mx.ones([1, 2])).tolist()).toHaveLength(1);
});

test('dropout scales what it keeps, while training only', () => {
  mx.random.seed(1);
  const dropout = new nn.Dropout(0.25);
  const y = dropout(mx.ones([1000])).tolist() as unknown as number[];
  const kept = y.filter((v) => v !== 0);
  expect(kept.every((v) => Math.abs(v - 4 / 3) < 1e-6)).toBe(true);
  expect(kept.length).toBeGreaterThan(650);
  expect(kept.length).toBeLessThan(850);
  expect(() => new nn.Dropout(1)).toThrow(RangeError);
});

test('bad arguments get errors that name them', () => {
  expect(() => new nn.Conv2d(3, 4, 3, 1, 0, 1, 2)).toThrow('groups = 2');
  expect(() => nn.losses.crossEntropy(mx.ones([2, 3]), mx.ones([3]))).toThrow(mx.ShapeError);
  expect(() => new nn.MaxPool2d(5)(mx.ones([1, 3, 3, 1]))).toThrow(mx.ShapeError);
  expect(() => nn.losses.mseLoss(mx.ones([2]), mx.ones([3]))).toThrow(mx.ShapeError);
});
