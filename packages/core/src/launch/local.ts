import type { ChildProcess } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { builtin } from '../node/builtin';
import { threadsEach } from './mpirun';
import type { LaunchOptions } from './options';
import { forEachLine, type Ranks } from './processes';

const { spawn } = builtin('node:child_process');
const { createServer } = builtin('node:net');
const { constants } = builtin('node:os');

/** A port of this machine that nobody listens at. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** What tells a process who it is and where it finds the others, by the names that MLX has. */
function environmentOf(
  options: LaunchOptions,
  rank: number,
  count: number,
  port: number,
): NodeJS.ProcessEnv {
  const named = options.environment.filter((one) => one.includes('='));
  return {
    // Processes of one machine share its cores, and have no need of a network.
    MLX_NUM_THREADS: threadsEach(count),
    NCCL_SOCKET_IFNAME: 'lo',
    ...process.env,
    ...Object.fromEntries(
      named.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]),
    ),
    MLX_RANK: String(rank),
    MLX_LOCAL_RANK: String(rank),
    MLX_WORLD_SIZE: String(count),
    NCCL_HOST_IP: '127.0.0.1',
    NCCL_PORT: String(port),
  };
}

/** Starts processes on this machine without mpirun. */
export function startHere(
  options: LaunchOptions,
  nodeArguments: readonly string[],
  count: number,
  port: number,
  ranks: Ranks,
): { kill(signal: NodeJS.Signals): void; ended: Promise<void> } {
  const children = Array.from({ length: count }, (_, rank) =>
    // In groups of their own, so that a terminal's Ctrl-C reaches them once, through this process.
    spawn(process.execPath, nodeArguments, {
      cwd: options.cwd,
      env: environmentOf(options, rank, count, port),
      stdio: [rank === 0 ? 'inherit' : 'ignore', 'pipe', 'pipe'],
      detached: true,
    }),
  );
  return {
    kill: (signal) => children.forEach((child) => child.kill(signal)),
    ended: Promise.all(children.map((child, rank) => end(child, String(rank), ranks))).then(
      () => undefined,
    ),
  };
}

function end(child: ChildProcess, rank: string, ranks: Ranks): Promise<void> {
  for (const stream of ['stdout', 'stderr'] as const)
    forEachLine(child[stream]!, (line) => ranks.print(rank, stream, line));
  child.on('exit', (code, signal) =>
    ranks.noteEnd(rank, code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
  );
  return new Promise((resolve) => child.on('close', () => resolve()));
}
