// The workspaces of this repository, and the building of the TypeScript ones.
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm, root } from './run.mjs';

/** The digits example, which `npm start` trains. */
export const digits = 'examples/mnist';

/** What pnpm is told to leave out. */
const excluded = new Set(
  [...readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').matchAll(/^ +- '!(.*)'$/gm)].map(
    ([, folder]) => folder,
  ),
);

/** The folders of a parent that are workspaces, such as `packages/core`. */
export function workspaces(parent) {
  return readdirSync(join(root, parent))
    .map((name) => join(parent, name))
    .filter((folder) => existsSync(join(root, folder, 'package.json')) && !excluded.has(folder))
    .sort();
}

export function packageJson(folder) {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
}

/** Installs the npm packages of everything, or only what the given workspace is built and run with. */
export async function installNpmPackages(task, folder) {
  // The lock file's copy tells what was installed last; a second run has nothing to do.
  const lock = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  const stamp = join(root, 'node_modules', '.installed-lock');
  const everything = `everything\n${lock}`;
  const content = folder === undefined ? everything : `${folder}\n${lock}`;
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (installed === content || installed === everything) return 'all there';

  // pnpm asks before it replaces a folder of packages, and nobody may be there to answer.
  const options = ['--frozen-lockfile', '--reporter=append-only'];
  options.push('--config.confirm-modules-purge=false');
  const names = folder === undefined ? [] : ['@mlx/native', `${packageJson(folder).name}...`];
  const filter = names.map((name) => `--filter=${name}`);
  const onLine = (text) => {
    const [, total, done] = text.match(/^Progress: resolved (\d+), .*added (\d+)/) ?? [];
    if (total !== undefined) task.progress(`${done} of ${total} installed`);
  };
  await task.run([...pnpm, ...filter, 'install', ...options], { onLine });
  writeFileSync(stamp, content);
  return 'installed';
}

/**
 * Builds all TypeScript workspaces, or one and what it needs; those whose sources changed. Who wants
 * to run that one does not wait for its types to be checked.
 */
export async function buildPackages(task, folder) {
  const built = [];
  for (const each of folder === undefined ? buildOrder(allBuilt()) : buildOrder([folder])) {
    if (isCurrent(each)) continue;
    task.progress(`building ${each}`);
    const options = folder === undefined ? [] : ['--', '--noCheck'];
    await task.run(['npm', 'run', '--silent', 'build', ...options], { cwd: join(root, each) });
    writeFileSync(stampOf(each), '');
    built.push(each.split('/').at(-1));
  }
  return built.length === 0 ? 'up to date' : `built ${built.join(', ')}`;
}

function allBuilt() {
  return ['packages', 'examples'].flatMap(workspaces);
}

/** The given workspaces and those they depend on, each after what it needs. */
function buildOrder(folders) {
  const order = new Set();
  const add = (folder) => {
    if (order.has(folder)) return;
    neededBy(folder).forEach(add);
    order.add(folder);
  };
  folders.forEach(add);
  return [...order];
}

function neededBy(folder) {
  const { dependencies = {} } = packageJson(folder);
  return allBuilt().filter((other) => packageJson(other).name in dependencies);
}

function stampOf(folder) {
  return join(root, folder, 'node_modules', '.built');
}

/** Whether a workspace was built after the last change of what it is built from. */
function isCurrent(folder) {
  if (!existsSync(join(root, folder, 'dist')) || !existsSync(stampOf(folder))) return false;
  const sources = readdirSync(join(root, folder, 'src'), { recursive: true });
  const inputs = [
    ...['src', ...sources.map((name) => join('src', name))].map((name) => join(folder, name)),
    ...['package.json', 'tsconfig.json'].map((name) => join(folder, name)),
    'tsconfig.base.json',
    'pnpm-lock.yaml',
    'scripts/build-package.mjs',
    'scripts/write-esm-wrapper.mjs',
  ].map((name) => join(root, name));
  inputs.push(...neededBy(folder).map(stampOf));
  const built = statSync(stampOf(folder)).mtimeMs;
  return inputs.every((path) => existsSync(path) && statSync(path).mtimeMs <= built);
}
