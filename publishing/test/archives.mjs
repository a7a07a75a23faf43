// The archives by the eyes of publint and of @arethetypeswrong/cli.
import { join } from 'node:path';
import { root } from '../../scripts/run.mjs';
import { pack } from '../pack.mjs';
import { check, succeed } from './check.mjs';

const tool = (name) => join(root, 'publishing', 'node_modules', '.bin', name);

export async function checkArchives(repository, folder) {
  for (const name of ['core', 'nn', 'optimizers']) {
    const archive = pack(repository.folderOf(`@mlx/${name}`), join(folder, name));
    await check(`publint, @mlx/${name}`, () => {
      succeed([tool('publint'), 'run', archive, '--strict']);
    });
    await check(`are the types wrong, @mlx/${name}`, () => {
      // Not by the rules of node10, which know no subpaths: Node 20 is the oldest that is supported.
      succeed([tool('attw'), archive, '--no-emoji', '--profile', 'node16']);
    });
  }
}
