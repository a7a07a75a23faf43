// Times from JavaScript, for docs/gpu-runs; medians of rounds by the wall clock.
import { check } from './check.mjs';
import { Adam, mx, nn } from './packages.mjs';

mx.setDefaultDevice(mx.gpu);

/** Microseconds a call of `make`, of which the card has many at a time. */
function time(name, count, make) {
  return check(name, () => {
    const round = () => {
      const begin = performance.now();
      for (let i = 0; i < count; i++) mx.asyncEval(make(i));
      mx.synchronize();
      return (1000 * (performance.now() - begin)) / count;
    };
    // Kernels are compiled, and memory is taken from the driver, while it warms up.
    for (const begin = performance.now(); performance.now() - begin < 700;) round();
    const rounds = Array.from({ length: 7 }, round).sort((a, b) => a - b);
    console.log(`TIME ${name.padEnd(44)} ${rounds[3].toFixed(1).padStart(10)} us`);
  });
}

const random = (shape, dtype = mx.float32) => {
  const a = mx.random.normal(shape).astype(dtype);
  mx.eval(a);
  return a;
};

const tiny = random([8]);
await time('tiny add, each evaluated', 1000, () => tiny.add(1));
await time('tiny add, each waited for', 1000, () => {
  const y = tiny.add(1);
  mx.eval(y);
  return y;
});
await time('graph of 1,000 dependent tiny adds', 5, () => {
  let y = tiny;
  for (let i = 0; i < 1000; i++) y = y.add(tiny);
  return y;
});
await time('graph of 1,000 dependent tiny sums (not fused)', 5, () => {
  let y = tiny;
  for (let i = 0; i < 1000; i++) y = mx.cumsum(y);
  return y;
});
const [a, b] = [random([1 << 24]), random([1 << 24])];
await time('add 16M f32', 50, () => a.add(b));
await time('chain of 7 over 16M f32', 50, () =>
  mx.tanh(a.multiply(b).add(1).multiply(0.5)).subtract(a).abs().sqrt(),
);
await time('sum 16M f32', 50, () => a.sum());
const chain = mx.compile((x, y) =>
  mx.tanh(x.multiply(y).add(1).multiply(0.5)).subtract(x).abs().sqrt(),
);
await time('the same chain compiled', 50, () => chain(a, b));
const square = random([4096, 4096]);
await time('softmax 4096^2 f32', 50, () => mx.softmax(square, -1));
await time('matmul 4096 f32', 10, () => square.matmul(square));
const half = random([4096, 4096], mx.bfloat16);
await time('matmul 4096 bf16', 20, () => half.matmul(half));
const table = random([50000, 256]);
const rows = mx.random.randint(0, 50000, [8192]);
mx.eval(rows);
await time('gather 8192x256 f32', 50, () => mx.take(table, rows, 0));

class Mlp extends nn.Module {
  layers = [new nn.Linear(784, 256), new nn.Linear(256, 256), new nn.Linear(256, 10)];
  forward(x) {
    return this.layers[2](nn.relu(this.layers[1](nn.relu(this.layers[0](x)))));
  }
}
const model = new Mlp();
const optimizer = new Adam(0.001);
const images = random([256, 784]);
const labels = mx.random.randint(0, 10, [256]);
const lossAndGradients = nn.valueAndGrad(model, (x, y) =>
  nn.losses.crossEntropy(model(x), y, null, -1, 0, 'mean'),
);
await time('MLP step 784-256-256-10, batch 256, Adam', 100, () => {
  const [loss, gradients] = lossAndGradients(images, labels);
  optimizer.update(model, gradients);
  return [loss, model.parameters()];
});
const compiledStep = mx.compile(
  (x, y) => {
    const [loss, gradients] = lossAndGradients(x, y);
    optimizer.update(model, gradients);
    return loss;
  },
  [model, optimizer],
  [model, optimizer],
);
await time('the same step compiled', 100, () => [compiledStep(images, labels), model.parameters()]);
const host = new Float32Array(1 << 24);
await time('64 MB host to card', 5, () => mx.array(host).add(1));
await check('64 MB card to host', () => {
  const begin = performance.now();
  for (let i = 0; i < 5; i++) a.toTypedArray();
  console.log(`TIME 64 MB card to host ${(200 * (performance.now() - begin)).toFixed(0)} us`);
});
