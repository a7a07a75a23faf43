import { builtin } from '../node/builtin';
import { hostsOf, type Host } from './hosts';
import { freePort, startHere } from './local';
import { hasMpirun, mpirunArguments, mpirunVersion, untag } from './mpirun';
import { nodeArguments } from './node-arguments';
import { help, readOptions, UsageError, type LaunchOptions } from './options';
import { forEachLine, Ranks } from './processes';

const { spawn } = builtin('node:child_process');

/** Ends what was started with this process: once kindly, then for good. */
function endTogether(end: (signal: NodeJS.Signals) => void): () => number | undefined {
  let code: number | undefined;
  const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
  for (const [signal, number] of Object.entries(numbers))
    process.on(signal as NodeJS.Signals, () => {
      end(code === undefined ? 'SIGTERM' : 'SIGKILL');
      code = 128 + number;
    });
  return () => code;
}

function launchByMpirun(options: LaunchOptions, hosts: readonly Host[]): void {
  const version = mpirunVersion();
  const line = mpirunArguments(options, hosts, version, nodeArguments(options));
  if (options.isVerbose) console.error(['mpirun', ...line].join(' '));
  const ranks = new Ranks(process.stdout, process.stderr);
  // In a group of its own, so that a terminal's Ctrl-C reaches it once, through this process.
  const mpirun = spawn('mpirun', line, { stdio: ['inherit', 'pipe', 'pipe'], detached: true });
  const interrupted = endTogether((signal) => mpirun.kill(signal));
  for (const stream of ['stdout', 'stderr'] as const)
    forEachLine(mpirun[stream], (text) => {
      const tagged = untag(text, version);
      if (tagged === undefined) process[stream].write(`${text}\n`);
      else ranks.print(tagged.rank, tagged.stream, tagged.text);
    });
  mpirun.on('close', (code) => {
    process.exitCode = interrupted() ?? ranks.failure ?? code ?? 1;
  });
}

async function launchHere(options: LaunchOptions): Promise<void> {
  const command = nodeArguments(options);
  const count = options.processes ?? 1;
  const port = await freePort();
  if (options.isVerbose)
    console.error([process.execPath, ...command, `(${count} times, port ${port})`].join(' '));
  const ranks = new Ranks(process.stdout, process.stderr);
  const local = startHere(options, command, count, port, ranks);
  const interrupted = endTogether((signal) => local.kill(signal));
  await local.ended;
  process.exitCode = interrupted() ?? ranks.failure ?? 0;
}

async function launch(options: LaunchOptions): Promise<void> {
  const hosts = hostsOf(options);
  const needsMpirun =
    options.backend === 'mpi' || hosts.length > 0 || options.mpiArguments.length > 0;
  if (needsMpirun || (options.backend === 'any' && hasMpirun())) launchByMpirun(options, hosts);
  else await launchHere(options);
}

function refuse(error: unknown): void {
  if (!(error instanceof UsageError)) throw error;
  console.error(`mlx-launch: ${error.message}\n\n${help}`);
  process.exitCode = 2;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(help);
  else void launch(options).catch(refuse);
} catch (error) {
  refuse(error);
}
