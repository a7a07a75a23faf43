// Measures what a newcomer waits for: clones HEAD into an empty folder, without a compiler cache and
// with empty caches of npm and pnpm, runs `npm start`, and prints the time on the clock and the time
// of all processors until the first line of training and until the end. Linux only. With `test` as
// its argument it measures `npm test`.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './run.mjs';
import { duration } from './steps.mjs';

const script = process.argv[2] ?? 'start';
const folder = mkdtempSync(join(tmpdir(), 'mlx-first-minute-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const clone = join(folder, 'clone');
execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone]);
const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

const begin = Date.now();
const child = spawn('npm', script === 'test' ? ['test'] : ['start'], {
  cwd: clone,
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ...process.env,
    CCACHE_DISABLE: '1',
    npm_config_cache: join(folder, 'npm'),
    npm_config_store_dir: join(folder, 'pnpm'),
  },
});
const marks = [];
createInterface({ input: child.stdout }).on('line', (line) => {
  console.log(line);
  if (/^\s*\d+ % \| loss/.test(line) && marks.length === 0) mark('first line of training');
});
// Read again and again, because a process that has ended has no counters any more.
let latest = 0;
const timer = setInterval(() => (latest = processorSeconds(child.pid) || latest), 1000);
child.on('close', (status) => {
  clearInterval(timer);
  mark(status === 0 ? 'end' : `failed with ${status}`, latest);
  console.log(`\non ${availableParallelism()} processors, compiler cache off, npm caches empty:`);
  marks.forEach((line) => console.log(line));
  process.exitCode = status ?? 1;
});

function mark(name, processor = processorSeconds(child.pid)) {
  const clock = duration((Date.now() - begin) / 1000);
  marks.push(`${name}: ${clock} on the clock, ${duration(processor)} of processors`);
}

/** The time of a process, of those it started, and of those that these waited for. */
function processorSeconds(top) {
  const children = new Map();
  const times = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = readStat(pid);
    if (stat === undefined) continue;
    // The name, in parentheses, may hold anything; the fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const parent = fields[1];
    children.set(parent, [...(children.get(parent) ?? []), pid]);
    const used = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    times.set(pid, used / ticks);
  }
  const total = (pid) =>
    (children.get(pid) ?? []).reduce((sum, each) => sum + total(each), times.get(pid) ?? 0);
  return total(String(top));
}

function readStat(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It has ended since the folder was read.
    return undefined;
  }
}
