import { argumentsOf, checkResult, type Core } from '../../../../fixtures/check';
import { loadFixtures, type Case, type Fixtures } from '../../../../fixtures/load';
import * as mx from '../index';

const files = ['core', 'products', 'sorting'];
const core = mx as unknown as Core & Record<string, (...args: unknown[]) => mx.array>;

interface Entry {
  fixtures: Fixtures;
  test: Case;
}

const byFunction = new Map<string, Entry[]>();
for (const file of files) {
  const fixtures = loadFixtures(file);
  for (const test of fixtures.cases)
    byFunction.set(test.function, [...(byFunction.get(test.function) ?? []), { fixtures, test }]);
}

test.each([...byFunction])('%s agrees with NumPy, SciPy and PyTorch', (name, cases) => {
  cases.forEach(({ fixtures, test }, i) => {
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
