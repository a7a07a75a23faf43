import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as mx from '@mlx/core';
import { testFixtures, type Settings } from './fixtures.test-support';
import * as nn from './index';

const { losses } = nn;
const indices = ({ classes }: Settings) => mx.array(classes, mx.int32);

testFixtures('nn_losses', {
  crossEntropy: ([logits, weights], settings) => {
    const { axis, labelSmoothing, reduction } = settings;
    const targets = indices(settings);
    return losses.crossEntropy(logits!, targets, weights, axis, labelSmoothing, reduction);
  },
  crossEntropyOfProbabilities: ([logits, targets], { labelSmoothing, reduction }) =>
    losses.crossEntropy(logits!, targets!, null, -1, labelSmoothing, reduction),
  nllLoss: ([inputs], settings) =>
    losses.nllLoss(inputs!, indices(settings), settings.axis, settings.reduction),
  binaryCrossEntropy: ([inputs, targets, weights], { withLogits, reduction }) =>
    losses.binaryCrossEntropy(inputs!, targets!, weights, withLogits, reduction),
  mseLoss: ([a, b], { reduction }) => losses.mseLoss(a!, b!, reduction),
  l1Loss: ([a, b], { reduction }) => losses.l1Loss(a!, b!, reduction),
  smoothL1Loss: ([a, b], { width, reduction }) => losses.smoothL1Loss(a!, b!, width, reduction),
  huberLoss: ([a, b], { width, reduction }) => losses.huberLoss(a!, b!, width, reduction),
  logCoshLoss: ([a, b], { reduction }) => losses.logCoshLoss(a!, b!, reduction),
  gaussianNllLoss: ([a, b, vars], { full, eps, reduction }) =>
    losses.gaussianNllLoss(a!, b!, vars!, full, eps, reduction),
  klDivLoss: ([p, q], { axis, reduction }) => losses.klDivLoss(p!, q!, axis, reduction),
  tripletLoss: ([anchors, near, far], { axis, p, margin, eps, reduction }) =>
    losses.tripletLoss(anchors!, near!, far!, axis, p, margin, eps, reduction),
  hingeLoss: ([a, targets], { reduction }) => losses.hingeLoss(a!, targets!, reduction),
  cosineSimilarityLoss: ([a, b], { axis, reduction }) =>
    losses.cosineSimilarityLoss(a!, b!, axis, undefined, reduction),
  marginRankingLoss: ([a, b, targets], { margin, reduction }) =>
    losses.marginRankingLoss(a!, b!, targets!, margin, reduction),
});

type Loss = (a: mx.array, b: mx.array) => mx.array;

test.each<[string, Loss]>([
  ['mseLoss', losses.mseLoss],
  ['l1Loss', losses.l1Loss],
  ['binaryCrossEntropy', losses.binaryCrossEntropy],
  ['smoothL1Loss', losses.smoothL1Loss],
  ['gaussianNllLoss', (a, b) => losses.gaussianNllLoss(a, b, a)],
  ['klDivLoss', losses.klDivLoss],
  ['marginRankingLoss', (a, b) => losses.marginRankingLoss(a, b, a)],
  ['crossEntropy', losses.crossEntropy],
])('%s names two shapes that differ', (name, loss) => {
  const compute = () => loss(mx.ones([2, 3]), mx.ones([2, 4]));
  expect(compute).toThrow(mx.ShapeError);
  expect(compute).toThrow(`[${name}]`);
  expect(compute).toThrow('(2,4)');
});

test('an unknown reduction is an error that names the known ones', () => {
  expect(() => losses.mseLoss(mx.ones([2]), mx.ones([2]), 'average' as 'mean')).toThrow(
    "[mseLoss] reduction must be 'none', 'mean' or 'sum', but got 'average'",
  );
});

test('label smoothing is a share less than 1', () => {
  for (const share of [-0.1, 1, NaN])
    expect(() =>
      losses.crossEntropy(mx.ones([2, 3]), mx.array([0, 1], mx.int32), null, -1, share),
    ).toThrow(RangeError);
});

test('vectors of zeros have a finite cosine', () => {
  const zero = mx.zeros([1, 3]);
  expect(losses.cosineSimilarityLoss(zero, mx.ones([1, 3])).tolist()).toEqual([0]);
});

describe('crossEntropy and logSoftmax', () => {
  const logits = mx.array([
    [1e8, 1e8, 0],
    [-2, 0.5, 1],
  ]);
  const targets = mx.array([1, 2], mx.int32);
  const loss = (x: mx.array): mx.array => losses.crossEntropy(x, targets);
  const functions = [
    loss,
    (x: mx.array) => nn.logSoftmax(x),
    mx.grad((x: mx.array) => loss(x).sum()),
    mx.grad((x: mx.array) => mx.square(nn.logSoftmax(x, 0)).sum()),
  ];

  test('compiled, from a file and mapped', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mlx-losses-'));
    const file = join(folder, 'loss.mlxfn');
    for (const f of functions) {
      const expected = f(logits).tolist();
      expect(mx.compile(f)(logits).tolist()).toEqual(expected);
      mx.exportFunction(file, f, logits);
      expect(mx.importFunction(file)(logits)[0]!.tolist()).toEqual(expected);
      const mapped = mx.vmap(f)(mx.stack([logits, logits]));
      expect(mapped.tolist()).toEqual([expected, expected]);
    }
    rmSync(folder, { recursive: true });
  });

  test('the gradient at large and tied logits', () => {
    const probabilities = mx.softmax(logits, -1).tolist<number[][]>();
    const gradient = functions[2]!(logits).tolist<number[][]>();
    gradient.forEach((row, i) =>
      row.forEach((value, j) =>
        expect(value).toBeCloseTo(probabilities[i]![j]! - Number(targets.index(i).item() === j), 6),
      ),
    );
  });

  test('half types at large logits', () => {
    for (const dtype of [mx.float16, mx.bfloat16]) {
      const x = mx.full([1, 2], 100, dtype);
      const value = losses.crossEntropy(x, mx.array([1], mx.int32));
      expect(value.dtype).toBe(dtype);
      expect(Math.abs(value.astype(mx.float32).item<number>() - Math.log(2))).toBeLessThan(2 ** -9);
    }
  });
});
