// Installs the system's packages that the build needs, by apt or Homebrew.
import { readdirSync } from 'node:fs';
import { clangFormatPackage } from './clang-format.mjs';
import { capture } from './run.mjs';
import { StepError } from './steps.mjs';

/** What the engine links and includes: linear algebra, SIMD, deflation, JSON. macOS has zlib. */
const forEngine = {
  apt: ['libopenblas-dev', 'libhwy-dev', 'zlib1g-dev', 'nlohmann-json3-dev'],
  brew: ['highway', 'nlohmann-json'],
};
// Makes machine code for fused operations; there is none for other processors.
if (process.arch === 'x64') forEngine.apt.push('libasmjit-dev');

// Open MPI is loaded at run time, by those who have it.
const forTests = {
  apt: ['doctest-dev', 'cmake', 'pkg-config', 'openmpi-bin', clangFormatPackage],
  brew: ['doctest', 'cmake', 'pkgconf', 'open-mpi'],
};

/** `withTests` adds what only the tests and the formatter need. Returns what was done, in words. */
export async function installSystemPackages(task, { withTests }) {
  const wanted = (kind) => [...forEngine[kind], ...(withTests ? forTests[kind] : [])];
  if (process.platform === 'darwin') return installWithHomebrew(task, wanted('brew'));
  if (has('apt-get')) return installWithApt(task, wanted('apt'));
  return `neither apt-get nor Homebrew here; the build needs ${wanted('apt').join(', ')}`;
}

function has(command) {
  return capture(['sh', '-c', `command -v ${command}`]).status === 0;
}

async function installWithApt(task, wanted) {
  const { output } = capture(['dpkg-query', '--show', '--showformat=${Package} ${Status}\n']);
  const installed = new Set(output.match(/^\S+(?= install ok installed$)/gm));
  const missing = wanted.filter((name) => !installed.has(name));
  if (missing.length === 0) return 'all there';

  const isOffered = (name) =>
    /Candidate: [^(\s]/.test(capture(['apt-cache', 'policy', name]).output);
  const onlyFormatter = missing.length === 1 && missing[0] === clangFormatPackage;
  const knowsPackages = readdirSync('/var/lib/apt/lists').some((name) => name.endsWith('Packages'));
  // A system that has no such formatter shall not ask the network about it each time.
  if (!onlyFormatter || !knowsPackages || isOffered(clangFormatPackage) || process.env.CI) {
    task.progress('apt-get update');
    await task.run(apt('update'));
  }
  const installable = missing.filter((name) => name !== clangFormatPackage || isOffered(name));
  if (installable.length > 0) {
    task.progress(`apt-get install ${installable.join(' ')}`);
    await task.run(apt('install', '-y', '--no-install-recommends', ...installable));
  }
  if (installable.length === missing.length) return `installed ${installable.join(', ')}`;
  const lack = `this system's packages have no ${clangFormatPackage}, which checks the C++ format`;
  if (process.env.CI) throw new StepError(lack);
  return `${lack}; going on without that check`;
}

function apt(...args) {
  const asRoot = process.getuid() === 0 ? [] : ['sudo'];
  if (asRoot.length > 0 && !has('sudo'))
    throw new StepError(`Run this as root, or install sudo, so that apt-get can ${args[0]}.`);
  return [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
}

async function installWithHomebrew(task, wanted) {
  if (!has('brew'))
    throw new StepError(`Install Homebrew (https://brew.sh), which brings ${wanted.join(', ')}.`);
  const installed = capture(['brew', 'list', '--formula']).output.split(/\s+/);
  const missing = wanted.filter((name) => !installed.includes(name));
  if (missing.length === 0) return 'all there';
  task.progress(`brew install ${missing.join(' ')}`);
  await task.run(['brew', 'install', ...missing]);
  return `installed ${missing.join(', ')}`;
}
