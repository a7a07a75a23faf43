/* eslint-disable @typescript-eslint/no-require-imports -- an addon can only be required */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A function of the addon. It returns undefined after an error, which `takeError` describes. */
export type NativeFunction = (...values: unknown[]) => unknown;

/** The addon's functions by name; the operations are listed in native/addon/ops_*.cpp. */
export interface NativeModule {
  readonly [name: string]: NativeFunction;
}

const addonName = 'mlx.node';

/** The addon of this repository's own build, or undefined for an installed package. */
function developmentAddon(): string | undefined {
  const root = join(__dirname, '..', '..', '..');
  if (!existsSync(join(root, 'pnpm-workspace.yaml'))) return undefined;
  return ['Release', 'Debug']
    .map((kind) => join(root, 'native', 'build', kind, addonName))
    .find((path) => existsSync(path));
}

/** The addon from the package for this platform. The names stand in full, for bundlers. */
function platformAddon(): NativeModule {
  const platform = `${process.platform}-${process.arch}`;
  switch (platform) {
    case 'linux-x64':
      return require('@mlx/core-linux-x64') as NativeModule;
    case 'linux-arm64':
      return require('@mlx/core-linux-arm64') as NativeModule;
    case 'darwin-arm64':
      return require('@mlx/core-darwin-arm64') as NativeModule;
    default:
      throw new Error(`@mlx/core has no binary for ${platform}.`);
  }
}

function loadAddon(): NativeModule {
  const path = developmentAddon();
  if (path !== undefined) return require(path) as NativeModule;
  try {
    return platformAddon();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `@mlx/core could not load its native addon: ${reason} ` +
        'Install with optional dependencies, or build this repository with `npm run build`.',
      { cause: error },
    );
  }
}

/** The addon; each environment, a worker for example, has its own state in it. */
export const native: NativeModule = loadAddon();
