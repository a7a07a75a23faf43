import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as mx from '@mlx/core';
import { testFixtures } from './fixtures.test-support';
import * as nn from './index';
import { normalizations } from './normalization.test-support';

testFixtures('nn_normalization', normalizations);

/** The mean and the unbiased variance of each column. */
function statistics(rows: number[][]): [mean: number[], variance: number[]] {
  const mean = rows[0]!.map((_v, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
  const variance = mean.map(
    (m, i) => rows.reduce((sum, row) => sum + (row[i]! - m) ** 2, 0) / (rows.length - 1),
  );
  return [mean, variance];
}

function expectClose(a: mx.array, expected: number[]): void {
  const values = a.tolist<number[]>();
  expect(values).toHaveLength(expected.length);
  // Four roundings in float32.
  values.forEach((value, i) =>
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(
      2 ** -21 * (1 + Math.abs(expected[i]!)),
    ),
  );
}

test('running statistics blend in those of each training batch, with the unbiased variance', () => {
  const batches = [
    [
      [1, 10],
      [2, 20],
      [6, 60],
    ],
    [
      [-1, 0.5],
      [-2, 0.25],
      [0, 1],
    ],
  ];
  const layer = new nn.BatchNorm(2, 1e-5, 0.3);
  let [mean, variance] = [
    [0, 0],
    [1, 1],
  ];
  for (const batch of batches) {
    layer(mx.array(batch));
    const [batchMean, batchVariance] = statistics(batch);
    mean = mean.map((m, i) => 0.7 * m + 0.3 * batchMean[i]!);
    variance = variance.map((v, i) => 0.7 * v + 0.3 * batchVariance[i]!);
    expectClose(layer.runningMean!, mean);
    expectClose(layer.runningVar!, variance);
  }
  layer.eval()(mx.array(batches[0]!));
  expectClose(layer.runningMean!, mean);
});

test('running statistics are saved but never trained', () => {
  const layer = new nn.BatchNorm(2);
  expect(Object.keys(layer.parameters()).sort()).toEqual([
    'bias',
    'runningMean',
    'runningVar',
    'weight',
  ]);
  expect(Object.keys(layer.trainableParameters()).sort()).toEqual(['bias', 'weight']);
  expect(Object.keys(layer.unfreeze().trainableParameters()).sort()).toEqual(['bias', 'weight']);
  expect(Object.keys(layer.unfreeze({ recurse: false }).trainableParameters())).toHaveLength(2);
  const model = new nn.Sequential(new nn.Linear(2, 2), layer);
  expect(mx.treeFlatten(model.unfreeze().trainableParameters())).toHaveLength(4);
});

test('running statistics move while gradients are taken', () => {
  const layer = new nn.BatchNorm(2);
  const step = nn.valueAndGrad(layer, (x: mx.array) => mx.sum(layer(x)));
  const x = mx.array([
    [1, 2],
    [3, 6],
  ]);
  step(x);
  expectClose(layer.runningMean!, [0.2, 0.4]);
  step(x);
  expectClose(layer.runningMean!, [0.38, 0.76]);
});

test('without running statistics the batch decides in evaluation too', () => {
  const layer = new nn.BatchNorm(2, 1e-5, 0.1, false, false);
  const x = mx.array([
    [1, 2],
    [3, 6],
  ]);
  expect(layer.runningMean).toBeUndefined();
  expect(Object.keys(layer.parameters())).toEqual([]);
  const trained = layer(x).tolist();
  expect(layer.eval()(x).tolist()).toEqual(trained);
});

test('normalisation checks its settings and inputs', () => {
  expect(() => new nn.BatchNorm(2)(mx.ones([2]))).toThrow(mx.ShapeError);
  expect(() => new nn.GroupNorm(4, 6)).toThrow('numGroups = 4 must divide dims = 6');
  for (const shape of [[4], [2, 3], [2, 3, 5]])
    expect(() => new nn.GroupNorm(2, 4)(mx.ones(shape))).toThrow(
      `[GroupNorm] Expected shape [batch, ..., 4] but received (${shape.join(',')})`,
    );
});

test('training BatchNorm on one value for each channel is an error', () => {
  const layer = new nn.BatchNorm(3);
  for (const shape of [
    [1, 3],
    [1, 1, 3],
    [1, 1, 1, 3],
  ])
    expect(() => layer(mx.zeros(shape))).toThrow('[BatchNorm] Training needs more than one value');
  expect(layer.eval()(mx.zeros([1, 3])).shape).toEqual([1, 3]);
});

test('InstanceNorm needs an axis to normalise', () => {
  expect(() => new nn.InstanceNorm(3)(mx.zeros([2, 3]))).toThrow(mx.ShapeError);
  expect(() => new nn.InstanceNorm(3)(mx.zeros([3]))).toThrow('[InstanceNorm]');
});

test.each([
  ['InstanceNorm', new nn.InstanceNorm(4, 1e-5, true), 2],
  ['BatchNorm', new nn.BatchNorm(4), 2],
  // Two of the four are small: of the channels' sums to those of groups.
  ['GroupNorm', new nn.GroupNorm(2, 4), 4],
  ['GroupNorm as PyTorch has it', new nn.GroupNorm(2, 4, { pytorchCompatible: true }), 4],
])('%s passes over memory as seldom as it can', (_name, layer, sums) => {
  const file = join(mkdtempSync(join(tmpdir(), 'mlx-normalization-')), 'graph.dot');
  mx.exportToDot(file, layer.forward(mx.ones([2, 3, 4])));
  const graph = readFileSync(file, 'utf8');
  const count = (kind: string) => graph.split(`label="${kind}"`).length - 1;
  // What is centred serves for the variance and the result.
  expect(count('Subtract')).toBe(1);
  expect(count('Sum')).toBe(sums);
  // The factor of a channel is made before it meets the input.
  expect(count('Multiply')).toBe(2);
});
