import * as mx from '@mlx/core';
import type { Progress } from '@mlx/example-shared';
import * as nn from '@mlx/nn';
import type { Optimizer } from '@mlx/optimizers';
import { batch, gather, permutation, type Digits } from './data';
import type { Classifier } from './models';

export interface TrainingOptions {
  epochs: number;
  batchSize: number;
  seed: number;
  /** Stops earlier, for tests. */
  maxSteps?: number;
}

/** Trains in place; returns the loss of every step. */
export async function train(
  model: Classifier,
  optimizer: Optimizer,
  digits: Digits,
  options: TrainingOptions,
  onStep: (progress: Progress) => void,
  onEpoch: (epoch: number) => void,
): Promise<number[]> {
  const { epochs, batchSize, seed } = options;
  const perEpoch = Math.floor(digits.count / batchSize);
  const steps = Math.min(epochs * perEpoch, options.maxSteps ?? Infinity);
  const lossAndGradients = nn.valueAndGrad(model, (images: mx.array, labels: mx.array) =>
    nn.losses.crossEntropy(model(images), labels, null, -1, 0, 'mean'),
  );

  const losses: number[] = [];
  const keys = mx.random.split(mx.random.key(seed), epochs);
  for (let epoch = 0; losses.length < steps; ++epoch) {
    const shuffled = gather(digits, permutation(digits.count, keys.index(epoch)));
    for (let i = 0; i < perEpoch && losses.length < steps; ++i) {
      const [images, labels] = batch(shuffled, i * batchSize, (i + 1) * batchSize);
      const [loss, gradients] = lossAndGradients(images, labels);
      optimizer.update(model, gradients);
      await mx.asyncEval(loss, model);
      losses.push(loss.item());
      onStep({
        step: losses.length,
        steps,
        items: batchSize,
        loss: losses.at(-1)!,
      });
    }
    onEpoch(epoch + 1);
  }
  return losses;
}

/** The predicted class of each image. */
export function predict(model: Classifier, digits: Digits, batchSize = 500): Int32Array {
  model.eval();
  const predictions = new Int32Array(digits.count);
  for (let begin = 0; begin < digits.count; begin += batchSize) {
    const end = Math.min(begin + batchSize, digits.count);
    const [images] = batch(digits, begin, end);
    const classes = mx.argmax(model(images), -1).astype(mx.int32);
    predictions.set(classes.toTypedArray() as Int32Array, begin);
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
