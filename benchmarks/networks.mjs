// Cases that train networks or run them.
import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { Adam, SGD } from '@mlx/optimizers';
import { uniform } from './uniform.mjs';

/** A step of training: the loss, its gradients, and the update. */
function training(model, optimizer, loss, compiled = false) {
  const gradientsOf = nn.valueAndGrad(model, loss);
  const step = () => {
    const [value, gradients] = gradientsOf();
    optimizer.update(model, gradients);
    return value;
  };
  optimizer.init(model.parameters());
  const state = [model, optimizer];
  const run = compiled ? mx.compile(step, state, state) : step;
  return () => mx.eval(run(), model, optimizer);
}

const classLoss = (logits, y) => nn.losses.crossEntropy(logits, y, { reduction: 'mean' });
const classes = (count) => mx.random.randint(0, 10, [count]);

function mlp(compiled = false) {
  const model = new nn.Sequential(
    new nn.Linear(784, 256),
    nn.relu,
    new nn.Linear(256, 256),
    nn.relu,
    new nn.Linear(256, 10),
  );
  const [x, y] = [uniform(256, 784), classes(256)];
  return training(model, new SGD(0.1), () => classLoss(model(x), y), compiled);
}

function cnn() {
  const model = new nn.Sequential(
    new nn.Conv2d(1, 16, 5, { padding: 2 }),
    nn.relu,
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 5, { padding: 2 }),
    nn.relu,
    new nn.MaxPool2d(2),
    (a) => mx.flatten(a, 1),
    new nn.Linear(7 * 7 * 32, 10),
  );
  const [x, y] = [uniform(32, 28, 28, 1), classes(32)];
  return training(model, new Adam(0.001), () => classLoss(model(x), y));
}

class ResNetBlock extends nn.Module {
  layers = new nn.Sequential(
    new nn.Conv2d(64, 64, 3, { padding: 1, bias: false }),
    new nn.BatchNorm(64),
    nn.relu,
    new nn.Conv2d(64, 64, 3, { padding: 1, bias: false }),
    new nn.BatchNorm(64),
  );

  forward(x) {
    return nn.relu(mx.add(this.layers(x), x));
  }
}

function resnetBlock() {
  const [model, x] = [new ResNetBlock(), uniform(16, 32, 32, 64)];
  return training(model, new Adam(0.001), () => mx.mean(mx.square(model(x))));
}

function lstm() {
  const [model, x] = [new nn.LSTM(64, 128), uniform(16, 100, 64)];
  return () => mx.eval(model(x));
}

function transformer() {
  const layer = new nn.TransformerEncoderLayer(256, 8, 1024);
  const x = uniform(8, 128, 256);
  return training(layer, new Adam(0.001), () => mx.mean(mx.square(layer(x))));
}

class ViT extends nn.Module {
  patches;
  positions;
  layers;
  head;

  constructor(features = 192, layers = 4) {
    super();
    this.patches = new nn.Conv2d(3, features, 8, { stride: 8 });
    this.positions = uniform(64, features);
    this.layers = Array.from(
      { length: layers },
      () => new nn.TransformerEncoderLayer(features, 3, 768),
    );
    this.head = new nn.Linear(features, 10);
  }

  forward(x) {
    let tokens = mx.add(mx.flatten(this.patches(x), 1, 2), this.positions);
    for (const layer of this.layers) tokens = layer(tokens);
    return this.head(mx.mean(tokens, 1));
  }
}

function vit() {
  const [model, x, y] = [new ViT(), uniform(16, 64, 64, 3), classes(16)];
  return training(model, new Adam(0.001), () => classLoss(model(x), y));
}

class LlamaLayer extends nn.Module {
  #heads;
  norm1;
  norm2;
  qkv;
  out;
  gateUp;
  down;

  constructor(features, hidden, heads) {
    super();
    this.#heads = heads;
    this.norm1 = new nn.RMSNorm(features);
    this.norm2 = new nn.RMSNorm(features);
    this.qkv = new nn.Linear(features, 3 * features, { bias: false });
    this.out = new nn.Linear(features, features, { bias: false });
    this.gateUp = new nn.Linear(features, 2 * hidden, { bias: false });
    this.down = new nn.Linear(hidden, features, { bias: false });
  }

  forward(x, [pastKeys, pastValues]) {
    const parts = mx.split(this.qkv(this.norm1(x)), 3, -1);
    const [q, k, v] = parts.map((part) => part.reshape(1, this.#heads, 1, -1));
    const rotated = [q, k].map((part) =>
      mx.fast.rope(part, 64, { traditional: false, base: 10000, scale: 1, offset: 255 }),
    );
    const keys = mx.concatenate([pastKeys, rotated[1]], 2);
    const values = mx.concatenate([pastValues, v], 2);
    const read = mx.fast.scaledDotProductAttention(rotated[0], keys, values, { scale: 1 / 8 });
    const middle = mx.add(x, this.out(read.reshape(1, -1)));
    const [gate, up] = mx.split(this.gateUp(this.norm2(middle)), 2, -1);
    return mx.add(middle, this.down(mx.multiply(nn.silu(gate), up)));
  }
}

class Llama extends nn.Module {
  table = uniform(1000, 1024);
  layers = Array.from({ length: 6 }, () => new LlamaLayer(1024, 2816, 16));
  norm = new nn.RMSNorm(1024);
  head = new nn.Linear(1024, 1000, { bias: false });

  forward(word, past) {
    let x = mx.take(this.table, word, 0);
    this.layers.forEach((layer, i) => (x = layer.forward(x, past[i])));
    return mx.argmax(this.head(this.norm(x)), -1);
  }
}

function decode(dtype, bits) {
  const model = new Llama();
  model.setDtype(dtype);
  if (bits !== undefined) nn.quantize(model, { groupSize: 64, bits });
  const past = model.layers.map(() =>
    [0, 1].map(() => mx.random.uniform(-1, 1, [1, 16, 255, 64]).astype(dtype)),
  );
  const word = mx.array([7], mx.int32);
  mx.eval(model, past);
  return () => model.forward(word, past).item();
}

/** Only the update, by gradients that stay. */
function adam(shape, count, compiled = false) {
  const arrays = () => ({ arrays: Array.from({ length: count }, () => uniform(...shape)) });
  class Model extends nn.Module {
    arrays = arrays().arrays;
  }
  const [model, gradients, optimizer] = [new Model(), arrays(), new Adam(0.001)];
  optimizer.init(model.parameters());
  const update = () => optimizer.update(model, gradients);
  const state = [model, optimizer];
  const run = compiled ? mx.compile(update, [...state, gradients], state) : update;
  return () => {
    run();
    mx.eval(model, optimizer);
  };
}

export const networks = {
  mlp: () => mlp(),
  mlpCompiled: () => mlp(true),
  cnn,
  resnetBlock,
  lstm,
  transformer,
  vit,
  decode: () => decode(mx.float32),
  decodeBf16: () => decode(mx.bfloat16),
  decode4bit: () => decode(mx.float32, 4),
  adam10m: () => adam([2500, 1000], 4),
  adam50: () => adam([256, 256], 50),
  adam50compiled: () => adam([256, 256], 50, true),
};
