import * as optimizers from './index';
import type { Optimizer } from './index';

/** One of each kind, as trainings use them: with momentum, a schedule, or several in one. */
export const everyOptimizer: [name: string, make: () => Optimizer][] = [
  ['SGD', () => new optimizers.SGD(0.01, 0.9)],
  ['RMSprop', () => new optimizers.RMSprop(0.01)],
  ['Adagrad', () => new optimizers.Adagrad(0.01)],
  ['AdaDelta', () => new optimizers.AdaDelta(0.5)],
  ['Adam', () => new optimizers.Adam(0.01)],
  ['AdamW', () => new optimizers.AdamW(optimizers.cosineDecay(0.01, 30))],
  ['Adamax', () => new optimizers.Adamax(0.01)],
  ['Lion', () => new optimizers.Lion(0.01)],
  ['Adafactor', () => new optimizers.Adafactor()],
  ['Muon', () => new optimizers.Muon(0.01)],
  [
    'MultiOptimizer',
    () =>
      new optimizers.MultiOptimizer(
        [new optimizers.SGD(0.01, 0.9), new optimizers.Adam(0.01)],
        [(path) => path.endsWith('bias')],
      ),
  ],
  ['MixedPrecision', () => new optimizers.MixedPrecision(new optimizers.Adam(0.01))],
  [
    'MixedPrecision with a scaled loss',
    () =>
      new optimizers.MixedPrecision(
        new optimizers.MultiOptimizer(
          [new optimizers.SGD(0.01, 0.9), new optimizers.AdamW(optimizers.cosineDecay(0.01, 30))],
          [(path) => path.endsWith('bias')],
        ),
        { lossScale: 4, growthInterval: 3, maxNorm: 10 },
      ),
  ],
];
