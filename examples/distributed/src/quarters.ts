import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { Adam } from '@mlx/optimizers';
import { makeStep } from './data-parallel';

/** Learns which of four quarters of the plane a point lies in; gives the loss of each step. */
export function learnQuarters(steps: number): number[] {
  mx.random.seed(0);
  const model = new nn.Sequential(new nn.Linear(2, 32), new nn.Tanh(), new nn.Linear(32, 4));
  const step = makeStep(model, new Adam(0.01), (points: mx.array, quarters: mx.array) =>
    nn.losses.crossEntropy(model.forward(points), quarters, { reduction: 'mean' }),
  );
  return Array.from({ length: steps }, (_, i) => {
    // The same batch everywhere, as all have the same key.
    const points = mx.random.uniform(-1, 1, { shape: [64, 2], key: mx.random.key(i) });
    const isPositive = mx.greater(points, 0).astype(mx.int32);
    return step(points, mx.sum(isPositive.multiply(mx.array([2, 1], mx.int32)), 1)).item();
  });
}
