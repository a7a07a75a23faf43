// Builds the engine, the addon and the C++ tests, and puts the addon's shared libraries beside it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleLibraries } from './bundle-libraries.mjs';

const native = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const nodeGyp = join(dirname(require.resolve('node-gyp/package.json')), 'bin', 'node-gyp.js');

const args = ['configure', 'build', '--release', `--jobs=${availableParallelism()}`];
// Headers that came with Node itself save a download.
const prefix = dirname(dirname(process.execPath));
if (existsSync(join(prefix, 'include', 'node', 'node_api.h'))) args.push(`--nodedir=${prefix}`);

const built = spawnSync(process.execPath, [nodeGyp, ...args, '--loglevel=error'], {
  cwd: native,
  stdio: 'inherit',
  env: { ...process.env, ...compilers() },
});
if (built.status !== 0) process.exit(built.status ?? 1);

const release = join(native, 'build', 'Release');
bundleLibraries(join(release, 'mlx.node'));
mkdirSync(join(native, 'build'), { recursive: true });
writeFileSync(join(native, 'build', 'link-flags.txt'), linkFlags() + '\n');

/** ccache, where it is installed, makes the next clean build a matter of seconds. */
function compilers() {
  if (process.env.CXX || spawnSync('ccache', ['--version']).status !== 0) return {};
  return { CC: 'ccache cc', CXX: 'ccache c++' };
}

/** What a C++ program must pass to its compiler to use the engine. */
function linkFlags() {
  const own = [`-std=c++20`, `-I${join(native, 'include')}`, join(release, 'mlx.a')];
  const libraries =
    process.platform === 'darwin'
      ? ['-framework', 'Accelerate', '-L/opt/homebrew/lib', '-lhwy_contrib', '-lhwy']
      : ['-lopenblas', '-lhwy_contrib', '-lhwy', '-lpthread'];
  return [...own, ...libraries].join(' ');
}
