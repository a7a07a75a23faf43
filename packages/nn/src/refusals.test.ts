import * as mx from '@mlx/core';
import * as nn from './index';

type Made = new (...values: unknown[]) => unknown;
const classes = nn as unknown as Record<string, Made>;

const sparse: unknown[] = [];
sparse.length = 2 ** 32 - 1;
const endless = new Proxy([], {
  get: (target, key) => (key === 'length' ? 2 ** 32 - 1 : (Reflect.get(target, key) as unknown)),
});

describe.each([
  ['a sparse list', sparse],
  ['a list that lies about its length', endless],
])('%s ends at once', (_name, list) => {
  const logits = mx.zeros([2, 2]);
  const linear = new nn.Linear(2, 2);
  test.each<[string, () => unknown]>([
    ['Bilinear', () => new classes.Bilinear!(list, 2, 3)],
    ['Conv2d', () => new classes.Conv2d!(1, 2, list)],
    ['AvgPool2d', () => new classes.AvgPool2d!(list)],
    ['Sequential', () => new classes.Sequential!(list)],
    ['Upsample', () => new classes.Upsample!(list)],
    ['Embedding', () => new nn.Embedding(3, 2)(list as number[])],
    ['nllLoss', () => nn.nllLoss(logits, list as number[])],
    ['crossEntropy', () => nn.crossEntropy(logits, list as number[])],
    ['Module.freeze', () => linear.freeze({ keys: list as string[] })],
    ['Module.loadWeights', () => linear.loadWeights(list as [string, mx.array][])],
  ])('%s', (name, run) => {
    expect(run).toThrow(new RegExp(`^\\[${name}\\]`));
  });
});

test('indices that contain themselves are refused', () => {
  const list: unknown[] = [];
  list.push(list);
  expect(() => nn.nllLoss(mx.zeros([2, 2]), list as number[])).toThrow(
    /^\[nllLoss\] The value is nested/,
  );
});

describe('sizes that no computer holds', () => {
  const most = 2 ** 31 - 2;
  test.each([
    ['Linear', 2],
    ['Bilinear', 3],
    ['Embedding', 2],
    ['Conv1d', 3],
    ['Conv2d', 3],
    ['Conv3d', 3],
    ['ConvTranspose1d', 3],
    ['ConvTranspose3d', 3],
    ['RNN', 2],
    ['GRU', 2],
    ['LSTM', 2],
    ['MultiHeadAttention', 2],
    ['TransformerEncoderLayer', 2],
    ['TransformerDecoderLayer', 2],
    ['TransformerEncoder', 3],
    ['TransformerDecoder', 3],
    ['Transformer', 2],
    ['QuantizedLinear', 2],
    ['QuantizedEmbedding', 2],
    ['QQLinear', 2],
    ['SinusoidalPositionalEncoding', 1],
  ])('are refused by %s', (name, count) => {
    for (const size of [most, 2 ** 32])
      expect(() => new classes[name]!(...Array<number>(count).fill(size))).toThrow(
        new RegExp(`^\\[${name}\\]`),
      );
  });

  test('are refused where something is made for each', () => {
    expect(() => new nn.TransformerEncoder(most, 8, 2)).toThrow(
      '[TransformerEncoder] numLayers must be a non-negative integer up to 4096',
    );
    expect(() => new nn.Transformer(8, 2, most)).toThrow('[Transformer] numEncoderLayers must be');
    expect(() => nn.ALiBi.createAlibiSlope(most)).toThrow('[ALiBi.createAlibiSlope] numHeads must');
    const x = mx.zeros([1, 2, 1]);
    for (const mode of ['nearest', 'linear', 'cubic'] as const)
      expect(() => new nn.Upsample(1e8 + 0.5, mode)(x)).toThrow(/^\[Upsample\] A scale factor of/);
  });
});

test.each([
  ...'ReLU ReLU2 ReLU6 Sigmoid Tanh Softplus Softsign SiLU SELU Mish LogSigmoid Hardswish'.split(
    ' ',
  ),
  ...'HardTanh Softmax LogSoftmax Softmin ALiBi'.split(' '),
])('%s takes no settings', (name) => {
  const Layer = classes[name]!;
  expect(() => new Layer(1)).toThrow(new TypeError(`[${name}] Too many arguments; it takes none.`));
  expect(() => new Layer({ axis: 1 })).toThrow(
    new TypeError(`[${name}] Unknown option axis; it takes no options.`),
  );
});

