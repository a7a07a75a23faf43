import * as mx from '@mlx/core';
import { join } from 'node:path';
import * as nn from './index';

// A state_dict, and what PyTorch's layers compute with it; made by fixtures/pytorch_weight_cases.py.
const files = join(__dirname, '..', '..', '..', 'fixtures', 'files');
const weights = mx.load(join(files, 'pytorch_weights.safetensors')) as Record<string, mx.array>;
const arrays = mx.load(join(files, 'pytorch_outputs.npz')) as Record<string, mx.array>;

/** Transformers of MLX have no biases in their attention; a layer with them takes their place. */
const biased = () => new nn.MultiHeadAttention(8, 2, { bias: true });

class EncoderLayer extends nn.TransformerEncoderLayer {
  override attention = biased();
}

class DecoderLayer extends nn.TransformerDecoderLayer {
  override selfAttention = biased();
  override crossAttention = biased();
}

class Layers extends nn.Module {
  conv1d = new nn.Conv1d(4, 4, 3, 2, 1);
  conv2d = new nn.Conv2d(4, 6, [3, 2], { groups: 2 });
  conv3d = new nn.Conv3d(2, 2, 2);
  convTranspose1d = new nn.ConvTranspose1d(4, 4, 3, 2, 1);
  convTranspose2d = new nn.ConvTranspose2d(3, 3, [3, 2], 2);
  convTranspose3d = new nn.ConvTranspose3d(2, 3, 2);
  batchNorm = new nn.BatchNorm(4);
  groupNorm = new nn.GroupNorm(2, 4, { pytorchCompatible: true });
  rnn = new nn.RNN(5, 4);
  gru = new nn.GRU(5, 4);
  lstm = new nn.LSTM(5, 4);
  plainGru = new nn.GRU(5, 4, false);
  attention = biased();
  crossAttention = new nn.MultiHeadAttention(8, 2, {
    keyInputDims: 5,
    valueInputDims: 6,
    bias: true,
  });
  encoder = new nn.TransformerEncoder(2, 8, 2, 12);
  decoderLayer = new DecoderLayer(8, 2, 12);
  sequence = new nn.Sequential(
    new nn.Conv2d(4, 4, 3),
    nn.relu,
    new nn.Sequential(new nn.BatchNorm(4), nn.relu),
    // PyTorch flattens with the channels first.
    (x: mx.array) => mx.flatten(mx.moveaxis(x, -1, 1), 1),
    new nn.Linear(48, 3),
  );

  constructor() {
    super();
    this.encoder.layers = [new EncoderLayer(8, 2, 12), new EncoderLayer(8, 2, 12)];
  }

  forward(): mx.array {
    throw new Error('its members are called');
  }
}

const model = new Layers();
model.loadWeights(nn.fromPyTorch(model, weights)).eval();

const toLast = (x: mx.array) => mx.moveaxis(x, 1, -1);
const toFirst = (x: mx.array) => mx.moveaxis(x, -1, 1);
const imageLayers =
  /^(conv1d|conv2d|conv3d|convTranspose1d|convTranspose2d|convTranspose3d|batchNorm|groupNorm)$/;

function call(name: string & keyof Layers, given: mx.array[]): mx.array {
  const layer = model[name] as unknown as (...values: (mx.array | null)[]) => unknown;
  if (imageLayers.test(name)) return toFirst(layer(toLast(given[0]!)) as mx.array);
  if (name === 'sequence') return layer(toLast(given[0]!)) as mx.array;
  if (name === 'encoder') return layer(given[0]!, null) as mx.array;
  if (name === 'decoderLayer') return layer(given[0]!, given[1]!, null, null) as mx.array;
  const output = layer(...given);
  return (Array.isArray(output) ? output[0] : output) as mx.array;
}

const members = Object.keys(model) as (string & keyof Layers)[];

test.each(members)('%s computes what PyTorch computes with these weights', (name) => {
  const key = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  const given = Object.keys(arrays)
    .filter((one) => one.startsWith(`${key}.`) && !one.endsWith('output'))
    .sort()
    .map((one) => arrays[one]!);
  const expected = arrays[`${key}.output`]!;
  const output = call(name, given);
  expect(output.shape).toEqual(expected.shape);
  // float32 against float64, over sums of at most 48 products of numbers of size 1.
  const distance = mx.max(mx.abs(mx.subtract(output, expected))).item();
  expect(distance).toBeLessThan(5e-6);
});

test('what a layer has no place for is told by a strict load', () => {
  const two = { ...weights, 'gru.weight_ih_l1': mx.ones([12, 4]) };
  expect(() => new Layers().loadWeights(nn.fromPyTorch(model, two))).toThrow(
    'Received 1 parameters not in model: gru.weight_ih_l1',
  );
  const make = nn.fromPyTorch as (...values: unknown[]) => unknown;
  expect(() => make(model, { bias: 3 })).toThrow(
    '[fromPyTorch] weights must be an object of arrays by their names, but bias is 3.',
  );
});

test('members of lists and of oneself find their names', () => {
  class Net extends nn.Module {
    blocks = [new nn.Linear(1, 1), { inner: new nn.Conv1d(2, 3, 4) }];
    scale = mx.ones([1]);
    forward(x: mx.array): mx.array {
      return x;
    }
  }
  const net = new Net();
  const pairs = nn.fromPyTorch(net, {
    scale: mx.ones([1]),
    'blocks.0.weight': mx.ones([1, 1]),
    'blocks.0.bias': mx.ones([1]),
    'blocks.1.inner.weight': mx.ones([3, 2, 4]),
    'blocks.1.inner.bias': mx.ones([3]),
  });
  expect(net.loadWeights(pairs).scale.item()).toBe(1);
});
