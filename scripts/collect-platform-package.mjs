// Puts the built addon, what loads it, its libraries, their licenses and the list of what it is
// made of (SBOM) into the package that publishes them.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { carried } from '../native/scripts/bundle-libraries.mjs';
import { capture, root, run } from './run.mjs';
import { billOfMaterials } from './sbom.mjs';

/** `target` is native/npm/<platform>, unless a test says otherwise. */
export function collectPlatformPackage(target) {
  const release = join(root, 'native', 'build', 'Release');
  const libraries = readdirSync(release).filter((name) => carried.test(name));
  for (const name of ['mlx.node', ...libraries])
    copyFileSync(join(release, name), join(target, name));
  strip(join(target, 'mlx.node'));
  copyFileSync(join(root, 'native', 'npm', 'load-engine.js'), join(target, 'index.js'));
  copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));

  const components = [
    nodeAddonApi(),
    ...(process.platform === 'darwin' ? homebrewComponents() : debianComponents(libraries)),
  ];
  const licenses = join(target, 'licenses');
  mkdirSync(licenses, { recursive: true });
  for (const { name, license } of components) copyFileSync(license, join(licenses, `${name}.txt`));
  const manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  const bill = billOfMaterials(manifest, components);
  writeFileSync(join(target, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
}

/** Symbols that only debuggers read are a sixth of the addon. */
function strip(addon) {
  run(['strip', process.platform === 'darwin' ? '-x' : '--strip-unneeded', addon]);
  // The change breaks the signature that macOS asks for.
  if (process.platform === 'darwin') run(['codesign', '--force', '--sign', '-', addon]);
}

function nodeAddonApi() {
  const folder = join(root, 'native', 'node_modules', 'node-addon-api');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return {
    name: 'node-addon-api',
    version,
    purl: `pkg:npm/node-addon-api@${version}`,
    license: join(folder, 'LICENSE.md'),
  };
}

/** The Debian packages that the libraries and the JSON header came from. */
function debianComponents(libraries) {
  const linked = ['libz.a', 'libasmjit.a'];
  const files = [...libraries, ...linked]
    .map((name) => capture(['g++', `-print-file-name=${name}`]).output.trim())
    .filter(isAbsolute)
    .map((file) => realpathSync(file));
  const names = [...files, '/usr/include/nlohmann/json.hpp'].map(
    (file) => capture(['dpkg', '-S', file]).output.split(':')[0],
  );
  return [...new Set(names)].map((name) => {
    const version = capture(['dpkg-query', '-W', '-f', '${Version}', name]).output;
    return {
      name,
      version,
      purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}`,
      license: `/usr/share/doc/${name}/copyright`,
    };
  });
}

function homebrewComponents() {
  return ['highway', 'nlohmann-json'].map((name) => {
    const prefix = realpathSync(capture(['brew', '--prefix', name]).output.trim());
    const license = ['LICENSE', 'LICENSE.MIT']
      .map((file) => join(prefix, file))
      .find((file) => existsSync(file));
    if (license === undefined) throw new Error(`${name} has no license in ${prefix}`);
    // The folder of an installed formula is named after its version.
    const version = prefix.split('/').at(-1);
    return { name, version, purl: `pkg:brew/${name}@${version}`, license };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] !== undefined)
  collectPlatformPackage(join(root, 'native', 'npm', process.argv[2]));
