// Runs one case a line from stdin with this project, and answers with milliseconds.
import { createInterface } from 'node:readline';
import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { SGD } from '@mlx/optimizers';

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
  tiny: () => {
    const one = uniform(10);
    return () => {
      let x = one;
      for (let i = 0; i < 1000; ++i) x = x.add(one);
      mx.eval(x);
    };
  },
  mlp: () => {
    mx.random.seed(0);
    const model = new nn.Sequential(
      new nn.Linear(784, 256),
      nn.relu,
      new nn.Linear(256, 256),
      nn.relu,
      new nn.Linear(256, 10),
    );
    const optimizer = new SGD(0.1);
    const x = uniform(256, 784);
    const y = mx.random.randint(0, 10, [256]);
    const step = nn.valueAndGrad(model, () =>
      nn.losses.crossEntropy(model(x), y, null, -1, 0, 'mean'),
    );
    return () => {
      const [loss, gradients] = step();
      optimizer.update(model, gradients);
      mx.eval(loss, model);
    };
  },
};

function attention(heads, queries, keys, features) {
  const q = uniform(1, heads, queries, features);
  const [k, v] = [uniform(1, heads, keys, features), uniform(1, heads, keys, features)];
  const scale = 1 / Math.sqrt(features);
  return () => mx.eval(mx.fast.scaledDotProductAttention(q, k, v, { scale }));
}

function matmul(n) {
  const a = uniform(n, n);
  const b = uniform(n, n);
  return () => mx.eval(mx.matmul(a, b));
}

function milliseconds(work) {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

let made;
for await (const name of createInterface({ input: process.stdin })) {
  if (made?.name !== name) made = { name, work: makers[name]() };
  // Others ran since the last turn: the first run finds cold caches and sleeping threads.
  made.work();
  const times = [];
  for (let total = 0; total < 40 || times.length < 3; total += times.at(-1))
    times.push(milliseconds(made.work));
  times.sort((p, q) => p - q);
  console.log(times[times.length >> 1]);
}
