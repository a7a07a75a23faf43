import * as mx from '@mlx/core';
import { examplesOf, runExample, sourceFiles } from '../../../docs/run-examples';
import * as nn from '@mlx/nn';
import * as optimizers from './index';

const libraries = { '@mlx/core': mx, '@mlx/nn': nn, '@mlx/optimizers': optimizers };
const examples = sourceFiles(__dirname).flatMap((path) => examplesOf(path, __dirname));

test.each(examples)('the example in $place', async ({ code }) => {
  const { received, expected } = await runExample(code, libraries);
  expect(received).toEqual(expected);
});
