// Uses the packages that are installed in a folder: by require and by import, in one process.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../run.mjs';

const program = `
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import * as optim from '@mlx/optimizers';
const require = createRequire(import.meta.url);
for (const [name, imported] of Object.entries({ core: mx, nn, optimizers: optim })) {
  const required = require('@mlx/' + name);
  assert.deepEqual(Object.keys(imported).sort(), Object.keys(required).sort());
  for (const key of Object.keys(imported)) assert.equal(imported[key], required[key], key);
}
assert.ok(require('@mlx/core').array([1, 2]) instanceof mx.array);
const model = new nn.Linear(4, 2);
const step = nn.valueAndGrad(model, (x) => mx.sum(mx.square(model(x))));
const [loss, gradients] = step(mx.ones([3, 4]));
new optim.SGD(0.01).update(model, gradients);
mx.eval(loss, model);
const [after] = step(mx.ones([3, 4]));
assert.ok(after.item() < loss.item());
`;

export function checkUse(folder) {
  const file = join(folder, 'use.mjs');
  writeFileSync(file, program);
  const { status, output } = capture([process.execPath, file], { cwd: folder });
  if (status !== 0) throw new Error(output);
}
