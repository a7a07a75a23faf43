// Runs every check as a process of its own, so that one that crashes or hangs is one that failed.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const total = { passed: 0, failed: 0 };
const only = process.env.MLX_CHECK_ONLY?.split(',');
/** A GPU in the host's memory takes its time. */
const isInMemory = Boolean(process.env.MLX_TEST_GPU_LIBRARY);
const begin = performance.now();

/** Runs a program with Node; its output and how it ended. */
function program(path, args, { seconds, env = {} }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--expose-gc', path, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const source of [child.stdout, child.stderr])
      source.setEncoding('utf8').on('data', (text) => (output += text));
    const timer = setTimeout(() => child.kill('SIGKILL'), 1000 * seconds);
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      resolve({ output, end: status ?? signal });
    });
  });
}

/** Counts the lines `PASS name` and `FAIL name: why`, and shows all but the first kind. */
function report(name, { output, end }, expectedEnd = 0) {
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

async function section(name, body) {
  if (only !== undefined && !only.includes(name)) return;
  const start = performance.now();
  const counts = await body();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`--- ${name}: ${counts} (${seconds} s)`);
}

const check = (name, options, args = []) =>
  section(name, async () =>
    report(name, await program(join(here, `${name}.mjs`), args, options), options.end),
  );

/** Rows are dealt out to processes, which share the compiled kernels on the disk. */
async function table() {
  const parts = Math.max(1, Math.min(availableParallelism() - 2, 14));
  const runs = Array.from({ length: parts }, (_, part) =>
    program(join(here, 'table.mjs'), [String(part), String(parts)], { seconds: 270 }),
  );
  const results = await Promise.all(runs);
  const counts = { passed: 0, failed: 0 };
  for (const [part, result] of results.entries()) {
    const text = report(`table part ${part}`, result);
    const [passed, failed] = text.match(/\d+/g).map(Number);
    counts.passed += passed;
    counts.failed += failed;
  }
  return `${counts.passed} passed, ${counts.failed} failed`;
}

await check('first-use', { seconds: 60 }, ['cold']);
await check('first-use', { seconds: 60 }, ['warm']);
await section('table', table);
await check('custom-kernels', { seconds: 60 });
await check('memory', { seconds: 90 });
await check('long-loop', { seconds: 60 }, [isInMemory ? '20000' : '1000000']);
await check('digits', { seconds: isInMemory ? 7200 : 90 });
await check('threads', { seconds: 60 });
for (const way of ['return', 'exit', 'throw', 'worker'])
  await check('ends', { seconds: 30, end: way === 'throw' ? 1 : 0 }, [way]);
await check('times', { seconds: 90 });
console.log(`took ${((performance.now() - begin) / 1000).toFixed(0)} s`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
