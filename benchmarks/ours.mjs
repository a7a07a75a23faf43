// Runs one case a line from stdin with this project, and answers with milliseconds.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as mx from '@mlx/core';
import { networks } from './networks.mjs';
import { uniform } from './uniform.mjs';
import { serve } from './worker.mjs';

const large = 1 << 24;
const here = dirname(fileURLToPath(import.meta.url));
/** The peers in their own root see it too. */
const largeFile = join(here, '.peers', 'large.safetensors');

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
  chain3: () => chain(3),
  chain7: () => chain(7),
  chain15: () => chain(15),
  chain7unfused: () => chain(7),
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
  oneAdd: () => {
    const one = uniform(10);
    return () => one.add(one).tolist();
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
  startUp: () => {
    const program = `import * as mx from '${import.meta.resolve('@mlx/core')}';
      console.log(mx.add(mx.ones([3]), 1).tolist());`;
    return () => execFileSync(process.execPath, ['--input-type=module', '-e', program]);
  },
  load: () => {
    if (!existsSync(largeFile)) {
      mkdirSync(dirname(largeFile), { recursive: true });
      const parts = Array.from({ length: 64 }, (_, i) => [`layers.${i}`, uniform(2048, 2048)]);
      mx.saveSafetensors(largeFile, Object.fromEntries(parts));
    }
    return () => {
      // Maybe only mapped until something reads them.
      mx.eval(Object.values(mx.load(largeFile)).map((a) => mx.sum(a)));
    };
  },
  ...networks,
};

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

// What is left of one case shall not be cut up for the next.
await serve(makers, () => {
  globalThis.gc();
  mx.clearCache();
});
