import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import * as optim from '../index';

// What the pieces of a training say to wrong arguments: the name of what was called, never that of
// a function inside it nor an error of JavaScript's own.

const liar = { parameters: (): unknown => undefined, update: () => undefined } as never;
const model = new nn.Linear(2, 1);
const changing = { parameters: () => parameters, update: () => undefined } as optim.Updatable;
let parameters: object = { a: mx.array([1]) };
const averageOfChanged = (): optim.EMA => {
  parameters = { a: mx.array([1]) };
  const average = new optim.EMA(changing);
  parameters = { b: mx.array([1]) };
  return average;
};
const looping = { [Symbol.for('mlx.tree')]: () => looping };
const endless = new Array<never>(2 ** 32 - 1);
const two = mx.array([1, 2]);

const refused: [expected: string, run: () => unknown][] = [
  ['[EMA] model.parameters() ', () => new optim.EMA(liar)],
  ['[EMA.update] ', () => averageOfChanged().update()],
  ['[EMA.weights] ', () => averageOfChanged().weights()],
  ['[EMA.use] ', () => averageOfChanged().use(1 as never)],
  ['[EMA.update] ', () => optim.EMA.prototype.update.call({} as never)],
  ['[EarlyStopping.state] ', () => (new optim.EarlyStopping(2).state = { best: two, waited: two })],
  ['[EarlyStopping.update] ', () => optim.EarlyStopping.prototype.update.call({} as never, 1)],
  [
    '[GradientAccumulation.state] ',
    () => (new optim.GradientAccumulation(2).state = { added: two }),
  ],
  [
    '[GradientAccumulation.add] ',
    () => {
      const accumulation = new optim.GradientAccumulation(3);
      accumulation.add({ a: two });
      accumulation.add({ b: two });
    },
  ],
  ['[ProgressLine.update] ', () => optim.ProgressLine.prototype.update.call(null as never, 1)],
  ['[RunningMean.add] ', () => optim.RunningMean.prototype.add.call([] as never, 1)],
  [
    '[Batches.epoch] ',
    () => Object.getPrototypeOf(optim.batches(two, 1)).epoch.call(Object.create(two), 0),
  ],
  [
    '[MixedPrecision.scaleLoss] ',
    () => new optim.MixedPrecision(new optim.SGD(1)).scaleLoss('loss' as never),
  ],
  [
    '[MixedPrecision.prepare] model.parameters() ',
    () => new optim.MixedPrecision(new optim.SGD(1)).prepare(liar),
  ],
  [
    '[SGD.applyGradients] ',
    () => new optim.SGD(1).applyGradients(looping as never, [mx.array(1), mx.array(2)]),
  ],
  ['[batches] A list of 4294967295 elements ', () => optim.batches(endless, 1)],
  ['[batches] The value is nested ', () => optim.batches(looping as never, 1)],
  ['[batches] data must be a tree of arrays', () => optim.batches([], 1)],
  [
    '[saveCheckpoint] A list of 4294967295 elements ',
    () => optim.saveCheckpoint('unwritten', { part: { state: endless } }, 1),
  ],
  [
    '[saveCheckpoint] info must be ',
    () => optim.saveCheckpoint('unwritten', { part: { state: [] } }, 1, endless),
  ],
  ['[Adam.update] ', () => new optim.Adam(1).update(model, 1 as never)],
];

test.each(refused)('%s names what was called', (expected, run) => {
  let message = 'no error';
  try {
    run();
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message.slice(0, expected.length)).toBe(expected);
});
