import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { spirals } from '../src/data.js';
import { train } from '../src/train.js';

const folder = mkdtempSync(join(tmpdir(), 'starter-'));
after(() => rmSync(folder, { recursive: true }));
const [training, validation] = [spirals(512, 1), spirals(128, 2)];
const silent = { write: () => true };

test('training learns the spirals', async () => {
  const file = join(folder, 'learns.safetensors');
  const { accuracy } = await train(training, validation, { file, steps: 500, log: silent });
  assert.ok(accuracy > 0.9, `accuracy ${accuracy}`);
});

test('a training in two runs is the training in one', async () => {
  const run = (name: string, steps: number) =>
    train(training, validation, { file: join(folder, name), steps, log: silent });
  const whole = await run('whole.safetensors', 30);
  const half = await run('halves.safetensors', 13);
  assert.equal(half.step, 13);
  const resumed = await run('halves.safetensors', 30);
  assert.deepEqual(resumed.model.output.weight.tolist(), whole.model.output.weight.tolist());
});
