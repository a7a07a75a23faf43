// Installs what a fresh machine lacks: system libraries by apt or Homebrew, then the npm packages.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture, pnpm, root, run } from './run.mjs';

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`setup: Node ${process.versions.node} is too old; version 20 or later is needed`);
  process.exit(1);
}

if (process.platform === 'linux') installWithApt();
else if (process.platform === 'darwin') installWithHomebrew();
else console.log(`setup: ${process.platform} is not supported; trying with what is installed`);
installNodePackages();

function installWithApt() {
  // The linear algebra and SIMD libraries that the engine links, and what builds and checks it.
  const wanted = [
    'libopenblas-dev',
    'libhwy-dev',
    'nlohmann-json3-dev',
    'doctest-dev',
    'clang-format-19',
  ];
  const missing = wanted.filter(
    (name) => !/^Status: install ok installed/m.test(capture(['dpkg', '-s', name]).output),
  );
  if (missing.length === 0) return;
  console.log(`setup: installing ${missing.join(' ')}`);
  const asRoot = process.getuid() === 0 ? [] : ['sudo'];
  const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
  run([...apt, 'update']);
  run([...apt, 'install', '-y', '--no-install-recommends', ...missing]);
}

function installWithHomebrew() {
  const wanted = ['highway', 'doctest', 'nlohmann-json'];
  const installed = capture(['brew', 'list', '--formula']).output.split(/\s+/);
  const missing = wanted.filter((name) => !installed.includes(name));
  if (missing.length === 0) return;
  console.log(`setup: installing ${missing.join(' ')}`);
  run(['brew', 'install', ...missing]);
}

function installNodePackages() {
  // The lock file's copy tells what was installed last; a second run has nothing to do.
  const lock = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  const stamp = join(root, 'node_modules', '.installed-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('setup: installing npm packages');
  run([...pnpm, 'install', '--frozen-lockfile', '--reporter=append-only']);
  writeFileSync(stamp, lock);
}
