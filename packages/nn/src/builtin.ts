import { nodeModule } from '@mlx/core/calls';

/** The modules of Node that this package uses. */
interface Builtins {
  'node:fs': typeof import('node:fs');
  'node:path': typeof import('node:path');
}

/** A module of Node with its type, for files whose declarations show none of it. */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  return nodeModule(name) as Builtins[Name];
}
