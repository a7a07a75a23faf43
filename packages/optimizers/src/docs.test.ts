import * as mx from '@mlx/core';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { examplesOf, examplesOfPage, runExample, sourceFiles } from '../../../docs/run-examples';
import * as nn from '@mlx/nn';
import * as optimizers from './index';

const libraries = { '@mlx/core': mx, '@mlx/nn': nn, '@mlx/optimizers': optimizers };
const docs = join(__dirname, '..', '..', '..', 'docs');
const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.md'),
);
// Pages may use all three packages, which only this one sees.
const examples = [
  ...sourceFiles(__dirname).flatMap((path) => examplesOf(path, __dirname)),
  ...pages.flatMap((name) => examplesOfPage(join(docs, name))),
];

test.each(examples)('the example in $place', async ({ code }) => {
  const { received, expected } = await runExample(code, libraries);
  expect(received).toEqual(expected);
});
