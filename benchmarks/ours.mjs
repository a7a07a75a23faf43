// Runs one case a line from stdin with this project, and answers with milliseconds.
import { createInterface } from 'node:readline';
import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { Adam, SGD } from '@mlx/optimizers';

const large = 1 << 24;
const uniform = (...shape) => {
  const a = mx.random.uniform(-1, 1, shape);
  mx.eval(a);
  return a;
};

/** Each makes its inputs once and returns the work to be timed. */
const makers = {
  add: () => {
    const a = uniform(large);
    const b = uniform(large);
    return () => mx.eval(mx.add(a, b));
  },
  exp: () => {
    const a = uniform(large);
    return () => mx.eval(mx.exp(a));
  },
  tanh: () => {
    const a = uniform(large);
    return () => mx.eval(mx.tanh(a));
  },
  sum: () => {
    const a = uniform(large);
    return () => mx.eval(mx.sum(a));
  },
  softmax: () => {
    const a = uniform(4096, 4096);
    return () => mx.eval(mx.softmax(a, -1));
  },
  matmul1024: () => matmul(1024),
  matmul2048: () => matmul(2048),
  gemv: () => {
    const a = uniform(4096, 4096);
    const x = uniform(4096);
    return () => mx.eval(mx.matmul(a, x));
  },
  svd512: () => {
    const a = uniform(512, 512);
    return () => mx.eval(mx.linalg.svd(a));
  },
  eigh512: () => {
    const a = uniform(512, 512);
    const symmetric = a.add(a.T);
    return () => mx.eval(mx.linalg.eigh(symmetric));
  },
  quantizedGemv: () => {
    const parts = mx.quantize(uniform(4096, 4096));
    const x = uniform(1, 4096);
    mx.eval(parts);
    return () => mx.eval(mx.quantizedMatmul(x, ...parts));
  },
  layerNorm: () => {
    const [x, weight, bias] = [uniform(4096, 1024), uniform(1024), uniform(1024)];
    return () => mx.eval(mx.fast.layerNorm(x, weight, bias, 1e-5));
  },
  attention: () => attention(8, 1024, 1024, 64),
  attentionCache: () => attention(32, 1, 4096, 128),
  chain: () => {
    const a = uniform(large);
    const b = uniform(large);
    return () =>
      mx.eval(a.multiply(b).add(a).multiply(0.5).subtract(b).abs().add(1).multiply(mx.tanh(b)));
  },
  chain1: () => chain(1),
  chain3: () => chain(3),
  chain7: () => chain(7),
  chain15: () => chain(15),
  chain3unfused: () => chain(3),
  chain7unfused: () => chain(7),
  chain15unfused: () => chain(15),
  chainHeld: () => {
    const a = uniform(large);
    const b = uniform(large);
    return () => {
      const product = a.multiply(b);
      const sum = product.add(a);
      const half = sum.multiply(0.5);
      const difference = half.subtract(b);
      const magnitude = difference.abs();
      const above = magnitude.add(1);
      const result = mx.tanh(above);
      mx.eval(result);
      return [product, sum, half, difference, magnitude, above, result];
    };
  },
  tiny: () => {
    const one = uniform(10);
    return () => {
      let x = one;
      for (let i = 0; i < 1000; ++i) x = x.add(one);
      mx.eval(x);
    };
  },
  fft1000: () => fft(1000),
  fft1024: () => fft(1024),
  fft10007: () => fft(10007),
  fft1m: () => fft(1 << 20),
  fft2d: () => {
    const a = uniform(64, 256, 256).astype(mx.complex64);
    mx.eval(a);
    return () => mx.eval(mx.fft.fft2(a));
  },
  mlp: () => mlp(),
  mlpCompiled: () => mlp(true),
  cnn: () => {
    mx.random.seed(0);
    const model = new nn.Sequential(
      new nn.Conv2d(1, 16, 5, 1, 2),
      nn.relu,
      new nn.MaxPool2d(2),
      new nn.Conv2d(16, 32, 5, 1, 2),
      nn.relu,
      new nn.MaxPool2d(2),
      (a) => mx.flatten(a, 1),
      new nn.Linear(7 * 7 * 32, 10),
    );
    const x = uniform(32, 28, 28, 1);
    const y = mx.random.randint(0, 10, [32]);
    return training(model, new Adam(0.001), () =>
      nn.losses.crossEntropy(model(x), y, null, -1, 0, 'mean'),
    );
  },
  transformer: () => {
    mx.random.seed(0);
    const layer = new nn.TransformerEncoderLayer(256, 8, 1024);
    const x = uniform(8, 128, 256);
    return training(layer, new Adam(0.001), () => mx.mean(mx.square(layer(x))));
  },
  adam10m: () => adam([2500, 1000], 4),
  adam50: () => adam([256, 256], 50),
  adam50compiled: () => adam([256, 256], 50, true),
  matmul1024f16: () => matmul(1024, mx.float16),
  matmul1024bf16: () => matmul(1024, mx.bfloat16),
  matmul64x64: () => {
    const a = uniform(64, 64, 64);
    const b = uniform(64, 64, 64);
    return () => mx.eval(mx.matmul(a, b));
  },
  conv56: () => conv2d([8, 56, 56, 64], [64, 3, 3, 64], 1, 1),
  conv28: () => conv2d([32, 28, 28, 1], [32, 3, 3, 1], 1, 1),
  conv224: () => conv2d([1, 224, 224, 3], [64, 7, 7, 3], 2, 3),
  gather: () => {
    const table = uniform(50000, 256);
    const rows = mx.random.randint(0, 50000, [8192]);
    mx.eval(rows);
    return () => mx.eval(mx.take(table, rows, 0));
  },
  sort: () => {
    const a = uniform(1000000);
    return () => mx.eval(mx.sort(a));
  },
  argsort: () => {
    const a = uniform(1000000);
    return () => mx.eval(mx.argsort(a));
  },
  topk: () => {
    const a = uniform(1000000);
    return () => mx.eval(mx.topk(a, 10));
  },
  searchsorted: () => {
    const [sequence, values] = [mx.sort(uniform(1000000)), uniform(1000000)];
    mx.eval(sequence);
    return () => mx.eval(mx.searchsorted(sequence, values));
  },
  transpose: () => {
    const a = uniform(4096, 4096);
    return () => mx.eval(mx.contiguous(mx.transpose(a)));
  },
  cumsum16m: () => {
    const a = uniform(large);
    return () => mx.eval(mx.cumsum(a));
  },
  randomNormal4m: () => () => mx.eval(mx.random.normal([1 << 22])),
  einsum: () => {
    const q = uniform(8, 128, 8, 64);
    const k = uniform(8, 128, 8, 64);
    const w = uniform(8, 64);
    return () => mx.eval(mx.einsum('bqhd,bkhd,hd->bhqk', q, k, w));
  },
};

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

