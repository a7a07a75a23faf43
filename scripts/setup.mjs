// Installs what a fresh machine lacks: system libraries by apt or Homebrew, then the npm packages.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clangFormatPackage } from './clang-format.mjs';
import { capture, pnpm, root, run } from './run.mjs';

const libraries = {
  // What the engine links: linear algebra, SIMD, deflation; what it reads headers with; what tests
  // it. macOS has its own zlib.
  apt: ['libopenblas-dev', 'libhwy-dev', 'zlib1g-dev', 'nlohmann-json3-dev', 'doctest-dev'],
  brew: ['highway', 'nlohmann-json', 'doctest'],
};
// Makes machine code for fused operations; there is none for other processors.
if (process.arch === 'x64') libraries.apt.push('libasmjit-dev');

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) stop(`Node ${process.versions.node} is too old; version 20 or later is needed`);

if (process.platform === 'darwin') installWithHomebrew();
else if (has('apt-get')) installWithApt();
else
  console.log(
    `setup: no apt-get and no Homebrew here; the build needs ${libraries.apt.join(', ')}`,
  );
installNodePackages();

function stop(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}

function has(command) {
  return capture(['sh', '-c', `command -v ${command}`]).status === 0;
}

function installWithApt() {
  const isInstalled = (name) =>
    /^Status: install ok installed/m.test(capture(['dpkg', '-s', name]).output);
  const isOffered = (name) =>
    /Candidate: [^(\s]/.test(capture(['apt-cache', 'policy', name]).output);

  const missing = [...libraries.apt, clangFormatPackage].filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const onlyFormatter = missing.length === 1 && missing[0] === clangFormatPackage;
  const knowsPackages = readdirSync('/var/lib/apt/lists').some((name) => name.endsWith('Packages'));
  // A system that has no such formatter shall not ask the network about it each time.
  const hopeless = onlyFormatter && knowsPackages && !isOffered(clangFormatPackage);
  if (!hopeless || process.env.CI) {
    console.log('setup: apt-get update');
    run(apt('update'));
  }
  const installable = missing.filter((name) => name !== clangFormatPackage || isOffered(name));
  if (installable.length > 0) {
    console.log(`setup: apt-get install ${installable.join(' ')}`);
    run(apt('install', '-y', '--no-install-recommends', ...installable));
  }
  if (installable.length === missing.length) return;
  const lack = `this system's packages have no ${clangFormatPackage}, which checks the C++ format`;
  if (process.env.CI) stop(lack);
  console.log(`setup: ${lack}; going on without that check`);
}

function apt(...args) {
  const asRoot = process.getuid() === 0 ? [] : ['sudo'];
  if (asRoot.length > 0 && !has('sudo'))
    stop(`run this as root, or install sudo, so that apt-get can ${args[0]}`);
  return [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
}

function installWithHomebrew() {
  if (!has('brew')) stop(`install Homebrew (https://brew.sh), which brings ${libraries.brew}`);
  const installed = capture(['brew', 'list', '--formula']).output.split(/\s+/);
  const missing = libraries.brew.filter((name) => !installed.includes(name));
  if (missing.length === 0) return;
  console.log(`setup: brew install ${missing.join(' ')}`);
  run(['brew', 'install', ...missing]);
}

function installNodePackages() {
  // The lock file's copy tells what was installed last; a second run has nothing to do.
  const lock = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  const stamp = join(root, 'node_modules', '.installed-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('setup: pnpm install');
  const options = ['--frozen-lockfile', '--reporter=append-only'];
  // pnpm asks before it replaces a folder of packages, and nobody may be there to answer.
  options.push('--config.confirm-modules-purge=false');
  run([...pnpm, 'install', ...options]);
  writeFileSync(stamp, lock);
}
