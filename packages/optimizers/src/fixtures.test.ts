import * as mx from '@mlx/core';
import { argumentsOf, checkResult, type Core } from '../../../fixtures/check';
import { loadFixtures } from '../../../fixtures/load';
import * as optimizers from './index';

const fixtures = loadFixtures('optimizers');
const core = mx as unknown as Core;

test.each(
  fixtures.cases.map((test) => [JSON.stringify([test.function, test.args[0]]), test] as const),
)('twenty steps of %s follow PyTorch', (_name, test) => {
  const [settings, start, target] = argumentsOf(core, fixtures, test.args) as [
    unknown[],
    mx.array,
    mx.array,
  ];
  const Class = optimizers[test.function as 'SGD'] as unknown as new (
    ...args: unknown[]
  ) => optimizers.Optimizer;
  const optimizer = new Class(...settings);
  let parameters = { w: start };
  for (let step = 0; step < 20; ++step) {
    const loss = (p: typeof parameters) =>
      mx.sum(mx.multiply(mx.square(mx.subtract(p.w, target)), 1 + (step % 3)));
    const gradients = mx.grad(loss)(parameters) as typeof parameters;
    parameters = optimizer.applyGradients(gradients, parameters) as typeof parameters;
  }
  checkResult(core, fixtures, test, parameters.w);
});
