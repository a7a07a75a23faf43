// Tests of an application that uses the packages, run by jest and by vitest.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/run.mjs';
import { check, succeed } from '../check.mjs';

const body = `
test('a layer', () => {
  const layer = new nn.Linear(3, 2);
  expect(layer(mx.ones([5, 3])).shape).toEqual([5, 2]);
  expect(() => mx.add(mx.ones([2]), mx.ones([3]))).toThrow(mx.ShapeError);
  expect(mx.array([1, 2]) instanceof mx.array).toBe(true);
});
`;

/** `application` is a folder whose node_modules hold the packages. */
export async function checkTestRunners(application) {
  const bin = (...parts) => join(root, ...parts);
  await check('jest', () => {
    const folder = join(application, 'jest');
    mkdirSync(folder);
    const imports = `const mx = require('@mlx/core');\nconst nn = require('@mlx/nn');\n`;
    writeFileSync(join(folder, 'layer.test.js'), imports + body);
    writeFileSync(join(folder, 'jest.config.json'), '{ "testEnvironment": "node" }');
    succeed([bin('node_modules', '.bin', 'jest'), '--rootDir', folder], { cwd: folder });
  });
  await check('vitest', () => {
    const folder = join(application, 'vitest');
    mkdirSync(folder);
    const vitest = import.meta.resolve('vitest');
    const imports =
      `import { expect, test } from ${JSON.stringify(vitest)};\n` +
      `import * as mx from '@mlx/core';\nimport * as nn from '@mlx/nn';\n`;
    writeFileSync(join(folder, 'layer.test.mjs'), imports + body);
    const program = bin('publishing', 'node_modules', '.bin', 'vitest');
    succeed([program, 'run', '--root', folder], { cwd: folder });
  });
}
