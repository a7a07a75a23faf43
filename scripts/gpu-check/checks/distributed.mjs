// Checks and times of several cards, one for each process: `node distributed.mjs CARDS`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { corePackage } from './packages.mjs';
import { finish, here, program, report, run, section } from './sections.mjs';

const cards = process.argv[2] ?? '2';
const launcher = join(corePackage, 'dist', 'launch', 'cli.js');

/** Runs a check in a process for each card. */
function onCards(name, args, { seconds, by = 'nccl', env }) {
  const line = ['-n', cards, `--backend=${by}`, join(here, `${name}.mjs`), ...args];
  return program(launcher, line, { seconds, env });
}

const check = (title, name, args, { end, ...options }) =>
  section(title, async () => report(title, await onCards(name, args, options), end));

await check('calls', 'distributed-calls', [], { seconds: 60 });
await check('kill', 'distributed-faults', ['kill'], { seconds: 30, end: 137 });
await check('stop', 'distributed-faults', ['stop'], { seconds: 40, end: 137 });
await check('times', 'distributed-times', [], { seconds: 60 });
await check('billion', 'distributed-billion', [], { seconds: 120 });
await section('pytorch', async () => {
  const environment = (rank) => ({
    RANK: String(rank),
    WORLD_SIZE: cards,
    MASTER_ADDR: '127.0.0.1',
    MASTER_PORT: '29511',
    NCCL_SOCKET_IFNAME: 'lo',
  });
  const results = await Promise.all(
    Array.from({ length: Number(cards) }, (_, rank) =>
      run('python3', [join(here, 'distributed_torch.py')], {
        seconds: 60,
        env: environment(rank),
      }),
    ),
  );
  // For comparison only: a machine may have no PyTorch.
  for (const { output } of results) console.log(output.trim().slice(-1500));
  return results.every(({ end }) => end === 0) ? 'measured' : 'not measured';
});
// The id of the communicator goes by MPI then.
if (spawnSync('mpirun', ['--version']).status === 0)
  await check('calls-by-mpi', 'distributed-calls', ['quick'], { seconds: 40, by: 'mpi' });
finish();
