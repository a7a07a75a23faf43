import { builtin } from '../node/builtin';
import { UsageError, type LaunchOptions } from './options';

const { existsSync } = builtin('node:fs');
const { createRequire } = builtin('node:module');
const { join, resolve } = builtin('node:path');

const typeScript = /\.[mc]?ts$/;

/** Whether node removes types by itself ('always'), when told to, or not at all. */
function stripsTypes(version: string): 'always' | 'when told' | 'never' {
  const [major, minor] = version.split('.').map(Number) as [number, number];
  const since = (number: number, from: number): boolean => major === number && minor >= from;
  if (major >= 24 || since(23, 6) || since(22, 18)) return 'always';
  return major >= 23 || since(22, 6) ? 'when told' : 'never';
}

function findsTsx(folder: string): boolean {
  try {
    createRequire(join(folder, 'package.json')).resolve('tsx');
    return true;
  } catch {
    return false;
  }
}

/**
 * What node is called with: the script, and before it what lets node run TypeScript. Throws
 * UsageError when there is no such script or node can't run it.
 */
export function nodeArguments(
  options: LaunchOptions,
  version = process.versions.node,
  inherited = process.env.NODE_OPTIONS ?? '',
): string[] {
  const folder = resolve(options.cwd ?? '.');
  const script = resolve(folder, options.script);
  // Other machines may have it where this one hasn't.
  const isHere = options.hosts.length === 0 && options.hostfile === undefined;
  if (isHere && !existsSync(script)) throw new UsageError(`There is no script ${script}.`);
  const given = [...options.nodeArguments];
  const hasLoader = /--(import|loader|require|r)\b/.test([inherited, ...given].join(' '));
  if (typeScript.test(script) && !hasLoader) {
    const strips = stripsTypes(version);
    if (strips === 'when told') given.push('--experimental-strip-types');
    else if (strips === 'never' && findsTsx(folder)) given.push('--import=tsx');
    else if (strips === 'never')
      throw new UsageError(
        `Node ${version} does not run TypeScript. Use Node 22.6 or later, or install tsx ` +
          '(npm install -D tsx), or compile the script to JavaScript.',
      );
  }
  return [...given, script, ...options.scriptArguments];
}
