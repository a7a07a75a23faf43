import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { examplesOf, runExample, sourceFiles } from '../../../docs/run-examples';
import * as mx from './index';

const examples = sourceFiles(__dirname).flatMap((path) => examplesOf(path, __dirname));

describe('examples in the documentation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-examples-'));
  const before = process.cwd();
  beforeAll(() => process.chdir(folder));
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  test('are many', () => {
    expect(examples.length).toBeGreaterThan(150);
  });

  test.each(examples)('$place', async ({ code }) => {
    const { received, expected } = await runExample(code, { '@mlx/core': mx });
    expect(received).toEqual(expected);
  });
});

describe('public functions', () => {
  test.each(sourceFiles(__dirname).filter((path) => path.includes('/ops/')))(
    '%s documents every function with an example',
    (path) => {
      const text = readFileSync(path, 'utf8');
      const functions = new Set(
        [...text.matchAll(/^export function (\w+)/gm)].map((match) => match[1]!),
      );
      expect(examplesOf(path, __dirname).length).toBeGreaterThanOrEqual(functions.size);
    },
  );
});
