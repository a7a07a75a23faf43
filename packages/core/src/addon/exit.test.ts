import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const program = join(__dirname, '..', '..', '..', '..', 'scripts', 'test-exit.mjs');

// The whole matrix takes an hour: `npm run test:exit -- --runs 50`.
test('a process ends in time, and as it meant to, while the engine is at work', async () => {
  const sample = ['--sample', '16', '--seed', '11'];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...sample]);
  expect(stdout).toMatch(/16 passed, 0 failed/);
}, 120_000);
