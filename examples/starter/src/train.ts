import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import {
  AdamW,
  batches,
  EarlyStopping,
  loadCheckpoint,
  ProgressLine,
  saveCheckpoint,
} from '@mlx/optimizers';
import { existsSync } from 'node:fs';
import type { Points } from './data.js';
import { Classifier } from './model.js';

export interface TrainingOptions {
  /** Where checkpoints go; a training that is there goes on. */
  file: string;
  steps: number;
  batchSize?: number;
  /** Stops the training after the step that it is in. */
  signal?: AbortSignal;
  log?: { write(text: string): unknown; isTTY?: boolean };
}

export interface Trained {
  model: Classifier;
  step: number;
  /** On the data that were not trained on. */
  accuracy: number;
}

/** The share of points that a model puts into their class. */
export async function accuracyOf(model: Classifier, [points, classes]: Points): Promise<number> {
  const right = mx.mean(mx.equal(mx.argmax(model(points), -1), classes));
  await mx.asyncEval(right);
  return right.item();
}

/** Trains, or goes on training, until the steps are done or the validation gets no better. */
export async function train(
  training: Points,
  validation: Points,
  { file, steps, batchSize = 64, signal, log = process.stdout }: TrainingOptions,
): Promise<Trained> {
  mx.random.seed(0);
  const model = new Classifier();
  const optimizer = new AdamW(0.01);
  const stopping = new EarlyStopping(10, { mode: 'max' });
  const parts = { model, optimizer, stopping };
  let step = existsSync(file) ? loadCheckpoint(file, parts).step : 0;
  if (step > 0) log.write(`going on after step ${step}\n`);

  const data = batches(training, batchSize, { shuffle: true, dropLast: true });
  const lossAndGradients = nn.valueAndGrad(model, (points: mx.array, classes: mx.array) =>
    nn.losses.crossEntropy(model(points), classes, { reduction: 'mean' }),
  );
  const progress = new ProgressLine(steps, { unit: 'points', output: log });
  for await (const [points, classes] of data.from(step)) {
    if (step >= steps || stopping.shouldStop || signal?.aborted) break;
    const [loss, gradients] = lossAndGradients(points, classes);
    optimizer.update(model, gradients);
    await mx.asyncEval(loss, model, optimizer.state);
    step += 1;

    let note: string | undefined;
    if (step % data.length === 0) {
      const accuracy = await accuracyOf(model, validation);
      stopping.update(accuracy);
      note = `accuracy ${(100 * accuracy).toFixed(1)} %`;
    }
    progress.update(step, { loss: loss.item(), items: batchSize, note });
    if (step % data.length === 0) saveCheckpoint(file, parts, step);
  }
  progress.stop();
  saveCheckpoint(file, parts, step);
  return { model, step, accuracy: await accuracyOf(model, validation) };
}
