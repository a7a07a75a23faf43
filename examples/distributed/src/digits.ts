import * as mx from '@mlx/core';
import { arraysOf, loadSplit } from '@mlx/example-mnist/dist/data';
import { MLP } from '@mlx/example-mnist/dist/models';
import * as nn from '@mlx/nn';
import { SGD } from '@mlx/optimizers';
import { makeStep } from './data-parallel';

/** Learns handwritten digits by the network of examples/mnist; gives the loss of each step. */
export function learnDigits(steps: number): number[] {
  mx.random.seed(0);
  const [images, labels] = arraysOf(loadSplit().train);
  const model = new MLP();
  const step = makeStep(model, new SGD(0.1, 0.9), (images: mx.array, labels: mx.array) =>
    nn.losses.crossEntropy(model(images), labels, { reduction: 'mean' }),
  );
  return Array.from({ length: steps }, (_, i) => {
    const rows = mx.random.randint(0, images.shape[0]!, { shape: [128], key: mx.random.key(i) });
    return step(mx.take(images, rows, 0), mx.take(labels, rows, 0)).item();
  });
}
