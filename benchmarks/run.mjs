// Runs the cases with all workers in turn and prints a table of medians and ratios.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cases } from './cases.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    memory: { type: 'boolean', default: false },
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
    console.error(
      `no case is named ${unknown.join(', ')}; there are ${cases.map((c) => c.name).join(', ')}`,
    );
    process.exit(1);
  }
  const chosen = cases.filter((c) => positionals.length === 0 || positionals.includes(c.name));
  const workers = {
    ours: ours(),
    ...peers(),
  };
  // Started when the first such case comes, which is seldom.
  let unfused;
  const workerFor = (name, test) => {
    if (name !== 'ours' || !test.unfused) return workers[name];
    return (unfused ??= ours({ MLX_DISABLE_FUSION: '1' }));
  };
  const header = ['', ...Object.keys(workers), 'PyTorch / ours', 'NumPy / ours', 'goal’s ratios'];
  console.log(row(header));
  console.log('|' + ' --- |'.repeat(header.length));
  for (const test of chosen) {
    // A peer without a figure can't do the case.
    const able = Object.keys(workers).filter(
      (name) => name === 'ours' || test[name.toLowerCase()] !== undefined,
    );
    const times = Object.fromEntries(able.map((name) => [name, []]));
    for (let round = 0; round < Number(values.rounds); ++round)
      for (const name of able) {
        const worker = workerFor(name, test);
        times[name].push(await worker.time(test.name));
        // The threads of some libraries go on spinning for a while, at the next one's cost.
        await setTimeout(100);
      }
    const medians = Object.fromEntries(Object.entries(times).map(([name, t]) => [name, median(t)]));
    const ratio = (peer) => (medians[peer] ? (medians[peer] / medians.ours).toFixed(2) : '–');
    const goalRatio = (figure) => (figure ? (figure / test.goal).toFixed(2) : '–');
    const goals = `${goalRatio(test.pytorch)} / ${goalRatio(test.numpy)}`;
    const cells = Object.keys(workers).map((name) =>
      name in medians ? `${medians[name].toFixed(medians[name] < 0.1 ? 4 : 2)} ms` : '–',
    );
    console.log(row([test.what, ...cells, ratio('PyTorch'), ratio('NumPy'), goals]));
  }
  for (const worker of Object.values(workers)) worker.stop();
  unfused?.stop();
}

function ours(environment = {}) {
  return new Worker(process.execPath, ['--expose-gc', join(here, 'ours.mjs')], environment);
}

function row(cells) {
  return `| ${cells.join(' | ')} |`;
}

function median(times) {
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

/** Debian's Python has the peers; another Python on the path may not. */
function peers() {
  const python = '/usr/bin/python3';
  const has = (module) => spawnSync(python, ['-c', `import ${module}`]).status === 0;
  if (
    process.platform === 'linux' &&
    existsSync('/usr/bin/apt-get') &&
    !(has('numpy') && has('torch'))
  ) {
    console.error('installing python3-numpy and python3-torch');
    const asRoot = process.getuid() === 0 ? [] : ['sudo'];
    const [command, ...rest] = [
      ...asRoot,
      'apt-get',
      'install',
      '-y',
      '-q',
      'python3-numpy',
      'python3-torch',
    ];
    spawnSync(command, rest, { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const found = {};
  if (has('torch')) found.PyTorch = new Worker(python, [join(here, 'pytorch_worker.py')]);
  if (has('numpy')) found.NumPy = new Worker(python, [join(here, 'numpy_worker.py')]);
  return found;
}

/** A process that times one case for each line it is sent. */
function Worker(command, args, environment = {}) {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: here,
    env: { ...process.env, ...environment },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  this.time = async (name) => {
    child.stdin.write(`${name}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${args.at(-1)} ended during ${name}`);
    return Number(value);
  };
  this.stop = () => child.stdin.end();
}
