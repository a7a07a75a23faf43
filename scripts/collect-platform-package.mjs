// Copies the built addon and its libraries into the platform package that publishes them.
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

const [platform] = process.argv.slice(2);
const release = join(root, 'native', 'build', 'Release');
const target = join(root, 'native', 'npm', platform);
for (const name of readdirSync(release))
  if (name === 'mlx.node' || /\.so\.\d+$/.test(name))
    copyFileSync(join(release, name), join(target, name));
