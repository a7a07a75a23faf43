// Puts the built addon, its libraries and their licenses into the package that publishes them.
import { copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { carried } from '../native/scripts/bundle-libraries.mjs';
import { capture, root } from './run.mjs';

/** `target` is native/npm/<platform>, unless a test says otherwise. */
export function collectPlatformPackage(target) {
  const release = join(root, 'native', 'build', 'Release');
  const libraries = readdirSync(release).filter((name) => carried.test(name));
  for (const name of ['mlx.node', ...libraries])
    copyFileSync(join(release, name), join(target, name));

  const licenses = join(target, 'licenses');
  mkdirSync(licenses, { recursive: true });
  const addonApi = join(root, 'native', 'node_modules', 'node-addon-api', 'LICENSE.md');
  copyFileSync(addonApi, join(licenses, 'node-addon-api.txt'));
  const others = process.platform === 'darwin' ? homebrewLicenses() : debianLicenses(libraries);
  for (const [name, path] of others) copyFileSync(path, join(licenses, `${name}.txt`));
}

/** The licenses of the Debian packages that the libraries and the JSON header came from. */
function debianLicenses(libraries) {
  const linked = ['libz.a', 'libasmjit.a'];
  const files = [...libraries, ...linked]
    .map((name) => capture(['g++', `-print-file-name=${name}`]).output.trim())
    .filter(isAbsolute)
    .map((file) => realpathSync(file));
  return [...files, '/usr/include/nlohmann/json.hpp'].map((file) => {
    const name = capture(['dpkg', '-S', file]).output.split(':')[0];
    return [name, `/usr/share/doc/${name}/copyright`];
  });
}

function homebrewLicenses() {
  return ['highway', 'nlohmann-json'].flatMap((name) => {
    const prefix = capture(['brew', '--prefix', name]).output.trim();
    const found = ['LICENSE', 'LICENSE.MIT'].map((file) => join(prefix, file)).find(existsSync);
    return found ? [[name, found]] : [];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] !== undefined)
  collectPlatformPackage(join(root, 'native', 'npm', process.argv[2]));
