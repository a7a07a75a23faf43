import { argumentsOf, checkResult, type Core } from '../../../fixtures/check';
import { loadFixtures } from '../../../fixtures/load';
import * as mx from './index';

const fixtures = loadFixtures('core');
const core = mx as unknown as Core & Record<string, (...args: unknown[]) => mx.array>;

const byFunction = new Map<string, typeof fixtures.cases>();
for (const test of fixtures.cases)
  byFunction.set(test.function, [...(byFunction.get(test.function) ?? []), test]);

test.each([...byFunction])('%s agrees with NumPy, SciPy and PyTorch', (name, cases) => {
  cases.forEach((test, i) => {
    const args = argumentsOf(core, fixtures, test.args);
    if (test.options) args.push(test.options);
    try {
      checkResult(core, fixtures, test, core[name]!(...args));
    } catch (error) {
      const shapes = args.map((a) => (a instanceof mx.array ? `${a.dtype}(${a.shape})` : a));
      throw new Error(`case ${i}, ${name}(${shapes.join(', ')}): ${(error as Error).message}`, {
        cause: error,
      });
    }
  });
});
