// What must hold before anything is published. Each check returns the sentences of what does not.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../scripts/run.mjs';
import { binaryPlatform } from './binary-platform.mjs';
import { platformOf } from './packages.mjs';

/** Megabytes of an archive that nobody has to think about; more needs a reason. */
const largestArchive = { platform: 20, other: 1 };

/** Checks of the folders, before they are packed. */
export function checkFolders(packages) {
  return [
    ...packages.flatMap(checkVersion),
    ...checkOneVersion(packages),
    ...checkPlatforms(packages),
    ...packages.flatMap(checkRepository),
  ];
}

function checkVersion({ manifest: { name, version } }) {
  return version === '0.0.0' ? [`${name} still has version 0.0.0: run version-packages`] : [];
}

/** Core asks for exactly its own version of the platforms' packages. */
function checkOneVersion(packages) {
  const group = packages.filter(({ manifest: { name } }) => /^@mlx\/core(-|$)/.test(name));
  const versions = new Set(group.map(({ manifest }) => manifest.version));
  if (versions.size < 2) return [];
  const list = group.map(({ manifest }) => `${manifest.name} ${manifest.version}`);
  return [`core and its platforms differ in version: ${list.join(', ')}`];
}

function checkPlatforms(packages) {
  const core = packages.find(({ manifest }) => manifest.name === '@mlx/core');
  return Object.keys(core.manifest.optionalDependencies).flatMap((name) => {
    const found = packages.find(({ manifest }) => manifest.name === name);
    if (found === undefined) return [`core needs ${name}, which is nowhere`];
    const binary = join(found.folder, 'mlx.node');
    if (!existsSync(binary)) return [`${name} has no binary, ${binary}`];
    const platform = binaryPlatform(binary);
    const problems = ['index.js', 'sbom.cdx.json', 'licenses']
      .filter((file) => !existsSync(join(found.folder, file)))
      .map((file) => `${name} lacks ${file}; collect-platform-package.mjs puts it there`);
    if (platform !== platformOf(name))
      problems.push(`the binary of ${name} was built for ${platform ?? 'no known platform'}`);
    return problems;
  });
}

/** Provenance is refused where the manifest names another repository than the one that builds. */
function checkRepository({ manifest }) {
  const { GITHUB_REPOSITORY: own } = process.env;
  if (!manifest.repository?.url) return [`${manifest.name} names no repository`];
  if (own === undefined || manifest.repository.url.includes(`/${own}.git`)) return [];
  return [`${manifest.name} names ${manifest.repository.url} as its repository, not ${own}`];
}

/** Checks of an archive as it would be published. */
export function checkArchive({ manifest: { name }, archive }) {
  const problems = [];
  const listed = capture(['tar', '-tzf', archive]).output.trim().split('\n');
  const files = new Set(listed.map((file) => file.replace(/^package\//, '')));
  const required = platformOf(name)
    ? ['mlx.node', 'index.js', 'sbom.cdx.json']
    : ['dist/index.js', 'dist/index.mjs', 'dist/index.d.ts', 'dist/index.d.mts'];
  for (const file of ['package.json', 'LICENSE', 'README.md', ...required])
    if (!files.has(file)) problems.push(`the archive of ${name} lacks ${file}`);
  const tests = [...files].filter((file) => /\.test\.|test-support/.test(file));
  if (tests.length > 0) problems.push(`the archive of ${name} holds tests: ${tests.join(', ')}`);

  const manifest = JSON.parse(capture(['tar', '-xOzf', archive, 'package/package.json']).output);
  for (const field of ['devDependencies', 'scripts'])
    if (manifest[field]) problems.push(`the manifest of ${name} still has ${field}`);
  if (JSON.stringify(manifest).includes('workspace:'))
    problems.push(`the manifest of ${name} depends on the workspace`);

  const megabytes = statSync(archive).size / 1e6;
  const largest = platformOf(name) ? largestArchive.platform : largestArchive.other;
  if (megabytes > largest)
    problems.push(`the archive of ${name} has ${megabytes.toFixed(1)} MB, more than ${largest}`);
  return problems;
}
