import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { SGD } from '@mlx/optimizers';

// 1000 noisy points of y = 3 a - 2 b + 0.5.
const x = mx.random.normal([1000, 2], { key: mx.random.key(0) });
const noise = mx.random.normal([1000, 1], { scale: 0.1, key: mx.random.key(1) });
const y = x
  .matmul(mx.array([[3], [-2]]))
  .add(0.5)
  .add(noise);

const model = new nn.Linear(2, 1);
const optimizer = new SGD(0.1);
const lossAndGradients = nn.valueAndGrad(model, () => nn.losses.mseLoss(model(x), y));

for (let step = 1; step <= 100; ++step) {
  const [loss, gradients] = lossAndGradients();
  optimizer.update(model, gradients);
  mx.eval(loss, model);
  if (step % 20 === 0) console.log(`step ${step}: loss ${loss.item().toFixed(4)}`);
}

console.log('weights', model.weight.tolist(), 'bias', model.bias?.tolist());
// The weights lie close to 3 and -2, or this has not learned.
if (!mx.allclose(model.weight, [[3, -2]], 0, 0.05).item()) process.exitCode = 1;
