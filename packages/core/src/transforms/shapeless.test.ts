import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as mx from '../index';

// Functions of arrays that have the size n somewhere. A shapeless trace of them gives what the plain
// call gives for any other size, or says that it doesn't serve it.

type Case = [
  name: string,
  fn: (...inputs: mx.array[]) => unknown,
  inputs: (n: number) => mx.array[],
];

const key = mx.random.key(7);
const normal = (...shape: number[]) => mx.random.normal(shape, { key });
const matrix = (n: number) => [normal(n, 4)];
const square = (n: number) => [normal(n, n)];
const vector = (n: number) => [normal(n)];
const fixed = normal(4, 4);
const codes = mx.quantize(normal(6, 64), 32, 4) as mx.array[];
const [w, scales, biases] = codes as [mx.array, mx.array, mx.array];
const sumOf = (fn: (x: mx.array) => mx.array) => (x: mx.array) =>
  mx.grad((y: mx.array) => fn(y).square().sum())(x);
const attend = (q: mx.array, k: mx.array, mask?: mx.array | 'causal') =>
  mx.fast.scaledDotProductAttention(q, k, k, 0.5, mask);
const some = (...indices: number[]) => mx.array(indices, mx.int32);

const cases: Case[] = [
  ['mean', (x) => x.mean(0), matrix],
  ['std with a correction', (x) => mx.std(x, { ddof: 2 }), vector],
  ['median', (x) => mx.median(x, 0), matrix],
  ['softmax', (x) => mx.softmax(x, 0), matrix],
  ['cumsum', (x) => x.cumsum(0), matrix],
  ['sort', (x) => mx.sort(x, 0), matrix],
  ['topk', (x) => mx.topk(x, 3, 0), matrix],
  ['partition', (x) => mx.partition(x, 3, 0).index(3), matrix],
  ['argpartition', (x) => mx.argpartition(x, 3, 0).index(3), matrix],
  ['argmax', (x) => x.argmax(), matrix],
  ['split in two', (x) => mx.split(x, 2), matrix],
  ['split at places', (x) => mx.split(x, [2, 5]), vector],
  ['split from the end', (x) => mx.split(x, [-2]), vector],
  ['flatten', (x) => x.flatten(), matrix],
  ['reshape to rows', (x) => x.reshape(-1, 2), matrix],
  ['reshape by the shape', (x) => x.reshape(x.shape[0]!, 2, 2), matrix],
  ['unflatten', (x) => mx.unflatten(x, 0, [2, -1]), vector],
  ['concatenate', (x) => mx.concatenate([x, fixed]), matrix],
  ['repeat', (x) => mx.repeat(x, 3), matrix],
  ['tile', (x) => mx.tile(x, [2, 2]), matrix],
  ['pad', (x) => mx.pad(x, 2, 'edge'), matrix],
  ['squeeze', (x) => mx.squeeze(x), square],
  ['broadcastTo a fixed shape', (x) => mx.broadcastTo(x, [5, 4]), matrix],
  ['broadcast beside a fixed shape', (x) => x.add(normal(5, 4)), matrix],
  ['roll', (x) => mx.roll(x, 2, 0), matrix],
  ['roll back', (x) => mx.roll(x, -3, 0), matrix],
  ['roll of all', (x) => mx.roll(x, 7), matrix],
  ['roll of several axes', (x) => mx.roll(x, [2, 5], [0, 1]), square],
  [
    'roll of each row',
    (x) => mx.vmap((row: mx.array) => mx.roll(row, 3))(x),
    (n) => [normal(3, n)],
  ],
  ['slice', (x) => x.index('2:5'), matrix],
  ['slice from the end', (x) => x.index('-5:-2'), matrix],
  ['slice backwards', (x) => x.index('5:1:-2'), matrix],
  ['slice by numbers', (x) => mx.slice(x, [1, 0], [0, 1], [2, 2]), matrix],
  ['last', (x) => x.index(-1), matrix],
  ['take', (x) => mx.take(x, some(0, -1), 0), matrix],
  ['gather', (i) => mx.ones([9, 2]).index(i), (n) => [mx.arange(n, mx.int32).remainder(9)]],
  ['update', (x) => x.at('2:5').add(1), matrix],
  ['diag', (x) => mx.diag(x), square],
  ['diag above', (x) => mx.diag(x, 3), square],
  ['diag of a wide matrix', (x) => mx.diag(x), (n) => [normal(5, n)]],
  ['diagonal below of a high matrix', (x) => x.diagonal(-3), (n) => [normal(n, 5)]],
  ['diag of a vector', (x) => mx.diag(x, 1), vector],
  ['trace', (x) => mx.trace(x, 3), square],
  ['tril', (x) => mx.tril(x, -3), (n) => [normal(n, 5)]],
  ['eye of the shape', (x) => x.add(mx.eye(x.shape[0]!)), square],
  ['matmul with its transpose', (x) => x.matmul(x.T), matrix],
  ['matmul with a square', (x) => x.matmul(fixed), matrix],
  ['matmul inside', (x, y) => x.matmul(y), (n) => [normal(3, n), normal(n, 3)]],
  ['matmul of batches', (x) => x.matmul(normal(3, 4, 2)), (n) => [normal(n, 2, 4)]],
  [
    'outer beside equal sizes',
    (x, y) => mx.outer(x.sum(1), y.sum(1)),
    (n) => [normal(4, 2), normal(n, 2)],
  ],
  ['einsum', (x) => mx.einsum('ij,jk,kl->il', x, x.T, x), matrix],
  ['einsum of the diagonal', (x) => mx.einsum('ii->i', x), square],
  ['kron', (x) => mx.kron(x, mx.array([1, 2])), vector],
  [
    'quantizedMatmul',
    (x) => mx.quantizedMatmul(x, w, scales, biases, true, 32, 4),
    (n) => [normal(n, 64)],
  ],
  ['conv1d', (x) => mx.conv1d(x, normal(3, 3, 4), 2, 1), (n) => [normal(2, n, 4)]],
  ['convolve, the longer first', (x) => mx.convolve(x, mx.array([1, 2, 3, 4, 5]), 'same'), vector],
  ['attention', (q) => attend(q, q), (n) => [normal(1, 2, n, 4)]],
  ['causal attention', (q) => attend(q, normal(1, 2, 7, 4), 'causal'), (n) => [normal(1, 2, n, 4)]],
  [
    'attention with a mask',
    (q, mask) => attend(q, q, mask),
    (n) => [normal(1, 2, n, 4), normal(n, n)],
  ],
  ['attention of several heads', (q) => attend(q, normal(1, 2, 5, 4)), (n) => [normal(1, n, 5, 4)]],
  ['rope', (x) => mx.fast.rope(x, 4, true, 1e4, 1, 2), (n) => [normal(1, 2, n, 4)]],
  ['layerNorm', (x) => mx.fast.layerNorm(x, null, null, 1e-5), (n) => [normal(3, n)]],
  ['hadamardTransform', (x) => mx.hadamardTransform(x), (n) => [normal(2, n)]],
  ['fft', (x) => mx.abs(mx.fft.fft(x)), vector],
  ['fft of a length', (x) => mx.abs(mx.fft.fft(x, 5)), vector],
  ['rfftn of lengths', (x) => mx.abs(mx.fft.rfftn(x, [4, 6])), square],
  ['irfft of a length', (x) => mx.fft.irfft(x, 6), vector],
  ['irfft back', (x) => mx.fft.irfft(mx.fft.rfft(x)), vector],
  ['fftshift', (x) => mx.fft.fftshift(x), matrix],
  ['ifftshift', (x) => mx.fft.ifftshift(x), vector],
  ['inverse', (x) => mx.linalg.inv(x.add(mx.eye(x.shape[0]!).multiply(9))), square],
  ['singular values', (x) => mx.linalg.svd(x, false), (n) => [normal(n, 3)]],
  ['norm', (x) => mx.linalg.norm(x), matrix],
  [
    'a loop over the rows',
    (x) => Array.from({ length: x.shape[0]! }, (_, i) => x.index(i)).reduce((a, b) => a.add(b)),
    matrix,
  ],
  ['times the size', (x) => x.multiply(x.shape[0]!), matrix],
  ['gradient of a sum of means', sumOf((x) => x.mean(0)), matrix],
  ['gradient of topk', sumOf((x) => mx.topk(x, 2, 0)), matrix],
  ['gradient of roll', sumOf((x) => mx.roll(x, -3)), vector],
  ['gradient of a padded end', sumOf((x) => mx.pad(x, [[1, 2]], 'edge')), vector],
  ['gradient of every second', sumOf((x) => x.index('::2')), vector],
  [
    'gradient of what is broadcast',
    (b) => mx.grad((c: mx.array) => c.multiply(fixed).square().sum())(b),
    (n) => [normal(n, 4)],
  ],
];

