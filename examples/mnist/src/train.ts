import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { batches, type Optimizer, type ProgressLine } from '@mlx/optimizers';
import { arraysOf, type Digits } from './data';
import type { Classifier } from './models';

/** Trains in place for some steps; returns the loss of each. */
export async function train(
  model: Classifier,
  optimizer: Optimizer,
  digits: Digits,
  options: { steps: number; batchSize: number; seed: number },
  progress: ProgressLine,
  onEpoch: (epoch: number) => Promise<void>,
): Promise<number[]> {
  const { steps, batchSize, seed } = options;
  const data = batches(arraysOf(digits), batchSize, { shuffle: true, seed, dropLast: true });
  const lossAndGradients = nn.valueAndGrad(model, (images: mx.array, labels: mx.array) =>
    nn.losses.crossEntropy(model(images), labels, null, -1, 0, 'mean'),
  );

  const losses: number[] = [];
  for await (const [images, labels] of data.from(0)) {
    const [loss, gradients] = lossAndGradients(images, labels);
    optimizer.update(model, gradients);
    await mx.asyncEval(loss, model);
    losses.push(loss.item());
    progress.update(losses.length, { loss: loss.item(), items: batchSize });
    if (losses.length % data.length === 0) await onEpoch(losses.length / data.length);
    if (losses.length === steps) break;
  }
  return losses;
}

/** The predicted class of each image. */
export async function predict(
  model: Classifier,
  digits: Digits,
  batchSize = 500,
): Promise<Int32Array> {
  model.eval();
  const predictions = new Int32Array(digits.count);
  let at = 0;
  for await (const [images] of batches(arraysOf(digits), batchSize)) {
    const classes = mx.argmax(model(images), -1).astype(mx.int32);
    predictions.set((await classes.data()) as Int32Array, at);
    at += images.shape[0]!;
  }
  model.train();
  return predictions;
}

/** The share of right predictions. */
export function accuracy(predictions: Int32Array, digits: Digits): number {
  let right = 0;
  predictions.forEach((label, i) => (right += Number(label === digits.labels[i])));
  return right / digits.count;
}
