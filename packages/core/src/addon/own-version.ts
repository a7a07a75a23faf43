import { builtin } from '../node/builtin';
import { ownFile } from './own-file';

const { createRequire } = builtin('node:module');

/** This package's version; undefined in a bundle that left package.json behind. */
export function ownVersion(): string | undefined {
  try {
    const manifest: unknown = createRequire(ownFile)('@mlx/core/package.json');
    return (manifest as { version: string }).version;
  } catch {
    return undefined;
  }
}
