import { join } from 'node:path';

import { examplesOf, examplesOfPage, runExample } from '../../../docs/run-examples';
import * as mx from './index';

const page = join(__dirname, '..', '..', '..', 'docs', 'guide', 'custom-kernels.md');
const examples = [
  ...examplesOfPage(page, 'ts gpu'),
  ...examplesOfPage(page),
  ...examplesOf(join(__dirname, 'custom-kernels.ts'), __dirname),
];

test('examples of kernels are several', () => expect(examples.length).toBeGreaterThan(5));

test.each(examples)('$place', async ({ code }) => {
  const { received, expected } = await runExample(code, { '@mlx/core': mx });
  // Where a comment can only be printed on a GPU, there is none.
  if (expected.length > 0) expect(received).toEqual(expected);
});
