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
