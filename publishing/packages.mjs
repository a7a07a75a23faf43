// Which packages there are to publish, and in which order: what others need goes first.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The platform that a platform's package is for, or undefined for other packages. */
export function platformOf(name) {
  return name.match(/^@mlx\/core-(.+)$/)?.[1];
}

function readPackages(parent) {
  return readdirSync(parent)
    .map((name) => join(parent, name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({
      folder,
      manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
    }))
    .filter(({ manifest }) => !manifest.private);
}

/** All packages below a copy of the repository, those first that others depend on. */
export function publishedPackages(repository) {
  const waiting = [join(repository, 'native', 'npm'), join(repository, 'packages')].flatMap(
    readPackages,
  );
  const ordered = [];
  while (waiting.length > 0) {
    const needs = ({ manifest }) =>
      Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
    const isWaiting = (name) => waiting.some(({ manifest }) => manifest.name === name);
    const next = waiting.findIndex((one) => !needs(one).some(isWaiting));
    if (next < 0) throw new Error('packages depend on each other in a circle');
    ordered.push(...waiting.splice(next, 1));
  }
  return ordered;
}
