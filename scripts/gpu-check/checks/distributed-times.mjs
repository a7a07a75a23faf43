// Times between the cards of several processes: sums, and a step of a transformer layer alone and
// with all cards.
import { isFake } from './check.mjs';
import { mx, nn, Adam } from './packages.mjs';

mx.setDefaultDevice(mx.gpu);
const world = mx.distributed.init(true, 'nccl');
const isFirst = world.rank() === 0;
const say = (text) => isFirst && console.log(text);
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

const rounds = isFake ? 1 : 7;
for (const [name, count, most] of [
  ['1 KB', 256, 100],
  ['1 MB', 1 << 18, 100],
  ['256 MB', isFake ? 1 << 20 : 1 << 26, 10],
]) {
  const inner = isFake ? 2 : most;
  const x = mx.ones([count]);
  mx.eval(x, mx.distributed.allSum(x));
  const together = [];
  const apart = [];
  for (let round = 0; round < rounds; round++) {
    let begin = performance.now();
    for (let i = 0; i < inner; i++) mx.asyncEval(mx.distributed.allSum(x));
    mx.synchronize();
    await mx.asyncEval(mx.distributed.allSum(x));
    together.push((performance.now() - begin) / (inner + 1));
    begin = performance.now();
    for (let i = 0; i < inner; i++) mx.eval(mx.distributed.allSum(x));
    apart.push((performance.now() - begin) / inner);
  }
  const [a, b] = [median(together), median(apart)].map((time) => (1000 * time).toFixed(1));
  say(
    `TIME allSum ${name.padEnd(7)} ours     many at a time ${a.padStart(9)} us, each waited for ${b.padStart(9)} us`,
  );
}

for (const dtype of [mx.bfloat16, mx.float32]) {
  const [dims, batch, length] = isFake ? [64, 2, 8] : [1024, 16, 512];
  mx.random.seed(0);
  const layer = new nn.TransformerEncoderLayer(dims, 16);
  layer.setDtype(dtype);
  const optimizer = new Adam(1e-4);
  const x = mx.random.normal([batch, length, dims]).astype(dtype);
  mx.eval(layer.parameters(), x);
  const lossAndGradients = nn.valueAndGrad(layer, (input) => layer(input, null).square().mean());
  const step = (isTogether) => {
    const [loss, gradients] = lossAndGradients(x);
    optimizer.update(layer, isTogether ? nn.averageGradients(gradients) : gradients);
    mx.asyncEval(layer.parameters(), optimizer.state, loss);
  };
  const time = (isTogether) => {
    const times = [];
    const steps = isFake ? 1 : 20;
    for (let round = 0; round < (isFake ? 3 : 6); round++) {
      const begin = performance.now();
      for (let i = 0; i < steps; i++) step(isTogether);
      mx.eval(layer.parameters());
      mx.synchronize();
      // The first rounds compile kernels and take memory.
      if (round > 1) times.push((performance.now() - begin) / steps);
    }
    return median(times);
  };
  const [alone, together] = [time(false), time(true)];
  const speedUp = (world.size() * alone) / together;
  // What is sent, by itself: what the step with all cards takes longer is less where they overlap.
  const gradients = mx.treeMap((p) => mx.ones(p.shape, p.dtype), layer.parameters());
  mx.eval(gradients);
  const sums = [];
  for (let round = 0; round < (isFake ? 1 : 20); round++) {
    const begin = performance.now();
    mx.eval(nn.averageGradients(gradients));
    sums.push(performance.now() - begin);
  }
  say(
    `TIME transformer layer ${dims}, ${batch} x ${length} each, ${dtype.name}: one card ${alone.toFixed(2)} ms, ${world.size()} cards ${together.toFixed(2)} ms: ${speedUp.toFixed(2)} times as fast; the means by themselves ${median(sums).toFixed(2)} ms`,
  );
}
if (isFirst) console.log('PASS times');
