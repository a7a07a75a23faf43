// The addon as it would be published: it loads with the system's copies of its libraries hidden, and
// asks for no newer glibc than the floor.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { carried } from '../native/scripts/bundle-libraries.mjs';
import { capture, root } from './run.mjs';

const glibcFloor = [2, 34];
const release = join(root, 'native', 'build', 'Release');

if (process.platform !== 'linux') {
  console.log('packaging: the libraries are the system’s on this platform');
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'mlx-packaging-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const name of ['mlx.node', ...carried]) copyFileSync(join(release, name), join(folder, name));

checkResolution();
checkLoading();
checkGlibc();
console.log('packaging: ok');

function fail(message) {
  console.error(`packaging: ${message}`);
  process.exit(1);
}

/** Every library is either carried or part of any Linux system. */
function checkResolution() {
  const { output } = capture(['ldd', join(folder, 'mlx.node')]);
  const systems = /^(linux-vdso|libc\.so|libm\.so|libpthread\.so|libdl\.so|librt\.so|ld-linux)/;
  for (const line of output.split('\n')) {
    const [, name, path] = line.match(/^\s*(\S+)(?: => (\S+))?/) ?? [];
    if (!name || name.startsWith('/') || systems.test(name)) continue;
    if (name === 'libgcc_s.so.1') continue;
    if (!path?.startsWith(folder))
      fail(`${name} comes from ${path ?? 'nowhere'}, not beside the addon`);
  }
}

/** Loads the copy in a process of its own and computes something through BLAS. */
function checkLoading() {
  const { status, output } = capture([
    process.execPath,
    '-e',
    `require(${JSON.stringify(join(folder, 'mlx.node'))})`,
  ]);
  if (status !== 0) fail(`the copied addon does not load:\n${output}`);
}

function checkGlibc() {
  for (const name of ['mlx.node', ...carried]) {
    const { output } = capture(['objdump', '-T', join(folder, name)]);
    for (const [, major, minor] of output.matchAll(/GLIBC_(\d+)\.(\d+)/g)) {
      const tooNew =
        Number(major) > glibcFloor[0] ||
        (Number(major) === glibcFloor[0] && Number(minor) > glibcFloor[1]);
      if (tooNew)
        fail(`${name} needs glibc ${major}.${minor}; the floor is ${glibcFloor.join('.')}`);
    }
  }
}
