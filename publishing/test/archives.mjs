// What `npm run pack` makes of this checkout: by the eyes of publint and of @arethetypeswrong/cli, and
// installed as the line says that it prints.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/run.mjs';
import { check, succeed } from './check.mjs';
import { trainingProgram } from './consumers/training-program.mjs';

const tool = (name) => join(root, 'publishing', 'node_modules', '.bin', name);

export async function checkArchives(folder) {
  const packed = join(folder, 'packed');
  let install = '';
  await check('npm run pack', () => {
    const script = join(root, 'publishing', 'pack-here.mjs');
    [install] = succeed([process.execPath, script, packed]).match(/^npm install .*$/m);
  });
  await check('what it prints installs the packages, which train', () => {
    const application = join(folder, 'application');
    mkdirSync(application);
    writeFileSync(join(application, 'package.json'), '{ "private": true }\n');
    writeFileSync(join(application, 'train.mjs'), trainingProgram);
    succeed([...install.split(' '), '--ignore-scripts'], { cwd: application });
    succeed([process.execPath, 'train.mjs'], { cwd: application });
  });
  for (const name of ['core', 'nn', 'optimizers']) {
    const archive = join(packed, name, readdirSync(join(packed, name))[0]);
    await check(`publint, @mlx/${name}`, () => {
      succeed([tool('publint'), 'run', archive, '--strict']);
    });
    await check(`are the types wrong, @mlx/${name}`, () => {
      // Not by the rules of node10, which know no subpaths: Node 20 is the oldest that is supported.
      succeed([tool('attw'), archive, '--no-emoji', '--profile', 'node16']);
    });
  }
}
