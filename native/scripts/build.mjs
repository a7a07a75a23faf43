// Builds the engine, the addon and the C++ tests, or the gyp targets that are named, puts the
// addon's shared libraries beside it and writes down its functions' types; first it checks that
// nobody includes a floor above. A folder that was built stays as it is compiled, file by file or in
// groups, unless --files or --groups is given.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleLibraries } from './bundle-libraries.mjs';
import { wrongIncludes } from './check-floors.mjs';
import { engineLibraries } from './cpp-package.mjs';
import { declareFunctions } from './declare-functions.mjs';
import { make, native, nodeGyp } from './node-gyp.mjs';

const args = process.argv.slice(2);
const targets = args.filter((arg) => !arg.startsWith('--'));
const wrong = wrongIncludes(join(native, 'src'));
if (wrong.length > 0) {
  console.log(wrong.join('\n'));
  process.exit(1);
}

const release = join(native, 'build', 'Release');
const addon = join(release, 'mlx.node');
const kind = units();
const isFirst = !existsSync(addon);
let status = build(kind);
if (status !== 0 && kind === 'groups') {
  // The headers of another machine may make two files clash; a change seldom does.
  if (!isFirst) console.log('in case two files of a group clash: node scripts/build.mjs --files');
  else {
    console.log('the groups do not compile; now file by file, in case two files clash in one');
    status = build('files');
  }
}
if (status !== 0) process.exit(status);

bundleLibraries(addon);
await declareFunctions(addon);
writeFileSync(join(native, 'build', 'link-flags.txt'), linkFlags() + '\n');

function build(kind) {
  nodeGyp(native, ['configure', '--', `-Dunits=${kind}`]);
  return make(join(native, 'build'), targets);
}

/** Groups compile in a third of the time; file by file, one changed file compiles in seconds. */
function units() {
  const groups = join(native, 'build', 'groups');
  if (args.includes('--files')) rmSync(groups, { recursive: true, force: true });
  else if (args.includes('--groups') || !existsSync(join(native, 'build', 'Makefile')))
    return 'groups';
  return existsSync(groups) ? 'groups' : 'files';
}

/** What a C++ program must pass to its compiler to use the engine. */
function linkFlags() {
  const own = [`-std=c++20`, `-I${join(native, 'include')}`, join(release, 'mlx.a')];
  return [...own, ...engineLibraries()].join(' ');
}
