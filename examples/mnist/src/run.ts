import * as mx from '@mlx/core';
import { ProgressReport } from '@mlx/example-shared';
import { Adam, SGD } from '@mlx/optimizers';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadSplit } from './data';
import { CNN, MLP, type Classifier } from './models';
import type { Options } from './options';
import { writeLossCurve, writeMisread } from './pictures';
import { accuracy, predict, train } from './train';

export interface Result {
  accuracy: number;
  reloadedAccuracy: number;
  files: string[];
}

function makeModel(name: Options['model']): Classifier {
  return name === 'cnn' ? new CNN() : new MLP();
}

/** Loads, trains, tests, draws, saves, and loads again. */
export async function runExample(
  options: Options,
  output: string,
  maxSteps?: number,
): Promise<Result> {
  mx.setDefaultDevice(options.device === 'gpu' ? mx.gpu : mx.cpu);
  mx.random.seed(options.seed);
  const { train: training, test } = loadSplit();
  const model = makeModel(options.model);
  console.log(
    `${options.model} with ${options.optimizer} on ${training.count} digits, ${test.count} held out`,
  );

  const optimizer = options.optimizer === 'sgd' ? new SGD(0.1, 0.9) : new Adam(0.001);
  const report = new ProgressReport('images');
  const begin = performance.now();
  const losses = await train(
    model,
    optimizer,
    training,
    {
      epochs: options.epochs,
      batchSize: options.model === 'cnn' ? 64 : 128,
      seed: options.seed,
      maxSteps,
    },
    (progress) => report.update(progress),
  );
  report.stop();
  console.log(`trained in ${((performance.now() - begin) / 1000).toFixed(1)} s`);

  const predictions = predict(model, test);
  const trained = accuracy(predictions, test);
  console.log(`accuracy: ${(100 * trained).toFixed(1)} %`);

  mkdirSync(output, { recursive: true });
  const files = ['loss.svg', 'misread.svg', 'weights.safetensors'].map((name) =>
    join(output, name),
  );
  const [curve, sheet, weights] = files as [string, string, string];
  writeLossCurve(curve, losses);
  writeMisread(sheet, test, predictions);
  model.saveWeights(weights);

  const reloaded = makeModel(options.model).loadWeights(weights);
  const reloadedAccuracy = accuracy(predict(reloaded, test), test);
  console.log(
    `accuracy with the saved weights loaded again: ${(100 * reloadedAccuracy).toFixed(1)} %`,
  );
  for (const file of files) console.log(`wrote ${file}`);
  return { accuracy: trained, reloadedAccuracy, files };
}
