import * as mx from '@mlx/core';
import { OptionError, ProgressReport } from '@mlx/example-shared';
import type { AdamW } from '@mlx/optimizers';
import {
  loadCheckpoint,
  readCheckpointInfo,
  saveCheckpoint,
  type CheckpointInfo,
} from './checkpoint';
import { LanguageModel } from './model';
import { defaultSteps, type FreshOptions, type Options } from './options';
import { sample } from './sample';
import { loadSpeeches, type Corpus } from './speeches';
import { Tokenizer } from './tokenizer';
import { evaluateLoss, makeOptimizer, makeTrainingStep } from './train';
import { randomWindows, tokenize } from './windows';

export interface Result {
  /** The steps taken in all, earlier runs included. */
  step: number;
  /** The loss of each step of this run. */
  losses: number[];
  /** Undefined if the training was interrupted. */
  text: string | undefined;
}

/** How many windows of held-out text the loss is taken over. */
const validationWindows = 128;

/** Trains or goes on training, saves, and writes a text. */
export async function runExample(options: Options): Promise<Result> {
  mx.setDefaultDevice(options.device === 'gpu' ? mx.gpu : mx.cpu);
  const corpus = loadSpeeches();
  const start = options.fresh
    ? beginTraining(options.fresh, options.steps ?? defaultSteps, corpus)
    : readCheckpointInfo(options.output);
  const info = { ...start, steps: options.steps ?? start.steps };
  const tokenizer = new Tokenizer(info.merges);
  const model = new LanguageModel(info.model);
  const optimizer = makeOptimizer(info.learningRate, info.steps);
  if (!options.fresh) loadCheckpoint(options.output, model, optimizer);

  const [training, validation] = [corpus.training, corpus.validation].map((texts) =>
    tokenize(texts, tokenizer),
  ) as [Int32Array, Int32Array];
  if (validation.length <= info.model.context)
    throw new OptionError(`--context is less than the ${validation.length} tokens held out`);
  const parameters = mx.treeReduce((sum: number, a: mx.array) => sum + a.size, model, 0);
  console.log(
    `${parameters.toLocaleString('en-US')} parameters, ` +
      `${training.length.toLocaleString('en-US')} tokens of ${corpus.training.length} speeches, ` +
      `${corpus.validation.length} speeches held out`,
  );
  if (info.step > 0) console.log(`going on after step ${info.step} of ${info.steps}`);
  if (info.step >= info.steps) console.log('nothing is left to train; more --steps go on');

  const characters = corpus.validation.reduce((sum, text) => sum + text.length, 0);
  const data = { training, validation, tokensPerCharacter: validation.length / characters };
  const { losses, step } = await train(info, model, optimizer, data, options);
  if (step < info.steps) {
    console.log(`stopped after step ${step}; --resume goes on from there`);
    return { step, losses, text: undefined };
  }

  const { prompt, sampleLength: length, temperature } = options;
  const { context } = info.model;
  const text = await sample(model, tokenizer, { prompt, length, temperature, context });
  console.log(`\n${text}`);
  return { step, losses, text };
}

interface Data {
  training: Int32Array;
  validation: Int32Array;
  /** Of the validation texts. */
  tokensPerCharacter: number;
}

/** Learns the vocabulary and seeds the weights. */
function beginTraining(options: FreshOptions, steps: number, corpus: Corpus): CheckpointInfo {
  const { vocabularySize, context, layers, dims, heads, batchSize, learningRate } = options;
  const begin = performance.now();
  const tokenizer = Tokenizer.train(corpus.training, vocabularySize);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`a vocabulary of ${tokenizer.vocabularySize} tokens, found in ${seconds} s`);
  mx.random.seed(options.seed);
  return {
    model: { vocabularySize: tokenizer.vocabularySize, context, layers, dims, heads },
    step: 0,
    steps,
    batchSize,
    learningRate,
    merges: tokenizer.merges,
  };
}

/** Takes the steps that are left, with a checkpoint now and then, at the end and on Ctrl+C. */
async function train(
  info: CheckpointInfo,
  model: LanguageModel,
  optimizer: AdamW,
  data: Data,
  options: Options,
): Promise<{ losses: number[]; step: number }> {
  const { steps, batchSize } = info;
  const { context } = info.model;
  const takeStep = makeTrainingStep(model, optimizer);
  const report = new ProgressReport('tokens');
  const losses: number[] = [];
  let isInterrupted = false;
  const interrupt = (): void => void (isInterrupted = true);
  process.once('SIGINT', interrupt);

  let step = info.step;
  while (step < steps && !isInterrupted) {
    const loss = takeStep(...randomWindows(data.training, batchSize, context));
    await mx.asyncEval(loss, model, optimizer.state);
    losses.push(loss.item());
    step += 1;
    let note: string | undefined;
    if (step % options.checkpointEvery === 0 || step === steps || isInterrupted) {
      const heldOut = await evaluateLoss(model, data.validation, context, validationWindows);
      saveCheckpoint(options.output, { ...info, step }, model, optimizer);
      // Per token losses depend on the vocabulary; bits per character compare.
      const bits = (heldOut / Math.LN2) * data.tokensPerCharacter;
      note = `validation loss ${heldOut.toFixed(3)}, ${bits.toFixed(2)} bits per character`;
    }
    report.update({ step, steps, items: batchSize * context, loss: losses.at(-1)!, note });
  }
  report.stop();
  process.off('SIGINT', interrupt);
  return { losses, step };
}
