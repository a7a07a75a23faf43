import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import * as optim from './index';

test('updated parameters are like their gradients', () => {
  const model = new nn.Linear(2, 1);
  const [, gradients] = nn.valueAndGrad(model, () => model(mx.ones([1, 2])).sum())();
  const [clipped, norm] = optim.clipGradNorm(gradients, 1);
  const updated = new optim.SGD(0.1).applyGradients(clipped, model.parameters());
  expect([updated.weight.shape, updated.bias?.shape, norm.shape]).toEqual([[1, 2], [1], []]);
  model.update(updated);
  const both: optim.Optimizer = new optim.MultiOptimizer([new optim.SGD(0.1)], []);
  expect(both.applyGradients(gradients, model.parameters()).weight.shape).toEqual([1, 2]);
});
