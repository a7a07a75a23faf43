import * as mx from '@mlx/core';
import { OptionError, type ValuesOf } from '@mlx/example-shared';
import { Adam, ProgressLine, SGD } from '@mlx/optimizers';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadSplit } from './data';
import { writeLossChart } from './loss-chart';
import { writeMisread } from './misread';
import { CNN, MLP, type Classifier } from './models';
import type commandLine from './options.cjs';
import { accuracy, predict, train } from './train';

export type Options = ValuesOf<typeof commandLine>;

export interface Result {
  accuracy: number;
  reloadedAccuracy: number;
  files: string[];
}

function makeModel(name: Options['model']): Classifier {
  return name === 'cnn' ? new CNN() : new MLP();
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Loads, trains, tests, draws, saves, and loads again. */
export async function runExample(
  options: Options,
  output: string,
  maxSteps = Infinity,
): Promise<Result> {
  const device = options.device === 'gpu' ? mx.gpu : mx.cpu;
  if (!mx.isAvailable(device))
    throw new OptionError(`--device ${options.device}: there is none that this engine can use`);
  mx.setDefaultDevice(device);
  mx.random.seed(options.seed);
  const { train: training, validation, test } = loadSplit();
  const model = makeModel(options.model);
  console.log(
    `${options.model} with ${options.optimizer} on ${training.count} digits; ` +
      `${validation.count} for validation, ${test.count} for the test`,
  );

  const optimizer = options.optimizer === 'sgd' ? new SGD(0.1, 0.9) : new Adam(0.001);
  const epochs = options.epochs ?? (options.model === 'cnn' ? 6 : 15);
  const batchSize = options.model === 'cnn' ? 64 : 128;
  const steps = Math.min(epochs * Math.floor(training.count / batchSize), maxSteps);
  const progress = new ProgressLine(steps, 'images');
  const begin = performance.now();
  const losses = await train(
    model,
    optimizer,
    training,
    { steps, batchSize, seed: options.seed },
    progress,
    async (epoch) => {
      const share = accuracy(await predict(model, validation), validation);
      progress.say(`epoch ${epoch} of ${epochs}: validation accuracy ${percent(share)}`);
    },
  );
  progress.stop();
  console.log(`trained in ${((performance.now() - begin) / 1000).toFixed(1)} s`);

  const predictions = await predict(model, test);
  const trained = accuracy(predictions, test);
  console.log(`test accuracy: ${percent(trained)}`);

  mkdirSync(output, { recursive: true });
  const files = ['loss.svg', 'misread.svg', 'weights.safetensors'].map((name) =>
    join(output, name),
  );
  const [chart, sheet, weights] = files as [string, string, string];
  await writeLossChart(chart, losses);
  writeMisread(sheet, test, predictions);
  model.saveWeights(weights);

  const reloaded = makeModel(options.model).loadWeights(weights);
  const reloadedAccuracy = accuracy(await predict(reloaded, test), test);
  console.log(`test accuracy with the saved weights loaded again: ${percent(reloadedAccuracy)}`);
  for (const file of files) console.log(`wrote ${file}`);
  return { accuracy: trained, reloadedAccuracy, files };
}
