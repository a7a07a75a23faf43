// Debian 13 in a folder: PyTorch, NumPy and FFTW of today, whatever the machine has, which stays as it
// is. Packages come by apt with a state of its own and are unpacked; programs run with the folder as
// their root.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = [
  'python3-numpy',
  'python3-torch',
  'python3-safetensors',
  'libopenblas0-openmp',
  'libfftw3-single3',
  // For torch.compile and the loops in C++.
  'g++',
  'libpython3-dev',
  'libtorch-dev',
  'python3-setuptools',
  'dash',
];

const benchmarks = dirname(dirname(fileURLToPath(import.meta.url)));
/** Where the benchmarks' folder lies in the root. */
export const inside = '/benchmarks';

/** Makes the root if need be. Returns why there is none, or undefined. */
export function installDebian(folder) {
  const done = join(folder, 'done');
  if (existsSync(done)) return undefined;
  for (const tool of ['apt-get', 'dpkg-deb', 'tar', 'unshare'])
    if (spawnSync('which', [tool]).status !== 0) return `${tool} is not here`;
  console.error('fetching PyTorch, NumPy and FFTW of Debian 13: 290 MB, 1.4 GB unpacked');
  rmSync(folder, { recursive: true, force: true });
  try {
    download(folder);
    unpack(join(folder, 'archives'), join(folder, 'root'));
  } catch (error) {
    return error.message;
  }
  writeFileSync(done, '');
  return undefined;
}

function download(folder) {
  for (const name of ['lists/partial', 'archives/partial'])
    mkdirSync(join(folder, name), { recursive: true });
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const sources = join(folder, 'sources.list');
  writeFileSync(sources, `deb [signed-by=${keys}] http://deb.debian.org/debian trixie main\n`);
  writeFileSync(join(folder, 'status'), '');
  const settings = {
    'Dir::State': folder,
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': folder,
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': 'root',
    'Debug::NoLocking': '1',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  command('apt-get', [...options, '-qq', 'update']);
  command('apt-get', [...options, '-qq', '-y', '--download-only', 'install', ...packages]);
}

function unpack(archives, root) {
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const name of ['proc', 'dev', 'tmp', inside])
    mkdirSync(join(root, name), { recursive: true });
  for (const name of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
    const parts = ['dpkg-deb --fsys-tarfile "$0"', 'tar xf - -C "$1" --keep-directory-symlink'];
    command('sh', ['-c', parts.join(' | '), join(archives, name), root]);
  }
}

function command(name, args) {
  const { status, stderr } = spawnSync(name, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} failed: ${stderr.trim().split('\n').at(-1)}`);
}

/** The command line that runs a Python program of the benchmarks' folder in the root. */
export function pythonInDebian(folder, threads, ...program) {
  const environment = [
    'PATH=/usr/bin',
    'HOME=/tmp',
    'PYTHONPATH=/usr/lib/python3/dist-packages',
    // Its build for pthreads made PyTorch's training six times slower.
    'LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/openblas-openmp',
    `OMP_NUM_THREADS=${threads}`,
    // Large results keep their memory, as in other allocators, instead of new pages each time.
    'MALLOC_MMAP_THRESHOLD_=8589934592',
    'MALLOC_TRIM_THRESHOLD_=8589934592',
    'PYTHONDONTWRITEBYTECODE=1',
    'TORCHINDUCTOR_COMPILE_THREADS=1',
    'TORCHINDUCTOR_CACHE_DIR=/tmp/inductor',
  ];
  const mounts = [
    'mount --rbind /proc "$0/proc"',
    'mount --rbind /dev "$0/dev"',
    `mount --bind "$1" "$0${inside}"`,
  ];
  const run = `exec env -i ${environment.join(' ')} "$(command -v chroot || echo /usr/sbin/chroot)"`;
  const script = `${mounts.join(' && ')} && root=$0 && shift && ${run} "$root" python3 "$@"`;
  const spaces = process.getuid() === 0 ? '--mount' : '--mount --map-root-user';
  const args = [...spaces.split(' '), 'sh', '-c', script, join(folder, 'root'), benchmarks];
  return ['unshare', ...args, ...program];
}
