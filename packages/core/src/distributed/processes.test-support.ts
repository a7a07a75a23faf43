import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const core = join(__dirname, '..', '..', 'dist');

/** What a launch of several processes printed and returned. */
export interface Launched {
  code: number | null;
  /** Lines without the ranks before them. */
  output: string;
  errors: string;
  /** What the script returned in each process, by rank. */
  results: unknown[];
}

export interface LaunchSettings {
  /** Of the group that the script sees; default: 'mpi'. */
  backend?: 'mpi' | 'nccl' | 'any';
  /** Of the launcher's command line; default: the group's. */
  launchBy?: 'mpi' | 'nccl' | 'any';
  options?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Called with each line of the output. */
  onLine?: (line: string, launcher: ChildProcess) => void;
}

const mark = 'result: ';

/**
 * Runs the body of an async function in several processes by mlx-launch; it sees mx, world, rank
 * and size, and what it returns comes back as JSON.
 */
export async function runProcesses(
  count: number,
  body: string,
  {
    backend = 'mpi',
    launchBy = backend,
    options = [],
    environment = {},
    onLine,
  }: LaunchSettings = {},
): Promise<Launched> {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-processes-'));
  const script = join(folder, 'script.cjs');
  writeFileSync(
    script,
    `const mx = require(${JSON.stringify(core)});
    (async () => {
      const world = mx.distributed.init(true, '${backend}', { timeout: 20 });
      const rank = world.rank(), size = world.size();
      const result = await (async () => {${body}})();
      console.log(${JSON.stringify(mark)} + JSON.stringify(result ?? null));
    })();`,
  );
  try {
    const launcher = spawn(
      process.execPath,
      [
        join(core, 'launch', 'cli.js'),
        '-n',
        String(count),
        `--backend=${launchBy}`,
        ...options,
        script,
      ],
      { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return await finish(launcher, count, onLine);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Waits for a launcher and reads what it prints. */
export function finish(
  launcher: ChildProcess,
  count: number,
  onLine?: LaunchSettings['onLine'],
): Promise<Launched> {
  const launched: Launched = {
    code: null,
    output: '',
    errors: '',
    results: new Array<unknown>(count).fill(undefined),
  };
  let rest = '';
  launcher.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      launched.output += `${line}\n`;
      const match = /^\[(\d+)\] result: (.*)$/.exec(line);
      if (match !== null) launched.results[Number(match[1])] = JSON.parse(match[2]!) as unknown;
      onLine?.(line, launcher);
    }
  });
  launcher.stderr!.setEncoding('utf8').on('data', (text: string) => (launched.errors += text));
  return new Promise((resolve) => {
    launcher.on('close', (code) => {
      launched.code = code;
      resolve(launched);
    });
  });
}
