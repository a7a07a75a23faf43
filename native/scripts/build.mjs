// Builds the engine, the addon and the C++ tests, or the gyp targets that are named, and puts the
// addon's shared libraries beside it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asmjitFlags } from './asmjit-flags.mjs';
import { bundleLibraries } from './bundle-libraries.mjs';
import { make, native, nodeGyp } from './node-gyp.mjs';

const targets = process.argv.slice(2);
nodeGyp(native, ['configure']);
make(join(native, 'build'), targets);

const release = join(native, 'build', 'Release');
bundleLibraries(join(release, 'mlx.node'));
writeFileSync(join(native, 'build', 'link-flags.txt'), linkFlags() + '\n');

/** What a C++ program must pass to its compiler to use the engine. */
function linkFlags() {
  const own = [`-std=c++20`, `-I${join(native, 'include')}`, join(release, 'mlx.a')];
  const libraries =
    process.platform === 'darwin'
      ? ['-framework', 'Accelerate', '-L/opt/homebrew/lib', '-lhwy_contrib', '-lhwy', '-lz']
      : ['-lopenblas', '-lhwy_contrib', '-lhwy', '-l:libz.a', '-lpthread'];
  return [...own, ...libraries, ...asmjitFlags()].join(' ');
}
