/* eslint-disable @typescript-eslint/no-require-imports -- an addon can only be required */
import { builtin } from '../node/builtin';
import { loadFailure, type Attempt } from './load-failure';
import { ownFile } from './own-file';
import { platformPackage, platforms, thisPlatform } from './platforms';

const { existsSync } = builtin('node:fs');
const { createRequire } = builtin('node:module');
const { dirname, isAbsolute, join } = builtin('node:path');

/** The addon of this repository's own build, or undefined for an installed package. */
function developmentAddon(): string | undefined {
  const root = join(dirname(ownFile), '..', '..', '..', '..');
  if (!existsSync(join(root, 'pnpm-workspace.yaml'))) return undefined;
  return ['Release', 'Debug']
    .map((kind) => join(root, 'native', 'build', kind, 'mlx.node'))
    .find((path) => existsSync(path));
}

/**
 * From a bundle the package is found where the application lies: through @mlx/core where that is
 * installed, because pnpm shows an application only what it asked for itself.
 */
function requireFrom(place: string, name: string): unknown {
  let from = createRequire(place);
  try {
    from = createRequire(from.resolve('@mlx/core/package.json'));
  } catch {
    // The application has the platform's package alone.
  }
  return from(name);
}

/** The addon, from this repository's build or from the package of this platform. */
export function loadAddon(): unknown {
  const built = developmentAddon();
  if (built !== undefined) return require(built);

  const platform = thisPlatform();
  if (!Object.hasOwn(platforms, platform)) throw loadFailure([]);
  const name = platformPackage(platform);
  const attempts: Attempt[] = [];
  // In full, so that bundlers and tracers of files see the names, and inside `try`, so that they
  // accept that only one of the packages is installed.
  try {
    switch (platform) {
      case 'linux-x64':
        return require('@mlx/core-linux-x64');
      case 'linux-arm64':
        return require('@mlx/core-linux-arm64');
      case 'darwin-arm64':
        return require('@mlx/core-darwin-arm64');
    }
  } catch (error) {
    attempts.push({ what: name, error });
  }
  for (const place of new Set([ownFile, process.argv[1], join(process.cwd(), 'package.json')])) {
    if (place === undefined || !isAbsolute(place)) continue;
    try {
      return requireFrom(place, name);
    } catch (error) {
      attempts.push({ what: `${name} from ${place}`, error });
    }
  }
  throw loadFailure(attempts);
}
