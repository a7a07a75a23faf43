import * as mx from '@mlx/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as nn from './index';
import { toFileName } from './names';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mlx-nn-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

class Recurrent extends nn.Module {
  selfAttn = [new nn.Linear(2, 2, false)];
  lstm = new nn.LSTM(2, 1);
  batchNorm = new nn.BatchNorm(2);

  forward(x: mx.array): mx.array {
    return x;
  }
}

// What Python's MLX calls the same members.
const pythonNames: Record<string, number[]> = {
  'self_attn.0.weight': [2, 2],
  'lstm.Wx': [4, 2],
  'lstm.Wh': [4, 1],
  'lstm.bias': [4],
  'batch_norm.weight': [2],
  'batch_norm.bias': [2],
  'batch_norm.running_mean': [2],
  'batch_norm.running_var': [2],
};

test.each(['safetensors', 'npz'])(
  'a %s file has the names of Python, and loads by them',
  (kind) => {
    const file = join(folder, `weights.${kind}`);
    const model = new Recurrent();
    model.saveWeights(file);
    const saved = mx.load(file) as Record<string, mx.array>;
    expect(Object.keys(saved).sort()).toEqual(Object.keys(pythonNames).sort());

    const written = Object.fromEntries(
      Object.entries(pythonNames).map(([name, shape], i) => [name, mx.full(shape, i)]),
    );
    if (kind === 'npz') mx.savez(file, written);
    else mx.saveSafetensors(file, written);
    expect(model.loadWeights(file)).toBe(model);
    expect(model.selfAttn[0]!.weight.tolist()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(model.lstm.Wh.tolist()).toEqual([[2], [2], [2], [2]]);
    expect(model.batchNorm.runningVar!.tolist()).toEqual([7, 7]);
  },
);

test('pairs of name and array may have either spelling', () => {
  const model = new nn.Sequential(new nn.BatchNorm(1));
  const given: [string, mx.array][] = [
    ['layers.0.runningMean', mx.array([3])],
    ['layers.0.running_var', mx.array([4])],
  ];
  model.loadWeights(given, false);
  const layer = model.layers[0] as nn.BatchNorm;
  expect([layer.runningMean!.item(), layer.runningVar!.item()]).toEqual([3, 4]);
});

test('names in files', () => {
  expect(toFileName('layers.0.selfAttn.queryProj.weight')).toBe(
    'layers.0.self_attn.query_proj.weight',
  );
  expect(toFileName('ln1.weight')).toBe('ln1.weight');
  expect(toFileName('rnn.Wxh')).toBe('rnn.Wxh');
  expect(toFileName('conv2dOut')).toBe('conv2d_out');
  expect(toFileName('already_snake')).toBe('already_snake');
});

test('two members of one name in files can be neither saved nor loaded', () => {
  class Collision extends nn.Module {
    someWeight = mx.ones([1]);
    some_weight = mx.ones([1]);
    forward(x: mx.array): mx.array {
      return x;
    }
  }
  const model = new Collision();
  expect(() => model.saveWeights(join(folder, 'a.npz'))).toThrow('named some_weight');
  expect(() => model.loadWeights([['someWeight', mx.ones([1])]], false)).toThrow(
    '[Module.loadWeights] Two parameters are named some_weight',
  );
  const layer = new nn.BatchNorm(1);
  const twice: [string, mx.array][] = [
    ['runningMean', mx.ones([1])],
    ['running_mean', mx.ones([1])],
  ];
  expect(() => layer.loadWeights(twice, false)).toThrow('named running_mean');
});

test('a lenient load takes what fits by name and leaves the rest', () => {
  const model = new Recurrent();
  const before = model.lstm.Wx.tolist();
  const weight = mx.ones([2, 2]);
  const given: [string, mx.array][] = [
    ['self_attn.0.weight', weight],
    ['unknown.weight', weight],
  ];
  expect(() => model.loadWeights(given)).toThrow('Received 1 parameters not in model: unknown');
  expect(model.loadWeights(given, false)).toBe(model);
  expect(model.selfAttn[0]!.weight.tolist()).toEqual(weight.tolist());
  expect(model.lstm.Wx.tolist()).toEqual(before);
});

test('a strict load that fails changes nothing', () => {
  const layer = new nn.Linear(2, 1);
  const before = layer.weight.tolist();
  const given: [string, mx.array][] = [
    ['weight', mx.zeros([1, 2])],
    ['bias', mx.zeros([5])],
  ];
  expect(() => layer.loadWeights(given)).toThrow(mx.ShapeError);
  expect(layer.weight.tolist()).toEqual(before);
});

test('weights are loaded under a frozen model too, which stays frozen', () => {
  const layer = new nn.Linear(1, 1, false).freeze();
  layer.loadWeights([['weight', mx.array([[7]])]]);
  expect(layer.weight.item()).toBe(7);
  expect(layer.trainableParameters()).toEqual({});
});

test('keys with dots in them load by their whole names', () => {
  class Named extends nn.Module {
    scales: Record<string, mx.array> = { 'a.b': mx.zeros([1]), __proto: mx.zeros([1]) };
    forward() {}
  }
  const file = join(folder, 'named.safetensors');
  const model = new Named();
  model.scales['a.b'] = mx.array([3]);
  model.saveWeights(file);
  expect(new Named().loadWeights(file).scales['a.b']!.item()).toBe(3);
});
