import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { AdamW, clipGradNorm, cosineDecay, joinSchedules, linearSchedule } from '@mlx/optimizers';
import type { LanguageModel } from './model';
import { evenStarts, windowsAt } from './windows';

/** AdamW whose rate rises over the first steps, then falls to a tenth along a cosine. */
export function makeOptimizer(learningRate: number, steps: number): AdamW {
  const warmup = Math.min(50, Math.ceil(steps / 10));
  const schedule = joinSchedules(
    [
      linearSchedule(learningRate / warmup, learningRate, warmup),
      cosineDecay(learningRate, Math.max(steps - warmup, 1), learningRate / 10),
    ],
    [warmup],
  );
  return new AdamW(schedule, [0.9, 0.95], 1e-8, 0.1, true);
}

/** The mean cross entropy between what the model predicts and the tokens that come next. */
function lossOf(model: LanguageModel, inputs: mx.array, targets: mx.array): mx.array {
  return nn.losses.crossEntropy(model(inputs), targets, null, -1, 0, 'mean');
}

/** A function that takes one step and returns the loss before it. */
export function makeTrainingStep(
  model: LanguageModel,
  optimizer: AdamW,
): (inputs: mx.array, targets: mx.array) => mx.array {
  const lossAndGradients = nn.valueAndGrad(model, (inputs: mx.array, targets: mx.array) =>
    lossOf(model, inputs, targets),
  );
  const step = (inputs: mx.array, targets: mx.array): mx.array => {
    const [loss, gradients] = lossAndGradients(inputs, targets);
    optimizer.update(model, clipGradNorm(gradients, 1)[0]);
    return loss;
  };
  return mx.compile(step, [model, optimizer], [model, optimizer]);
}

/** The mean loss over windows spread evenly over the tokens. */
export async function evaluateLoss(
  model: LanguageModel,
  tokens: Int32Array,
  context: number,
  mostWindows: number,
): Promise<number> {
  model.eval();
  const starts = evenStarts(tokens, mostWindows, context);
  const batchSize = 16;
  let sum = 0;
  for (let i = 0; i < starts.length; i += batchSize) {
    const batch = starts.slice(i, i + batchSize);
    const loss = lossOf(model, ...windowsAt(tokens, batch, context));
    await mx.asyncEval(loss);
    sum += loss.item() * batch.length;
  }
  model.train();
  return sum / starts.length;
}
