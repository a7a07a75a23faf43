// The installed engine: which libraries it uses, which C library it needs, what it weighs.
import { readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { carried } from '../../native/scripts/bundle-libraries.mjs';
import { capture } from '../../scripts/run.mjs';
import { check, Skipped, succeed } from './check.mjs';
import { checkCpp } from './cpp.mjs';

const glibcFloor = [2, 34];

export async function checkBinary(application, folder) {
  const platform = `${process.platform}-${process.arch}`;
  const addon = realpathSync(
    join(application, 'node_modules', '@mlx', `core-${platform}`, 'mlx.node'),
  );
  await check('the licenses of what the engine carries are there', () => {
    if (readdirSync(join(dirname(addon), 'licenses')).length < 3)
      throw new Error('there are less than three');
  });
  if (process.platform === 'linux') {
    await check('the engine carries its libraries', () => carriesLibraries(addon));
    await check("it computes with the system's copies hidden", () =>
      computesWithoutSystemLibraries(application, dirname(addon)),
    );
    await check('it exports what Node asks for alone', () => exportsEntriesAlone(addon));
    await check(`it asks for no glibc after ${glibcFloor.join('.')}`, () =>
      keepsGlibcFloor(dirname(addon)),
    );
  }
  await checkCpp(folder);
}

/** Every library is either carried or one that Node itself needs. */
function carriesLibraries(addon) {
  const system =
    /^(linux-vdso|libc|libm|libpthread|libdl|librt|libgcc_s|libstdc\+\+|ld-linux[^.]*)\.so/;
  const listed = succeed(['ldd', addon]);
  for (const [, name, path] of listed.matchAll(/^\s*([^/\s]\S*)(?: => (\S+))?/gm))
    if (!system.test(name) && !path?.startsWith(dirname(addon)))
      throw new Error(`${name} comes from ${path ?? 'nowhere'}, not from beside the addon`);
}

/** Loads the installed package where the system's libraries are empty files, and uses BLAS. */
function computesWithoutSystemLibraries(application, addonFolder) {
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
  succeed(command, { cwd: application });
}

function systemCopies() {
  const listed = succeed(['/sbin/ldconfig', '-p']);
  return [...listed.matchAll(/^\s*(\S+) .*=> (\S+)$/gm)]
    .filter(([, name]) => carried.test(name))
    .map(([, , path]) => path);
}

/** Parts of std that the addon exported would give way to those of the program's. */
function exportsEntriesAlone(addon) {
  const symbols = succeed(['objdump', '-T', addon]);
  for (const [line, name] of symbols.matchAll(/^[0-9a-f]{8,} .* (\S+)$/gm))
    if (!line.includes('*UND*') && !/^(napi|node_api)_/.test(name))
      throw new Error(`${name} is exported`);
}

function keepsGlibcFloor(addonFolder) {
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
