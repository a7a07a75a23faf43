import * as mx from '@mlx/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as nn from './index';

// Layers and losses on inputs that have the size n somewhere. A shapeless trace of them gives what
// the plain call gives for any other size, or says that it doesn't serve it.

type Call = (...inputs: mx.array[]) => unknown;
type Case = [name: string, fn: Call, inputs: (n: number) => mx.array[]];

const key = mx.random.key(3);
const normal = (...shape: number[]) => mx.random.normal(shape, { key });
const call = (layer: nn.Module) => (x: mx.array) => layer.eval().forward(x) as unknown;
const train = (layer: nn.Module) => (x: mx.array) => layer.forward(x) as unknown;
const rows = (n: number) => [normal(n, 4)];
const batch = (n: number) => [normal(n, 5, 4)];
const sequence = (n: number) => [normal(2, n, 4)];
const image = (n: number) => [normal(1, n, 6, 4)];
const classes = (n: number) => mx.arange(n, mx.int32).remainder(2);

const attention = new nn.MultiHeadAttention(4, 2);
const encoder = new nn.TransformerEncoder(1, 4, 2).eval();
const decoder = new nn.TransformerDecoder(1, 4, 2).eval();
const bilinear = new nn.Bilinear(4, 3, 2);
const causal = (n: number) => nn.MultiHeadAttention.createAdditiveCausalMask(n);

const cases: Case[] = [
  ['Linear', call(new nn.Linear(4, 3)), sequence],
  ['Bilinear', (x, y) => bilinear(x, y), (n) => [normal(n, 4), normal(n, 3)]],
  ['Embedding', call(new nn.Embedding(9, 3)), (n) => [classes(n)]],
  ['QuantizedLinear', call(new nn.QuantizedLinear(64, 3)), (n) => [normal(n, 64)]],
  ['Conv1d of lengths', call(new nn.Conv1d(4, 3, 3, 2, 1)), sequence],
  ['Conv1d of batches', call(new nn.Conv1d(4, 3, 3, 2, 1)), batch],
  ['Conv2d', call(new nn.Conv2d(4, 3, 3)), (n) => [normal(1, n, n, 4)]],
  ['Conv3d', call(new nn.Conv3d(4, 3, 3, 1, 1)), (n) => [normal(1, n, 4, 5, 4)]],
  ['ConvTranspose1d', call(new nn.ConvTranspose1d(4, 3, 3, 2, 1)), sequence],
  ['ConvTranspose2d', call(new nn.ConvTranspose2d(4, 3, 3, 2, 1, 1, 1)), image],
  ['MaxPool1d', call(new nn.MaxPool1d(2)), sequence],
  ['MaxPool2d with padding', call(new nn.MaxPool2d(3, 2, 1)), image],
  ['MaxPool2d of batches', call(new nn.MaxPool2d(3, 2, 1)), (n) => [normal(n, 6, 6, 4)]],
  ['AvgPool1d that overlaps', call(new nn.AvgPool1d(2, 1)), sequence],
  ['AvgPool3d', call(new nn.AvgPool3d(2)), (n) => [normal(1, n, 4, 4, 4)]],
  ['Upsample', call(new nn.Upsample(2)), image],
  ['Upsample by a fraction', call(new nn.Upsample(1.5)), image],
  ['Upsample, linear', call(new nn.Upsample(2, 'linear')), image],
  ['Upsample, aligned', call(new nn.Upsample(2, 'linear', true)), image],
  ['Upsample, cubic', call(new nn.Upsample(2, 'cubic')), image],
  ['Upsample of batches', call(new nn.Upsample(1.5, 'linear')), (n) => [normal(n, 4, 4, 3)]],
  ['RNN of lengths', call(new nn.RNN(4, 3)), sequence],
  ['RNN of batches', call(new nn.RNN(4, 3)), batch],
  ['GRU of lengths', call(new nn.GRU(4, 3)), sequence],
  ['GRU of batches', call(new nn.GRU(4, 3)), batch],
  ['LSTM of lengths', call(new nn.LSTM(4, 3)), sequence],
  ['LSTM of batches', call(new nn.LSTM(4, 3)), batch],
  ['MultiHeadAttention', (x) => attention(x, x, x), sequence],
  ['MultiHeadAttention of batches', (x) => attention(x, x, x), batch],
  ['MultiHeadAttention, causal', (x) => attention(x, x, x, 'causal'), sequence],
  ['MultiHeadAttention with a mask', (x) => attention(x, x, x, causal(x.shape[1]!)), sequence],
  [
    'MultiHeadAttention to a memory',
    (x, y) => attention(x, y, y),
    (n) => [normal(2, 4, 4), normal(2, n, 4)],
  ],
  ['TransformerEncoder', (x) => encoder(x), sequence],
  [
    'TransformerDecoder',
    (x, memory) => decoder(x, memory),
    (n) => [normal(2, n, 4), normal(2, 3, 4)],
  ],
  ['RoPE', call(new nn.RoPE(4)), (n) => [normal(1, 2, n, 4)]],
  [
    'SinusoidalPositionalEncoding',
    call(new nn.SinusoidalPositionalEncoding(8)),
    (n) => [mx.arange(n)],
  ],
  ['ALiBi', call(new nn.ALiBi()), (n) => [normal(1, 2, n, n)]],
  ['LayerNorm', call(new nn.LayerNorm(4)), rows],
  ['RMSNorm', call(new nn.RMSNorm(4)), rows],
  ['GroupNorm', call(new nn.GroupNorm(2, 4)), sequence],
  ['GroupNorm as PyTorch', call(new nn.GroupNorm(2, 4, { pytorchCompatible: true })), sequence],
  ['InstanceNorm', call(new nn.InstanceNorm(4)), sequence],
  ['BatchNorm in training', train(new nn.BatchNorm(4, { trackRunningStats: false })), rows],
  ['BatchNorm', call(new nn.BatchNorm(4)), sequence],
  ['Dropout', call(new nn.Dropout(0.5)), rows],
  ['GLU', call(new nn.GLU(0)), (n) => [normal(n, 4)]],
  ['PReLU', call(new nn.PReLU()), rows],
  [
    'crossEntropy of rows',
    (x, y) => nn.crossEntropy(x, y, { reduction: 'mean' }),
    (n) => [normal(n, 4), classes(n)],
  ],
  [
    'crossEntropy of classes',
    (x) => nn.crossEntropy(x, classes(3), { labelSmoothing: 0.1 }),
    (n) => [normal(3, n)],
  ],
  ['mseLoss', (x, y) => nn.mseLoss(x, y), (n) => [normal(n, 4), normal(n, 4).add(1)]],
  [
    'a gradient of crossEntropy',
    (x) =>
      mx.grad((y: mx.array) => nn.crossEntropy(y, classes(y.shape[0]!), { reduction: 'mean' }))(x),
    rows,
  ],
];

