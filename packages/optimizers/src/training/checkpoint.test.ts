import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Adam,
  EarlyStopping,
  EMA,
  GradientAccumulation,
  loadCheckpoint,
  MixedPrecision,
  saveCheckpoint,
  SGD,
} from '../index';

const folder = mkdtempSync(join(tmpdir(), 'mlx-checkpoint-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** A training of everything that has a state, with random numbers. */
function begin() {
  const model = new nn.Sequential(
    new nn.Linear(4, 8),
    new nn.Dropout(0.25),
    new nn.BatchNorm(8),
    new nn.Linear(8, 1),
  );
  const optimizer = new MixedPrecision(new Adam(0.01), mx.float16);
  const average = new EMA(optimizer.prepare(model), 0.9);
  const accumulation = new GradientAccumulation(2);
  const stopping = new EarlyStopping(100);
  const parts = { model, optimizer, average, accumulation, stopping };
  const lossAndGradients = nn.valueAndGrad(model, (x: mx.array) => {
    const loss = mx.mean(model(x).subtract(1).square());
    return [optimizer.scaleLoss(loss), loss] as const;
  });
  const run = (steps: number): number[] =>
    Array.from({ length: steps }, () => {
      const [[, loss], gradients] = lossAndGradients(mx.random.normal([6, 4], mx.float16));
      const mean = accumulation.add(gradients);
      if (mean) {
        optimizer.update(model, mean);
        average.update();
      }
      mx.eval(loss, model, optimizer.state, average.state);
      stopping.update(loss.item());
      return loss.item();
    });
  return { parts, run };
}

const values = (tree: unknown) =>
  mx
    .treeFlatten<mx.array>(tree)
    .map(([path, a]) => [path, a.dtype.name, a.tolist()])
    .sort(([a], [b]) => String(a).localeCompare(String(b)));

test('what is resumed is to the bit what went on', () => {
  mx.random.seed(3);
  const whole = begin();
  whole.run(7);
  saveCheckpoint(inFolder('seven'), whole.parts, 7, { names: ['a', 'ä'], rate: 0.5 });
  expect(readdirSync(folder)).toEqual(['seven.safetensors']);
  const losses = whole.run(6);

  mx.random.seed(4);
  const resumed = begin();
  const saved = loadCheckpoint(inFolder('seven.safetensors'), resumed.parts);
  expect(saved).toEqual({ step: 7, info: { names: ['a', 'ä'], rate: 0.5 } });
  expect(resumed.run(6)).toEqual(losses);
  for (const key of ['optimizer', 'average', 'accumulation', 'stopping'] as const)
    expect(values(resumed.parts[key].state)).toEqual(values(whole.parts[key].state));
  expect(values(resumed.parts.model.parameters())).toEqual(values(whole.parts.model.parameters()));
});

test('a model alone is loaded without touching random numbers, if so wanted', () => {
  const model = new nn.Linear(2, 2);
  saveCheckpoint(inFolder('alone'), { model, optimizer: new SGD(0.1) }, 1);
  const again = new nn.Linear(2, 2);
  const key = mx.random.state[0]!.tolist();
  expect(loadCheckpoint(inFolder('alone'), { model: again }, { random: false })).toEqual({
    step: 1,
    info: null,
  });
  expect(mx.random.state[0]!.tolist()).toEqual(key);
  expect(again.weight.tolist()).toEqual(model.weight.tolist());
});

test('what does not fit is refused before anything changes', () => {
  const file = inFolder('fits');
  saveCheckpoint(file, { model: new nn.Linear(2, 3), optimizer: new SGD(0.1) }, 5);
  const optimizer = new SGD(0.7);
  const model = new nn.Linear(2, 3);
  const [wider, bare, average] = [new nn.Linear(2, 4), new nn.Linear(2, 3, false), new EMA(model)];
  const before = [values(model.parameters()), mx.random.state[0]!.tolist()];
  const load = (parts: object) => () => loadCheckpoint(file, parts as { model: nn.Linear });
  expect(load({ model: wider, optimizer })).toThrow(mx.ShapeError);
  expect(load({ optimizer, model: bare })).toThrow(
    '[loadCheckpoint] model is another model than the saved one: there is no bias',
  );
  expect(load({ optimizer, model, average })).toThrow(
    /has no part average; it has model, optimizer, random\.$/,
  );
  expect([values(model.parameters()), mx.random.state[0]!.tolist()]).toEqual(before);
  expect(optimizer.learningRate.item()).toBeCloseTo(0.7);
  expect(load({ model: 3 })).toThrow(/^\[loadCheckpoint\] parts\.model must be a model or have/);
});

test('files and parts that are none are refused', () => {
  const model = new nn.Linear(1, 1);
  expect(() => loadCheckpoint(inFolder('absent'), { model })).toThrow(mx.EngineError);
  mx.saveSafetensors(inFolder('weights'), { weight: mx.ones([1]) });
  expect(() => loadCheckpoint(inFolder('weights'), { model })).toThrow(/is no checkpoint that/);
  for (const name of ['random', 'a.b', ''])
    expect(() => saveCheckpoint(inFolder('names'), { [name]: model }, 0)).toThrow(
      /No part can be named/,
    );
  expect(() => saveCheckpoint(inFolder('info'), { model }, 0, 1n)).toThrow(
    '[saveCheckpoint] info must be a value that JSON can write.',
  );
  expect(() => saveCheckpoint(inFolder('step'), { model }, -1)).toThrow(RangeError);
  expect(() => saveCheckpoint(join(folder, 'no', 'folder'), { model }, 0)).toThrow(
    /^\[saveCheckpoint\]/,
  );
});
