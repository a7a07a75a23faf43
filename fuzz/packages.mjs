// The built packages, under the names that programs give them.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../scripts/run.mjs';

const folders = { mx: 'core', nn: 'nn', optim: 'optimizers' };

/** The three packages, and the paths of their declarations. */
export function loadPackages() {
  const require = createRequire(import.meta.url);
  const libraries = {};
  const paths = {};
  for (const [name, folder] of Object.entries(folders)) {
    const built = join(root, 'packages', folder, 'dist');
    libraries[name] = require(built);
    paths[name] = join(built, 'index.d.ts');
  }
  return { libraries, paths };
}
