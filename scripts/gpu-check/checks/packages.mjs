// The packages to check: those beside this folder in a bundle, or the repository's own.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const bundle = join(here, '..');
const repository = join(here, '..', '..', '..');
const isBundle = existsSync(join(bundle, 'commit'));
const require = createRequire(import.meta.url);
const load = (name) => require(isBundle ? `@mlx/${name}` : join(repository, 'packages', name));

export const corePackage = isBundle
  ? join(bundle, 'node_modules', '@mlx', 'core')
  : join(repository, 'packages', 'core');
export const mx = load('core');
export const nn = load('nn');
export const { Adam } = load('optimizers');

export const digitsProgram = isBundle
  ? join(bundle, 'mnist', 'dist', 'main.js')
  : join(repository, 'examples', 'mnist', 'dist', 'main.js');

/** The operation table's rows and how to check one; only a bundle has them compiled. */
export function loadTable() {
  const folder = join(bundle, 'node_modules', '@mlx', 'core', 'dist', 'operation-table');
  const { operations } = require(join(folder, 'table.js'));
  const { checkDevices } = require(join(folder, 'devices.js'));
  return { operations, checkDevices };
}
