// Checks as processes of their own, and the count of what they print.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = dirname(fileURLToPath(import.meta.url));
const total = { passed: 0, failed: 0 };
const only = process.env.MLX_CHECK_ONLY?.split(',');
const begin = performance.now();
/** A GPU in the host's memory takes its time. */
export const isInMemory = Boolean(process.env.MLX_TEST_GPU_LIBRARY);
const patience = isInMemory ? 10 : 1;

/** Runs a program; its output, without the ranks before its lines, and how it ended. */
export function run(command, args, { seconds, env = {} }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const source of [child.stdout, child.stderr])
      source.setEncoding('utf8').on('data', (text) => (output += text));
    const timer = setTimeout(() => child.kill('SIGKILL'), 1000 * seconds * patience);
    child.on('error', (error) => resolve({ output: error.message, end: 'no start' }));
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      resolve({ output: output.replace(/^\[\d+\] /gm, ''), end: status ?? signal });
    });
  });
}

/** The same by Node. */
export function program(path, args, options) {
  return run(process.execPath, ['--expose-gc', path, ...args], options);
}

/** Counts the lines `PASS name` and `FAIL name: why`, and shows all but the first kind. */
export function report(name, { output, end }, expectedEnd = 0) {
  let passed = 0;
  let failed = 0;
  for (const line of output.split('\n')) {
    if (line.startsWith('PASS ')) passed++;
    else if (line.startsWith('FAIL ')) failed++;
    if (line !== '' && !line.startsWith('PASS ')) console.log(line.slice(0, 400));
  }
  if (end !== expectedEnd) {
    failed++;
    console.log(`FAIL ${name}: ended with ${end} instead of ${expectedEnd}`);
  }
  total.passed += passed;
  total.failed += failed;
  return `${passed} passed, ${failed} failed`;
}

export async function section(name, body) {
  if (only !== undefined && !only.includes(name)) return;
  const start = performance.now();
  const counts = await body();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`--- ${name}: ${counts} (${seconds} s)`);
}

export function finish() {
  console.log(`took ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}
