// Resident memory over long plain loops, and the cost of one call on the JavaScript side.
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
