import { builtin } from '../node/builtin';
import type { Host } from './hosts';
import { UsageError, type LaunchOptions } from './options';
import { rankCommand } from './processes';

const { spawnSync } = builtin('node:child_process');
const { availableParallelism } = builtin('node:os');

/** Whether this machine has an mpirun, of whatever kind. */
export function hasMpirun(): boolean {
  return spawnSync('mpirun', ['--version']).status !== null;
}

/** The major version of Open MPI's mpirun on this machine. Throws UsageError when there is none. */
export function mpirunVersion(): number {
  const { status, stdout } = spawnSync('mpirun', ['--version'], { encoding: 'utf8' });
  const match = status === 0 ? /Open MPI\)? v?(\d+)\./.exec(stdout) : null;
  if (match !== null) return Number(match[1]);
  const what = status === null ? 'There is no mpirun' : "mpirun is not Open MPI's";
  throw new UsageError(
    `${what}. Install Open MPI: apt-get install openmpi-bin libopenmpi3, or brew install open-mpi.`,
  );
}

/** Variables that processes on other machines get beside those that were named. */
const passedOn = /^(MLX_|NCCL_|CUDA_VISIBLE_DEVICES$|NODE_OPTIONS$|NODE_PATH$)/;

/** A share of this machine's cores, for each of the processes that it runs. */
export function threadsEach(processes: number): string {
  return String(Math.max(1, Math.floor(availableParallelism() / processes)));
}

/** The variables for all processes: names, of this process's own, or with values. */
function environmentOf(
  options: LaunchOptions,
  hosts: readonly Host[],
  processes: number,
): readonly string[] {
  const named = new Set(options.environment.map((one) => one.split('=')[0]));
  const own = Object.keys(process.env).filter((name) => passedOn.test(name) && !named.has(name));
  const environment = [...own, ...options.environment];
  // Processes of one machine share its cores.
  if (hosts.length === 0 && !named.has('MLX_NUM_THREADS') && !own.includes('MLX_NUM_THREADS'))
    environment.push(`MLX_NUM_THREADS=${threadsEach(processes)}`);
  return environment;
}

/** The arguments of mpirun. */
export function mpirunArguments(
  options: LaunchOptions,
  hosts: readonly Host[],
  version: number,
  nodeArguments: readonly string[],
): string[] {
  const slots = hosts.reduce((total, host) => total + host.slots, 0);
  const processes = options.processes ?? (slots || 1);
  const line = ['-n', String(processes)];
  if (hosts.length > 0)
    line.push('--host', hosts.map(({ name, slots }) => `${name}:${slots}`).join(','));
  // A process that dies is the others' error and not their end.
  line.push(
    ...(version >= 5
      ? ['--map-by', ':OVERSUBSCRIBE', '--output', 'tag', '--runtime-options', 'recoverable']
      : ['--oversubscribe', '--tag-output', '--enable-recovery']),
  );
  // Each process has threads of its own.
  line.push('--bind-to', 'none');
  if (process.getuid?.() === 0) line.push('--allow-run-as-root');
  if (options.cwd !== undefined) line.push('--wdir', options.cwd);
  for (const one of environmentOf(options, hosts, processes)) line.push('-x', one);
  return [...line, ...options.mpiArguments, ...rankCommand(nodeArguments)];
}

/** What mpirun writes before each line of a process: its job, its rank and the stream. */
const tag = /^\[[^,\]]*,(\d+)\]<(stdout|stderr|stddiag)>: ?/;

/** The rank and the text of a line that mpirun printed; undefined for one of its own. */
export function untag(
  line: string,
  version: number,
): { rank: string; stream: 'stdout' | 'stderr'; text: string } | undefined {
  const match = tag.exec(line);
  if (match === null) return undefined;
  // Version 5 puts a space behind its tag.
  const length = version >= 5 ? match[0].length : match[0].trimEnd().length;
  const stream = match[2] === 'stdout' ? 'stdout' : 'stderr';
  return { rank: match[1]!, stream, text: line.slice(length) };
}