test('inputs that a layer has no steps or axes for are ShapeErrors', () => {
  const sequence = '[batch, time, features] or [time, features] with at least one step';
  for (const [name, Layer] of Object.entries({ RNN: nn.RNN, GRU: nn.GRU, LSTM: nn.LSTM }))
    for (const shape of [[2], [0, 2], [3, 0, 2]])
      expect(() => new Layer(2, 3)(mx.ones(shape))).toThrow(`[${name}] Expected ${sequence}`);
  const x = mx.ones([2, 4]);
  for (const inputs of [
    [x, x, x],
    [mx.ones([1, 2, 4]), x, x],
  ] as const)
    expect(() => new nn.MultiHeadAttention(4, 2)(...inputs)).toThrow(
      /^\[MultiHeadAttention\] Expected queries, keys and values with 3 axes/,
    );
});

test('a class of modules is no layer and no activation', () => {
  expect(() => new classes.Sequential!(nn.relu, nn.ReLU)).toThrow(
    new TypeError('[Sequential] Layer 1 is the class ReLU; make one by new.'),
  );
  expect(() => new classes.RNN!(2, 3, { nonlinearity: nn.ReLU })).toThrow(
    '[RNN] nonlinearity must be a function or a module',
  );
  expect(new nn.RNN(2, 3, { nonlinearity: new nn.ReLU() })(mx.ones([2, 2])).shape).toEqual([2, 3]);
});

test('weights are written in the formats that a name can tell', () => {
  for (const file of ['weights', 'weights.bin', 'weights.gguf', 'safetensors'])
    expect(() => new nn.Linear(1, 1).saveWeights(file)).toThrow(
      new TypeError(
        `[Module.saveWeights] The name of a file ends in .safetensors or .npz, not '${file}'.`,
      ),
    );
});

test('a loss that is no scalar is refused by the name of what was called', () => {
  const linear = new nn.Linear(2, 2);
  expect(() => nn.valueAndGrad(linear, (x: mx.array) => linear(x))(mx.ones([1, 2]))).toThrow(
    '[valueAndGrad] The function must return a scalar, first in a list if there is more; its value ' +
      'has shape (1,2).',
  );
});

test('names that a module lacks are RangeErrors', () => {
  const layer = new nn.Linear(2, 2);
  const nothing = { nothing: mx.zeros([1]) };
  for (const run of [
    () => layer.update(nothing),
    () => layer.updateModules({ nothing: new nn.ReLU() }),
    () => layer.freeze({ keys: 'nothing', strict: true }),
    () => layer.loadWeights([['nothing', mx.zeros([1])]]),
  ])
    expect(run).toThrow(RangeError);
});

test('methods of modules name themselves, also on other objects', () => {
  const embedding = new nn.Embedding(4, 32);
  const calls: [string, () => unknown][] = [
    ['Embedding.asLinear', () => embedding.asLinear(mx.ones([3]))],
    ['Module.loadWeights', () => embedding.loadWeights('missing.npz')],
    ['Module.saveWeights', () => embedding.saveWeights('no/such/folder/x.npz')],
    ['Module.train', () => nn.Linear.prototype.train.call(null as never)],
    ['Module.parameters', () => nn.Module.prototype.parameters.call({} as never)],
    ['Module.forward', () => nn.ReLU.prototype.forward.call({} as never, 1)],
  ];
  for (const [name, call] of calls) expect(call).toThrow(`[${name}] `);
});

describe('the methods of layers name themselves on anything else', () => {
  const methods = Object.entries(classes).flatMap(([name, made]) =>
    typeof made !== 'function' || !(made.prototype instanceof nn.Module)
      ? []
      : Object.getOwnPropertyNames(made.prototype)
          // The last two are hooks that classes call on themselves.
          .filter((key) => !['constructor', 'activate', 'extraRepr'].includes(key))
          .map((key) => [name, key, made.prototype as Record<string, unknown>] as const),
  );
  test.each(methods)('%s.%s', (_name, key, prototype) => {
    const { value, get } = Object.getOwnPropertyDescriptor(prototype, key)!;
    const method = (value ?? get) as () => unknown;
    for (const other of [null, 1, [1, 2], {}])
      expect(() => method.call(other)).toThrow(
        /^\[\w+\.\w+\] Expected .* before the dot, but got /,
      );
  });
});
