// The packages as they would be published: packed, installed in a folder of their own, and used
// there from JavaScript, TypeScript and C++. Ends with `N passed, N failed, N skipped`.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { carried } from '../native/scripts/bundle-libraries.mjs';
import { collectPlatformPackage } from './collect-platform-package.mjs';
import { checkTypes } from './packaging/check-types.mjs';
import { checkUse } from './packaging/check-use.mjs';
import { capture, pnpm, root } from './run.mjs';

const glibcFloor = [2, 34];
const platform = `${process.platform}-${process.arch}`;
const isLinux = process.platform === 'linux';
const folder = mkdtempSync(join(tmpdir(), 'mlx-packaging-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const installed = (name) => join(folder, 'node_modules', '@mlx', name);
const addonFolder = installed(`core-${platform}`);

/** A check that this machine cannot make. */
class Skipped extends Error {}

const counts = { passed: 0, failed: 0, skipped: 0 };
check('a platform package without its binary is not published', refusesWithoutBinary);
check('the packages pack and install', packAndInstall);
check('packages hold their licenses and no tests', holdsWhatItShould);
check('require and import share one copy, in a folder of its own', () => checkUse(folder));
check('types in the oldest and the present TypeScript', () => checkTypes(folder));
if (isLinux) {
  check('the addon carries its libraries', carriesLibraries);
  check("it computes with the system's copies hidden", computesWithoutSystemLibraries);
  check(`it asks for no glibc after ${glibcFloor.join('.')}`, keepsGlibcFloor);
}
check('a C++ program builds with link-flags.txt', buildsProgram);
const { passed, failed, skipped } = counts;
console.log(`packaging: ${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

function check(name, body) {
  try {
    body();
    counts.passed += 1;
  } catch (error) {
    counts[error instanceof Skipped ? 'skipped' : 'failed'] += 1;
    console.log(`packaging, ${name}: ${error.message}`);
  }
}

function succeed(command, options) {
  const { status, output } = capture(command, options);
  if (status !== 0) throw new Error(`${command.join(' ')}\n${output}`);
  return output;
}

function refusesWithoutBinary() {
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  const guard = join(root, 'native', 'scripts', 'check-platform-package.mjs');
  const { status } = capture([process.execPath, guard], { cwd: empty });
  if (status === 0) throw new Error('an empty folder passed for a package with its binary');
}

function packAndInstall() {
  const platformPackage = join(folder, 'platform');
  // In the native workspace's own folder there may be no binary yet, and none shall be left there.
  cpSync(join(root, 'native', 'npm', platform), platformPackage, {
    recursive: true,
    filter: (path) => basename(path) !== 'node_modules',
  });
  collectPlatformPackage(platformPackage);
  const sources = ['core', 'nn', 'optimizers'].map((name) => [name, join(root, 'packages', name)]);
  for (const [name, source] of [...sources, [`core-${platform}`, platformPackage]]) {
    const packed = join(folder, 'packed', name);
    mkdirSync(packed, { recursive: true });
    succeed([...pnpm, 'pack', '--pack-destination', packed], { cwd: source });
    const [archive] = readdirSync(packed);
    mkdirSync(installed(name), { recursive: true });
    succeed(['tar', '-xzf', join(packed, archive), '-C', installed(name), '--strip-components=1']);
  }
}

function holdsWhatItShould() {
  for (const name of ['core', 'nn', 'optimizers']) {
    const files = readdirSync(installed(name), { recursive: true });
    for (const file of ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.mjs'])
      if (!files.includes(file)) throw new Error(`@mlx/${name} lacks ${file}`);
    const tests = files.filter((file) => file.includes('.test'));
    if (tests.length > 0) throw new Error(`@mlx/${name} holds tests: ${tests.join(', ')}`);
    const manifest = readFileSync(join(installed(name), 'package.json'), 'utf8');
    if (/"dependencies":[^}]*workspace:/.test(manifest))
      throw new Error(`@mlx/${name} depends on the workspace`);
  }
  if (readdirSync(join(addonFolder, 'licenses')).length < 3)
    throw new Error('the licenses of what the addon carries are not all there');
}

/** Every library is either carried or one that Node itself needs. */
function carriesLibraries() {
  const system =
    /^(linux-vdso|libc|libm|libpthread|libdl|librt|libgcc_s|libstdc\+\+|ld-linux[^.]*)\.so/;
  const listed = succeed(['ldd', join(addonFolder, 'mlx.node')]);
  for (const [, name, path] of listed.matchAll(/^\s*([^/\s]\S*)(?: => (\S+))?/gm))
    if (!system.test(name) && !path?.startsWith(addonFolder))
      throw new Error(`${name} comes from ${path ?? 'nowhere'}, not from beside the addon`);
}

/** Loads the installed package where the system's libraries are empty files, and uses BLAS. */
function computesWithoutSystemLibraries() {
  const program = `
    const mx = require('@mlx/core');
    const a = mx.ones([64, 64]);
    if (mx.matmul(a, a).sum().item() !== 64 ** 3) throw new Error('wrong product');
    const maps = require('node:fs').readFileSync('/proc/self/maps', 'utf8').split('\\n');
    const carried = ${carried};
    for (const line of maps) {
      const path = line.split(/\\s+/)[5] ?? '';
      if (carried.test(path.split('/').pop()) && !path.startsWith(${JSON.stringify(addonFolder)}))
        throw new Error('mapped from elsewhere: ' + path);
    }`;
  const node = [process.execPath, '-e', program];
  const hide = systemCopies()
    .map((path) => `mount --bind /dev/null ${path}`)
    .join(' && ');
  const unshare = ['unshare', '--mount', ...(process.getuid() === 0 ? [] : ['--map-root-user'])];
  // Where the machine forbids the hiding, what is mapped still tells which copies were used.
  const mayHide = capture([...unshare, 'sh', '-c', hide]).status === 0;
  const command = mayHide ? [...unshare, 'sh', '-c', `${hide} && exec "$@"`, 'sh', ...node] : node;
  succeed(command, { cwd: folder });
}

function systemCopies() {
  const listed = succeed(['/sbin/ldconfig', '-p']);
  return [...listed.matchAll(/^\s*(\S+) .*=> (\S+)$/gm)]
    .filter(([, name]) => carried.test(name))
    .map(([, , path]) => path);
}

function keepsGlibcFloor() {
  const isNewer = ([major, minor]) =>
    major > glibcFloor[0] || (major === glibcFloor[0] && minor > glibcFloor[1]);
  for (const name of readdirSync(addonFolder)) {
    if (name !== 'mlx.node' && !carried.test(name)) continue;
    const symbols = succeed(['objdump', '-T', join(addonFolder, name)]);
    for (const [, major, minor] of symbols.matchAll(/GLIBC_(\d+)\.(\d+)/g)) {
      if (!isNewer([Number(major), Number(minor)])) continue;
      const { glibcVersionRuntime: own } = process.report.getReport().header;
      const message = `${name} needs glibc ${major}.${minor}`;
      // The release is built on Debian 12, which has 2.36 and keeps to the floor.
      if (Number(own.split('.')[1]) > 36) throw new Skipped(`${message}; this machine has ${own}`);
      throw new Error(message);
    }
  }
}

function buildsProgram() {
  const source = join(folder, 'program.cpp');
  writeFileSync(
    source,
    `#include "mlx/mlx.h"
    int main() {
      mlx::core::array a({1.0f, 2.0f, 3.0f});
      return mlx::core::sum(mlx::core::add(a, a)).item<float>() == 12.0f ? 0 : 1;
    }\n`,
  );
  const flags = readFileSync(join(root, 'native', 'build', 'link-flags.txt'), 'utf8').trim();
  const program = join(folder, 'program');
  succeed([process.env.CXX ?? 'c++', source, '-o', program, ...flags.split(' ')]);
  succeed([program]);
}
