import { builtin } from '../node/builtin';
import { UsageError, type LaunchOptions } from './options';

const { readFileSync } = builtin('node:fs');

/** A machine and how many processes it is meant for. */
export interface Host {
  readonly name: string;
  readonly slots: number;
}

/** The machines that the command line names; none means this one. */
export function hostsOf(options: LaunchOptions): readonly Host[] {
  if (options.hostfile === undefined) return options.hosts.map((name) => ({ name, slots: 1 }));
  if (options.hosts.length > 0) throw new UsageError('Give --hosts or --hostfile, not both.');
  const path = options.hostfile;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`The file of hosts can't be read: ${(error as Error).message}.`);
  }
  const hosts = text.trimStart().startsWith('[') ? fromJson(text, path) : fromLines(text, path);
  if (hosts.length === 0) throw new UsageError(`${path} names no hosts.`);
  return hosts;
}

function fromLines(text: string, path: string): Host[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  return lines.filter(Boolean).map((line) => {
    const match = /^(\S+)(?:\s+slots=(\d+))?$/.exec(line);
    if (match === null)
      throw new UsageError(`${path}: expected "name" or "name slots=4", not "${line}".`);
    return { name: match[1]!, slots: Number(match[2] ?? 1) };
  });
}

/** MLX's form: a list of objects, whose `ssh` is the machine's name. */
function fromJson(text: string, path: string): Host[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}.`);
  }
  return (list as unknown[]).map((host) => {
    const name = (host as { ssh?: unknown } | null)?.ssh;
    if (typeof name !== 'string' || name === '')
      throw new UsageError(`${path}: each host is an object with its name as "ssh".`);
    return { name, slots: 1 };
  });
}
