// Resident memory over long plain loops, the peak of attention, and the cost of one call on the
// JavaScript side.
import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { Adam } from '@mlx/optimizers';

const megabytes = () => process.memoryUsage().rss / 2 ** 20;
const steps = 20_000;
const quarter = 1 << 18;

/** Runs a loop and prints how far resident memory rose above what its first tenth needed. */
async function watch(name, step) {
  let settled = 0;
  let most = 0;
  const begin = performance.now();
  for (let i = 0; i < steps; ++i) {
    const pending = step(i);
    if (pending) await pending;
    if (i % 100 !== 99) continue;
    if (i < steps / 10) settled = Math.max(settled, megabytes());
    most = Math.max(most, megabytes());
  }
  const ms = (performance.now() - begin) / steps;
  console.log(
    `${name}: ${settled.toFixed(0)} MB, at most ${(most - settled).toFixed(0)} MB more over ` +
      `${steps} steps of ${ms.toFixed(2)} ms`,
  );
}

const one = mx.ones([quarter]);
await watch('1 MB temporaries, synchronous', () => {
  mx.eval(mx.add(mx.multiply(one, 2), 1));
});
await watch('1 MB temporaries, awaited', async () => {
  await mx.asyncEval(mx.add(mx.multiply(one, 2), 1));
});

const model = new nn.Sequential(
  new nn.Linear(784, 256),
  nn.relu,
  new nn.Linear(256, 256),
  nn.relu,
  new nn.Linear(256, 10),
);
const optimizer = new Adam(0.001);
const x = mx.random.normal([128, 784]);
const y = mx.random.randint(0, 10, [128]);
const lossAndGradients = nn.valueAndGrad(model, () =>
  nn.losses.crossEntropy(model(x), y, null, -1, 0, 'mean'),
);
await watch('training step of the digits', () => {
  const [loss, gradients] = lossAndGradients();
  optimizer.update(model, gradients);
  mx.eval(loss, model);
});

/** Prints by how much attention over some tokens, and its gradient, raise the peak of memory. */
function watchAttention(tokens) {
  const make = () => mx.random.normal([1, 8, tokens, 64]);
  const [q, k, v] = [make(), make(), make()];
  mx.eval(q, k, v);
  const forward = (...inputs) => mx.fast.scaledDotProductAttention(...inputs, { scale: 0.125 });
  const gradient = mx.grad((...inputs) => mx.sum(forward(...inputs)), [0, 1, 2]);
  const peaks = [forward, gradient].map((work) => {
    mx.clearCache();
    const before = mx.getActiveMemory();
    mx.resetPeakMemory();
    mx.eval(work(q, k, v));
    return ((mx.getPeakMemory() - before) / 2 ** 20).toFixed(1);
  });
  const scores = (8 * tokens ** 2 * 4) / 2 ** 20;
  console.log(
    `attention of 8 heads, ${tokens} tokens: ${peaks[0]} MB, its gradient: ${peaks[1]} MB; all ` +
      `scores would take ${scores} MB`,
  );
}
for (const tokens of [2048, 4096, 8192]) watchAttention(tokens);

const a = mx.array([1, 2, 3]);
const b = mx.array([4, 5, 6]);
const rounds = [];
for (let round = 0; round < 20; ++round) {
  const begin = performance.now();
  for (let i = 0; i < 100_000; ++i) a.add(b);
  rounds.push(((performance.now() - begin) / 100_000) * 1e6);
}
rounds.sort((p, q) => p - q);
console.log(`a.add(b) on a lazy graph: ${rounds[10].toFixed(0)} ns, collection included`);
