import type * as mx from '@mlx/core';
import { testGrid, type GridFunction } from './grid.test-support';
import { losses } from './index';

type Loss = (...args: unknown[]) => mx.array;

/** A loss whose settings stand between its arrays and the reduction. */
function withArguments(loss: unknown): GridFunction {
  return (inputs, { arguments: settings, reduction }) =>
    (loss as Loss)(...inputs, ...(settings as unknown[]), reduction);
}

testGrid('nn_loss_grid', {
  crossEntropy: ([logits, targets, weights], { axis, labelSmoothing, reduction }) =>
    losses.crossEntropy(logits!, targets!, weights, axis, labelSmoothing, reduction),
  nllLoss: ([inputs, targets], { axis, reduction }) =>
    losses.nllLoss(inputs!, targets!, axis, reduction),
  klDivLoss: ([inputs, targets], { axis, reduction }) =>
    losses.klDivLoss(inputs!, targets!, axis, reduction),
  gaussianNllLoss: ([inputs, targets, vars], { full, eps, reduction }) =>
    losses.gaussianNllLoss(inputs!, targets!, vars!, full, eps, reduction),
  binaryCrossEntropy: ([inputs, targets, weights], { withLogits, reduction }) =>
    losses.binaryCrossEntropy(inputs!, targets!, weights, withLogits, reduction),
  mseLoss: withArguments(losses.mseLoss),
  l1Loss: withArguments(losses.l1Loss),
  logCoshLoss: withArguments(losses.logCoshLoss),
  smoothL1Loss: withArguments(losses.smoothL1Loss),
  huberLoss: withArguments(losses.huberLoss),
  hingeLoss: withArguments(losses.hingeLoss),
  marginRankingLoss: withArguments(losses.marginRankingLoss),
  tripletLoss: ([anchors, positives, negatives], { axis, p, margin, eps, reduction }) =>
    losses.tripletLoss(anchors!, positives!, negatives!, axis, p, margin, eps, reduction),
  cosineSimilarityLoss: ([a, b], { axis, eps, reduction }) =>
    losses.cosineSimilarityLoss(a!, b!, axis, eps, reduction),
});
