// A CommonJS project, and one copy of the packages for require and import in one process.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, succeed } from '../check.mjs';

const commonJs = `
const mx = require('@mlx/core');
const nn = require('@mlx/nn');
const { SGD } = require('@mlx/optimizers');
const model = new nn.Linear(4, 2);
const step = nn.valueAndGrad(model, (x) => mx.sum(mx.square(model(x))));
const [loss, gradients] = step(mx.ones([3, 4]));
new SGD(0.01).update(model, gradients);
mx.eval(loss, model);
const [after] = step(mx.ones([3, 4]));
if (!(after.item() < loss.item())) throw new Error('training did not help');
`;

const both = `
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
`;

const worker = `
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import * as mx from '@mlx/core';
if (isMainThread) {
  const answers = await Promise.all(
    [1, 2].map(
      () =>
        new Promise((resolve, reject) => {
          new Worker(new URL(import.meta.url)).on('message', resolve).on('error', reject);
        }),
    ),
  );
  if (answers.join() !== '512,512') throw new Error('workers answered ' + answers);
} else {
  const a = mx.ones([8, 8]);
  parentPort.postMessage(mx.sum(mx.matmul(a, a)).item());
}
`;

/** `application` is a folder whose node_modules hold the packages. */
export async function checkModuleSystems(application) {
  const programs = {
    'a CommonJS project': ['common.cjs', commonJs],
    'require and import share one copy': ['both.mjs', both],
    'worker threads': ['worker.mjs', worker],
  };
  for (const [name, [file, program]] of Object.entries(programs))
    await check(name, () => {
      writeFileSync(join(application, file), program);
      succeed([process.execPath, file], { cwd: application });
    });
}
