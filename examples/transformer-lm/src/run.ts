import * as mx from '@mlx/core';
import { OptionError } from '@mlx/example-shared';
import { ProgressLine, type AdamW } from '@mlx/optimizers';
import { readSaved, resume, save, type TrainingSettings } from './checkpoint';
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
    ? { step: 0, settings: beginTraining(options.fresh, options.steps ?? defaultSteps, corpus) }
    : readSaved(options.output);
  const settings = { ...start.settings, steps: options.steps ?? start.settings.steps };
  const tokenizer = new Tokenizer(settings.merges);
  const model = new LanguageModel(settings.model);
  const optimizer = makeOptimizer(settings.learningRate, settings.steps);
  if (!options.fresh) resume(options.output, { model, optimizer });

  const [training, validation] = [corpus.training, corpus.validation].map((texts) =>
    tokenize(texts, tokenizer),
  ) as [Int32Array, Int32Array];
  if (validation.length <= settings.model.context)
    throw new OptionError(`--context is less than the ${validation.length} tokens held out`);
  const parameters = mx.treeReduce((sum: number, a: mx.array) => sum + a.size, model, 0);
  console.log(
    `${parameters.toLocaleString('en-US')} parameters, ` +
      `${training.length.toLocaleString('en-US')} tokens of ${corpus.training.length} speeches, ` +
      `${corpus.validation.length} speeches held out`,
  );
  if (start.step > 0) console.log(`going on after step ${start.step} of ${settings.steps}`);
  if (start.step >= settings.steps) console.log('nothing is left to train; more --steps go on');

  const characters = corpus.validation.reduce((sum, text) => sum + text.length, 0);
  const data = { training, validation, tokensPerCharacter: validation.length / characters };
  const { losses, step } = await train(start.step, settings, { model, optimizer }, data, options);
  if (step < settings.steps) {
    console.log(`stopped after step ${step}; --resume goes on from there`);
    return { step, losses, text: undefined };
  }

  const { prompt, sampleLength: length, temperature } = options;
  const { context } = settings.model;
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
function beginTraining(options: FreshOptions, steps: number, corpus: Corpus): TrainingSettings {
  const { vocabularySize, context, layers, dims, heads, batchSize, learningRate } = options;
  const begin = performance.now();
  const tokenizer = Tokenizer.train(corpus.training, vocabularySize);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`a vocabulary of ${tokenizer.vocabularySize} tokens, found in ${seconds} s`);
  mx.random.seed(options.seed);
  return {
    model: { vocabularySize: tokenizer.vocabularySize, context, layers, dims, heads },
    steps,
    batchSize,
    learningRate,
    merges: tokenizer.merges,
  };
}

/** Takes the steps that are left, with a checkpoint now and then, at the end and on Ctrl+C. */
async function train(
  from: number,
  settings: TrainingSettings,
  parts: { model: LanguageModel; optimizer: AdamW },
  data: Data,
  options: Options,
): Promise<{ losses: number[]; step: number }> {
  const { model, optimizer } = parts;
  const { steps, batchSize } = settings;
  const { context } = settings.model;
  const takeStep = makeTrainingStep(model, optimizer);
  const progress = new ProgressLine(steps, 'tokens');
  const losses: number[] = [];
  let isInterrupted = false;
  const interrupt = (): void => void (isInterrupted = true);
  process.once('SIGINT', interrupt);

  let step = from;
  while (step < steps && !isInterrupted) {
    const loss = takeStep(...randomWindows(data.training, batchSize, context));
    await mx.asyncEval(loss, model, optimizer.state);
    losses.push(loss.item());
    step += 1;
    let note: string | undefined;
    if (step % options.checkpointEvery === 0 || step === steps || isInterrupted) {
      const heldOut = await evaluateLoss(model, data.validation, context, validationWindows);
      save(options.output, parts, step, settings);
      // Per token losses depend on the vocabulary; bits per character compare.
      const bits = (heldOut / Math.LN2) * data.tokensPerCharacter;
      note = `validation loss ${heldOut.toFixed(3)}, ${bits.toFixed(2)} bits per character`;
    }
    progress.update(step, { items: batchSize * context, loss: losses.at(-1)!, note });
  }
  progress.stop();
  process.off('SIGINT', interrupt);
  return { losses, step };
}