function arraysIn(result: unknown): mx.array[] {
  return Array.isArray(result) ? result.flatMap(arraysIn) : [result as mx.array];
}

/** The results, or the error of a call that is refused. */
function outcome(run: () => unknown): mx.array[] | Error {
  try {
    const arrays = arraysIn(run());
    mx.eval(arrays);
    return arrays;
  } catch (error) {
    expect((error as Error).message).toMatch(/^\[[\w.]+\] /);
    return error as Error;
  }
}

function expectSame(got: readonly mx.array[], expected: readonly mx.array[]): void {
  expect(got.map((a) => a.shape)).toEqual(expected.map((a) => a.shape));
  got.forEach((a, i) => {
    expect(mx.allclose(a, expected[i]!, 1e-4, 1e-5, true).item()).toBe(true);
  });
}

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'mlx-nn-shapeless-'))));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(cases)('%s', (_, fn, inputs) => {
  test.each([[[4, 6, 5, 8, 7, 2]], [[3, 5, 4, 9, 2]], [[12, 6, 3, 9, 4]]])(
    'compiled for %j gives what the plain call gives',
    (sizes) => {
      const compiled = mx.compile(fn, { shapeless: true });
      for (const n of sizes) {
        const given = inputs(n);
        const plain = outcome(() => fn(...given));
        const got = outcome(() => compiled(...given));
        expect(got instanceof Error).toBe(plain instanceof Error);
        if (!(got instanceof Error)) expectSame(got, plain as mx.array[]);
      }
    },
  );

  test.each([4, 6])('exported at %d gives the same or is refused', (example) => {
    const file = join(folder, 'layer.mlxfn');
    const run = (...given: mx.array[]) => arraysIn(fn(...given));
    mx.exportFunction(file, run, ...inputs(example), { shapeless: true });
    const imported = mx.importFunction(file);
    for (const n of [example, 2, 3, 5, 8, 9, 12]) {
      const given = inputs(n);
      const got = outcome(() => imported(...given));
      if (n === example) expect(got).not.toBeInstanceOf(Error);
      if (!(got instanceof Error)) expectSame(got, outcome(() => fn(...given)) as mx.array[]);
    }
  });
});
