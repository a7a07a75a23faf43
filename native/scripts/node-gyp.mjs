// Runs node-gyp the way every build here needs it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { announcement } from '../../scripts/compile-progress.mjs';

export const native = dirname(dirname(fileURLToPath(import.meta.url)));
export const jobs = availableParallelism();

const require = createRequire(import.meta.url);
const program = join(dirname(require.resolve('node-gyp/package.json')), 'bin', 'node-gyp.js');

/** `folder` holds binding.gyp; `args` are node-gyp's, and gyp's own after `--`. */
export function nodeGyp(folder, args) {
  const common = ['--release', `--jobs=${jobs}`, '--loglevel=error'];
  // Headers that came with Node itself save a download.
  const prefix = dirname(dirname(process.execPath));
  if (existsSync(join(prefix, 'include', 'node', 'node_api.h'))) common.push(`--nodedir=${prefix}`);
  execute([process.execPath, program, ...common, ...args], folder);
}

/** Runs make on a folder that was configured; without targets it makes all. Returns its status. */
export function make(build, targets) {
  const command = ['make', '-C', build, 'BUILDTYPE=Release', `-j${jobs}`, ...targets];
  // How much there is to do, for those who show how far it is.
  const { stdout } = spawnSync(command[0], [...command.slice(1), '-n'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...compilers() },
  });
  const objects = Array.from(
    stdout.matchAll(/^printf .*CXX\(target\) ([^\s']+)/gm),
    ([, name]) => name,
  );
  if (objects.length > 0) console.log(announcement(objects));
  return finish(command, build);
}

/** Runs a command, and ends this process as it ended where it failed. */
function execute(command, folder) {
  const status = finish(command, folder);
  if (status !== 0) process.exit(status);
}

function finish(command, folder) {
  const { status, signal, error } = spawnSync(command[0], command.slice(1), {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...compilers() },
  });
  if (error) console.error(`${command[0]}: ${error.message}`);
  // Whoever ended it wants no other attempt.
  if (signal !== null) process.exit(1);
  return status ?? 1;
}

/** ccache, where it is installed, makes the next clean build a matter of seconds. */
function compilers() {
  if (process.env.CXX || spawnSync('ccache', ['--version']).status !== 0) return {};
  return { CC: 'ccache cc', CXX: 'ccache c++' };
}