function mlp(compiled = false) {
  mx.random.seed(0);
  const model = new nn.Sequential(
    new nn.Linear(784, 256),
    nn.relu,
    new nn.Linear(256, 256),
    nn.relu,
    new nn.Linear(256, 10),
  );
  const x = uniform(256, 784);
  const y = mx.random.randint(0, 10, [256]);
  const loss = () => nn.losses.crossEntropy(model(x), y, null, -1, 0, 'mean');
  return training(model, new SGD(0.1), loss, compiled);
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

function attention(heads, queries, keys, features) {
  const q = uniform(1, heads, queries, features);
  const [k, v] = [uniform(1, heads, keys, features), uniform(1, heads, keys, features)];
  const scale = 1 / Math.sqrt(features);
  return () => mx.eval(mx.fast.scaledDotProductAttention(q, k, v, { scale }));
}

function conv2d(shape, kernel, stride, padding) {
  const x = uniform(...shape);
  const w = uniform(...kernel);
  return () => mx.eval(mx.conv2d(x, w, stride, padding));
}

function matmul(n, dtype = mx.float32) {
  const a = uniform(n, n).astype(dtype);
  const b = uniform(n, n).astype(dtype);
  mx.eval(a, b);
  return () => mx.eval(mx.matmul(a, b));
}

/** The first k operations of a chain of 15. */
function chain(k) {
  const a = uniform(large);
  const b = uniform(large);
  const links = [
    (x) => x.multiply(b),
    (x) => x.add(a),
    (x) => x.multiply(0.5),
    (x) => x.subtract(b),
    (x) => x.abs(),
    (x) => x.add(1),
    (x) => mx.tanh(x),
    (x) => x.multiply(b),
    (x) => x.subtract(a),
    (x) => mx.maximum(x, b),
    (x) => mx.square(x),
    (x) => x.add(1),
    (x) => mx.sqrt(x),
    (x) => mx.negative(x),
    (x) => mx.exp(x),
  ].slice(0, k);
  return () => mx.eval(links.reduce((x, link) => link(x), a));
}

function fft(n) {
  const a = uniform(n).astype(mx.complex64);
  mx.eval(a);
  return () => mx.eval(mx.fft.fft(a));
}

function milliseconds(work) {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

let made;
for await (const name of createInterface({ input: process.stdin })) {
  if (made?.name !== name) {
    made = { name, work: makers[name]() };
    // Until V8 has compiled what it runs; a training has thousands of steps.
    const end = performance.now() + 500;
    while (performance.now() < end) made.work();
  }
  // Others ran since the last turn: the first run finds cold caches and sleeping threads.
  made.work();
  const times = [];
  for (let total = 0; total < 40 || times.length < 3; total += times.at(-1))
    times.push(milliseconds(made.work));
  times.sort((p, q) => p - q);
  console.log(times[times.length >> 1]);
}
