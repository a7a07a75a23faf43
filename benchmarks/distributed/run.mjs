// Sums over processes of one machine, beside a C program that calls MPI_Allreduce: `node
// benchmarks/distributed/run.mjs [PROCESSES] [MEGABYTES]`. Needs mpicc (apt-get install
// libopenmpi-dev).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const launcher = join(here, '..', '..', 'packages', 'core', 'dist', 'launch', 'cli.js');
const [processes = '4', megabytes = '64'] = process.argv.slice(2);
const size = [String(Number(megabytes) * 2 ** 18), '10'];

const folder = mkdtempSync(join(tmpdir(), 'mlx-all-reduce-'));
try {
  const program = join(folder, 'all-reduce');
  execFileSync('mpicc', ['-O3', join(here, 'all-reduce.c'), '-o', program]);
  const asRoot = process.getuid?.() === 0 ? ['--allow-run-as-root'] : [];
  // Processes that wait give way, as ours do.
  const yielding = ['--mca', 'mpi_yield_when_idle', '1'];
  const mpirun = [...yielding, '--oversubscribe', '--bind-to', 'none', ...asRoot, '-n', processes];
  const rows = [];
  // Twice each, one after the other: other work on the machine hits both.
  for (let round = 0; round < 2; round++) {
    rows.push(['MPI_Allreduce', output('mpirun', [...mpirun, program, ...size])]);
    const script = [launcher, '-n', processes, join(here, 'all-sum.cjs'), ...size];
    rows.push(['mx.distributed.allSum', output(process.execPath, script)]);
  }
  console.log(`${processes} processes, ${megabytes} MB: milliseconds; one float: microseconds`);
  for (const [name, text] of rows) {
    const [large, small] = text
      .replace(/^\[0\] /m, '')
      .split(' ')
      .map(Number);
    console.log(
      `${name.padEnd(24)} ${(large / 1000).toFixed(1).padStart(8)} ${small.toFixed(1).padStart(8)}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}

function output(command, args) {
  return execFileSync(command, args, { encoding: 'utf8' }).trim();
}
