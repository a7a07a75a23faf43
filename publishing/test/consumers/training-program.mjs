/** An ES module that trains a little with all three packages, and throws unless that helps. */
export const trainingProgram = `
import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import * as optim from '@mlx/optimizers';
mx.random.seed(0);
const model = new nn.Sequential(new nn.Linear(4, 8), nn.relu, new nn.Linear(8, 2));
const optimizer = new optim.Adam(0.01);
const step = nn.valueAndGrad(model, (x) => mx.sum(mx.square(model(x))));
const x = mx.ones([3, 4]);
const [first] = step(x);
for (let i = 0; i < 20; i++) {
  const [, gradients] = step(x);
  optimizer.update(model, gradients);
  mx.eval(model, optimizer.state);
}
const [last] = step(x);
if (!(last.item() < first.item())) throw new Error('training did not help');
console.log('trained');
`;
