// Peers that are npm packages, in a folder of their own and without their install scripts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const packages = {
  'onnxruntime-node': '1.30.0',
  '@node-llama-cpp/linux-x64': '3.22.1',
};

/** Installs them if need be. Returns why that failed, or undefined. */
export function installPackages(folder) {
  if (Object.keys(packages).every((name) => existsSync(join(folder, 'node_modules', name))))
    return undefined;
  mkdirSync(folder, { recursive: true });
  const wanted = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  const flags = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
  const { status } = spawnSync('npm', ['install', ...flags, ...wanted], { stdio: 'ignore' });
  return status === 0 ? undefined : 'npm could not install them';
}
