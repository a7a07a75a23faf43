import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import * as optim from '@mlx/optimizers';

// Learns which of four quarters of the plane a point lies in. All processes begin with the same
// weights and see a part of every batch; the mean of their gradients is that of the whole batch.
const steps = Number(process.argv[2] ?? 200);
const batch = 64;
const world = mx.distributed.init();
const share = batch / world.size();
if (!Number.isInteger(share)) throw new Error(`${world.size()} processes can't share ${batch}.`);

mx.random.seed(0);
const model = new nn.Sequential(new nn.Linear(2, 32), new nn.Tanh(), new nn.Linear(32, 4));
const optimizer = new optim.Adam(0.01);

function lossOf(points: mx.array, quarters: mx.array): mx.array {
  return nn.losses.crossEntropy(model.forward(points), quarters, { reduction: 'mean' });
}
const step = nn.valueAndGrad(model, lossOf);

for (let i = 1; i <= steps; i++) {
  // The same batch everywhere, as all have the same key.
  const points = mx.random.uniform(-1, 1, { shape: [batch, 2], key: mx.random.key(i) });
  const isPositive = mx.greater(points, 0).astype(mx.int32);
  const quarters = mx.sum(isPositive.multiply(mx.array([2, 1], mx.int32)), 1);
  const mine = `${world.rank() * share}:${(world.rank() + 1) * share}`;

  const [loss, gradients] = step(points.index(mine), quarters.index(mine));
  optimizer.update(model, nn.averageGradients(gradients));
  const mean = mx.distributed.allSum(loss).divide(world.size());
  mx.eval(model, optimizer.state, mean);
  if (world.rank() === 0 && (i % 50 === 0 || i === steps))
    console.log(`step ${i}: loss ${mean.item().toFixed(4)}`);
}