function arraysIn(result: unknown): mx.array[] {
  return (Array.isArray(result) ? result : [result]) as mx.array[];
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

const orders = [
  [4, 6, 5, 8, 7, 1, 2],
  [3, 5, 4, 7, 6, 9, 2],
  [2, 3, 8, 4, 7, 12, 14],
  [1, 2, 3, 4, 5, 6, 10],
  [12, 6, 3, 9, 4],
];

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'mlx-shapeless-'))));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(cases)('%s', (_, fn, inputs) => {
  test('compiled, in any order of sizes, gives what the plain call gives', () => {
    for (const sizes of orders) {
      const compiled = mx.compile(fn, { shapeless: true });
      for (const n of sizes) {
        const given = inputs(n);
        const plain = outcome(() => fn(...given));
        const got = outcome(() => compiled(...given));
        expect(got instanceof Error).toBe(plain instanceof Error);
        if (!(got instanceof Error)) expectSame(got, plain as mx.array[]);
      }
    }
  });

  test.each([4, 7])('exported at %d, gives the same or is refused', (example) => {
    const file = join(folder, 'function.mlxfn');
    const run = (...given: mx.array[]) => arraysIn(fn(...given));
    if (outcome(() => fn(...inputs(example))) instanceof Error) return;
    mx.exportFunction(file, run, ...inputs(example), { shapeless: true });
    const imported = mx.importFunction(file);
    for (const n of [example, 1, 2, 3, 5, 6, 8, 9, 12]) {
      const given = inputs(n);
      const got = outcome(() => imported(...given));
      if (n === example) expect(got).not.toBeInstanceOf(Error);
      if (!(got instanceof Error)) expectSame(got, outcome(() => fn(...given)) as mx.array[]);
    }
  });
});
