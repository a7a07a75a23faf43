import * as mx from '@mlx/core';
import { LanguageModel } from '@mlx/example-transformer-lm/dist/model';
import { loadSpeeches } from '@mlx/example-transformer-lm/dist/speeches';
import { Tokenizer } from '@mlx/example-transformer-lm/dist/tokenizer';
import { makeOptimizer } from '@mlx/example-transformer-lm/dist/train';
import { randomWindows, tokenize } from '@mlx/example-transformer-lm/dist/windows';
import * as nn from '@mlx/nn';
import { clipGradNorm } from '@mlx/optimizers';
import { makeStep } from './data-parallel';

/** Learns to write speeches by the model of examples/transformer-lm; gives the loss of each step. */
export function learnSpeeches(steps: number): number[] {
  mx.random.seed(0);
  const texts = loadSpeeches().validation;
  const tokenizer = Tokenizer.train(texts.slice(0, 2), 400);
  const tokens = tokenize(texts, tokenizer);
  const context = 32;
  const model = new LanguageModel({
    vocabularySize: tokenizer.vocabularySize,
    context,
    layers: 2,
    dims: 64,
    heads: 4,
  });
  const step = makeStep(
    model,
    makeOptimizer(1e-3, steps),
    (inputs: mx.array, targets: mx.array) =>
      nn.losses.crossEntropy(model(inputs), targets, { reduction: 'mean' }),
    (gradients) => clipGradNorm(gradients, 1)[0],
  );
  // All processes draw the same windows, as they began with the same seed.
  return Array.from({ length: steps }, () => step(...randomWindows(tokens, 16, context)).item());
}
