// Ends programs while the engine is at work: every way of ending with every kind of work, --runs
// times each, or a --sample of so many cases picked by --seed. Each must end in time, as it meant to.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endings, families, programOf } from './exit-cases.mjs';
import { root } from './run.mjs';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '1' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    ending: { type: 'string', default: '' },
    family: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
    bound: { type: 'string', default: '5' },
  },
});
const library = join(root, 'packages', 'core', 'dist', 'index.js');
const folder = mkdtempSync(join(tmpdir(), 'mlx-exit-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const random = randomNumbers(Number(options.seed));

const queue = cases();
const delays = [];
let passed = 0;
let failed = 0;
await Promise.all(Array.from({ length: Number(options.jobs) }, drain));
delays.sort((a, b) => a - b);
const percentile = (part) => delays[Math.min(delays.length - 1, Math.floor(part * delays.length))];
console.log(
  `milliseconds to end: median ${percentile(0.5)}, 99 % ${percentile(0.99)}, most ${percentile(1)}`,
);
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 ? 0 : 1;

/** [ending, family, delay] of every run, in order, or of a sample. */
function cases() {
  const all = [];
  for (const ending of Object.keys(endings))
    for (const family of Object.keys(families))
      if (ending.includes(options.ending) && family.includes(options.family))
        all.push([ending, family]);
  if (options.sample !== undefined) {
    for (let i = all.length - 1; i > 0; i--) {
      const k = Math.floor(random() * (i + 1));
      [all[i], all[k]] = [all[k], all[i]];
    }
    all.length = Math.min(all.length, Number(options.sample));
  }
  const runs = Array.from({ length: Number(options.runs) }, () => all).flat();
  return runs.map((one) => [...one, Math.floor(random() * 80)]);
}

async function drain() {
  for (let next = queue.shift(); next; next = queue.shift()) await check(...next);
}

async function check(ending, family, delay) {
  const name = `${ending}, ${family}`;
  const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.cjs`);
  writeFileSync(path, programOf(ending, family, library));
  const { code, signal, output, errors, end } = await run(path, delay);
  const { code: expectedCode = null, signal: expectedSignal = null } = endings[ending];
  // A program writes when it begins to end, if it comes so far.
  const took = output === '' ? Infinity : end - Number(output);
  if (code === expectedCode && signal === expectedSignal && took < 1000 * Number(options.bound)) {
    passed += 1;
    delays.push(took);
    return;
  }
  failed += 1;
  const what = took === Infinity ? 'never began to end' : `ended in ${took} ms`;
  console.log(`${name}, after ${delay} ms: code ${code}, signal ${signal}, ${what}`);
  console.log(errors.slice(-1000));
}

function run(path, delay) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path, String(delay)], { timeout: 120_000 });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (errors += data));
    child.on('exit', () => (child.end = Date.now()));
    child.on('close', (code, signal) => resolve({ code, signal, output, errors, end: child.end }));
  });
}

/** Numbers in [0, 1) that a seed decides (Marsaglia's xorshift). */
function randomNumbers(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
