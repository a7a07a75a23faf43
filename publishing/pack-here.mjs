// Packs what this machine can use of the packages, for a project elsewhere that installs them before
// they are on npm: core, nn, optimizers and this platform's engine; and the engine for C++ programs.
// pack-here.mjs [folder]   folder: where all goes; default: packed/
import { rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { writeCppPackage } from '../native/scripts/cpp-package.mjs';
import { collectPlatformPackage } from '../scripts/collect-platform-package.mjs';
import { root } from '../scripts/run.mjs';
import { pack } from './pack.mjs';
import { platformOf, publishedPackages } from './packages.mjs';

const target = resolve(process.argv[2] ?? join(root, 'packed'));
const thisPlatform = `${process.platform}-${process.arch}`;
const packages = publishedPackages(root).filter(({ manifest }) =>
  [undefined, thisPlatform].includes(platformOf(manifest.name)),
);
rmSync(target, { recursive: true, force: true });
const archives = packages.map(({ folder, manifest }) => {
  if (platformOf(manifest.name)) collectPlatformPackage(folder);
  return pack(folder, join(target, basename(manifest.name)));
});
writeCppPackage(join(root, 'native'), join(target, 'cpp'));
console.log(`npm install ${archives.join(' ')}`);
