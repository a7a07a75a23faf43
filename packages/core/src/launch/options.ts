/** What the command line of mlx-launch asks for. */
export interface LaunchOptions {
  /** How many processes; by default one for each host. */
  readonly processes: number | undefined;
  /** By what they are to talk. */
  readonly backend: 'any' | 'mpi' | 'nccl';
  readonly hosts: readonly string[];
  readonly hostfile: string | undefined;
  /** Variables for all processes: names alone, or with their values. */
  readonly environment: readonly string[];
  readonly cwd: string | undefined;
  readonly nodeArguments: readonly string[];
  readonly mpiArguments: readonly string[];
  readonly isVerbose: boolean;
  readonly script: string;
  readonly scriptArguments: readonly string[];
}

export const help = `Usage: mlx-launch [options] SCRIPT [arguments]

Starts SCRIPT, in JavaScript or TypeScript, in several processes, whose mx.distributed.init() is the
group of them all.

  -n, --processes N    how many processes; default: one for each host
      --backend NAME   by what they talk: mpi starts them by mpirun; nccl, for NVIDIA GPUs of this
                       machine, needs no mpirun; any, the default, takes mpirun if it is there
      --hosts A,B      the machines, by name; default: this one
      --hostfile FILE  the machines: a line for each, "name" or "name slots=4", or MLX's JSON
      --env NAME=VALUE a variable for all processes; NAME alone passes this process's on
      --cwd FOLDER     where they work; default: here
      --node-arg ARG   an argument for node, as in --node-arg=--import=tsx
      --mpi-arg ARG    an argument for mpirun
      --verbose        print the command that is run
  -h, --help           print this
`;

/** What the person who called did wrong. */
export class UsageError extends Error {}

type Mutable = { -readonly [K in keyof LaunchOptions]: LaunchOptions[K] } & {
  environment: string[];
  nodeArguments: string[];
  mpiArguments: string[];
};

/** How each option changes what is asked for. */
const setters: Readonly<Record<string, (options: Mutable, value: string, name: string) => void>> = {
  '--processes': (options, value, name) => {
    if (!/^[1-9]\d{0,5}$/.test(value))
      throw new UsageError(`${name} takes a number of processes above 0, not '${value}'.`);
    options.processes = Number(value);
  },
  '--backend': (options, value, name) => {
    if (value !== 'any' && value !== 'mpi' && value !== 'nccl')
      throw new UsageError(`${name} takes any, mpi or nccl, not '${value}'.`);
    options.backend = value;
  },
  '--hosts': (options, value) => (options.hosts = value.split(',').filter(Boolean)),
  '--hostfile': (options, value) => (options.hostfile = value),
  '--env': (options, value) => {
    if (!/^[A-Za-z_]\w*(=|$)/.test(value))
      throw new UsageError(`--env takes NAME=VALUE or NAME, not '${value}'.`);
    options.environment.push(value);
  },
  '--cwd': (options, value) => (options.cwd = value),
  '--node-arg': (options, value) => options.nodeArguments.push(value),
  '--mpi-arg': (options, value) => options.mpiArguments.push(value),
};
const shortNames: Readonly<Record<string, string>> = { '-n': '--processes' };

/** Reads a command line; undefined when it asks for help. Throws UsageError. */
export function readOptions(line: readonly string[]): LaunchOptions | undefined {
  const options: Mutable = {
    processes: undefined,
    backend: 'any',
    hosts: [],
    hostfile: undefined,
    environment: [],
    cwd: undefined,
    nodeArguments: [],
    mpiArguments: [],
    isVerbose: false,
    script: '',
    scriptArguments: [],
  };
  let next = 0;
  for (; next < line.length && line[next]!.startsWith('-'); next++) {
    const [word, ...rest] = line[next]!.split('=') as [string, ...string[]];
    if (word === '-h' || word === '--help') return undefined;
    if (word === '--') {
      next++;
      break;
    }
    if (word === '--verbose') {
      options.isVerbose = true;
      continue;
    }
    const set = setters[shortNames[word] ?? word];
    if (set === undefined) throw new UsageError(`There is no option ${word}.`);
    const value = rest.length > 0 ? rest.join('=') : line[++next];
    if (value === undefined) throw new UsageError(`The option ${word} takes a value.`);
    set(options, value, word);
  }
  if (next >= line.length) throw new UsageError('Which script shall be started?');
  options.script = line[next]!;
  options.scriptArguments = line.slice(next + 1);
  return options;
}
