// Runs the cases with all workers in turn and prints a table: see README.md.
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cases } from './cases.mjs';
import { peers } from './peers/peers.mjs';
import { header, line, Rates } from './table.mjs';
import { Worker } from './worker.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    memory: { type: 'boolean', default: false },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
  },
});

if (values.memory) {
  await import('./memory.mjs');
} else {
  await compare();
}

async function compare() {
  const unknown = positionals.filter((name) => !cases.some((c) => c.name === name));
  if (unknown.length > 0) {
    const known = cases.map((c) => c.name).join(', ');
    console.error(`no case is named ${unknown.join(', ')}; there are ${known}`);
    process.exit(1);
  }
  const chosen = cases.filter(
    (c) => positionals.length === 0 || c.calibrates || positionals.includes(c.name),
  );
  const found = peers(here, Number(values.threads));
  const names = Object.keys(found);
  for (const name of names)
    if (found[name].missing) console.log(`${name}: not installed, since ${found[name].missing}`);
  const workers = new Map([['ours', ours()]]);
  for (const name of names)
    if (!found[name].missing)
      workers.set(name, new Worker(found[name].command[0], found[name].command.slice(1)));
  // Started when the first such case comes, which is seldom.
  let unfused;
  const rates = new Rates();
  console.log(header(names));
  for (const test of chosen) {
    const times = {};
    for (let round = 0; round < Number(values.rounds); ++round)
      for (const [name, worker] of workers) {
        if (round > 0 && !(name in times)) continue;
        const own = name === 'ours' && test.unfused;
        const asked = own ? (unfused ??= ours({ MLX_DISABLE_FUSION: '1' })) : worker;
        const time = await asked.time(test.name);
        if (time !== undefined) (times[name] ??= []).push(time);
        // The threads of some libraries go on spinning for a while, at the next one's cost.
        if (time !== undefined) await setTimeout(100);
      }
    rates.learn(test, times);
    console.log(line(test, names, times, rates));
  }
  console.log(`\n${rates}`);
  for (const worker of workers.values()) worker.stop();
  unfused?.stop();
}

function ours(environment = {}) {
  const program = ['--expose-gc', join(here, 'ours.mjs')];
  const threads = { MLX_NUM_THREADS: values.threads };
  return new Worker(process.execPath, program, { ...threads, ...environment });
}
