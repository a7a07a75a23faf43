import type { Readable, Writable } from 'node:stream';
import { builtin } from '../node/builtin';

const { createInterface } = builtin('node:readline');

/** Calls back for every line of a stream. */
export function forEachLine(stream: Readable, use: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', use);
}

/** What a shell tells at the end of a process that it ran, in a line of its own. */
const endMark = 'mlx-launch: this process has ended with';

/**
 * The command that runs node for one rank: a shell, which stays behind it to tell how it ended, as
 * mpirun tells one code for all.
 */
export function rankCommand(nodeArguments: readonly string[]): string[] {
  const script = `"$@"; echo "${endMark} $?" >&2; exit 0`;
  return ['sh', '-c', script, 'mlx-launch', process.execPath, ...nodeArguments];
}

/** Prints what processes print with their ranks in front, and remembers how they ended. */
export class Ranks {
  /** The code of the first that failed. */
  failure: number | undefined;

  constructor(
    private readonly out: Writable,
    private readonly err: Writable,
  ) {}

  print(rank: string, stream: 'stdout' | 'stderr', line: string): void {
    if (stream === 'stderr' && line.startsWith(endMark)) {
      this.noteEnd(rank, Number(line.slice(endMark.length)));
      return;
    }
    (stream === 'stdout' ? this.out : this.err).write(`[${rank}] ${line}\n`);
  }

  /** A process has ended, with a code as shells have it: 128 and the number of a signal. */
  noteEnd(rank: string, code: number): void {
    if (code === 0) return;
    this.failure ??= code;
    const cause = code > 128 ? `was ended by signal ${code - 128}` : `failed with code ${code}`;
    this.err.write(`mlx-launch: rank ${rank} ${cause}\n`);
  }
}
