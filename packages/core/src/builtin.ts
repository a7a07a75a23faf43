/* eslint-disable @typescript-eslint/no-require-imports -- what older versions of Node have */

/** The modules of Node that this package uses. */
interface Builtins {
  'node:async_hooks': typeof import('node:async_hooks');
  'node:crypto': typeof import('node:crypto');
  'node:fs': typeof import('node:fs');
  'node:module': typeof import('node:module');
  'node:path': typeof import('node:path');
  'node:url': typeof import('node:url');
  'node:v8': typeof import('node:v8');
  'node:vm': typeof import('node:vm');
  'node:worker_threads': typeof import('node:worker_threads');
}

const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };

/**
 * A module of Node. Not by `require`, where there is another way (since 20.16): a bundle that is
 * an ES module has none.
 */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  return (getBuiltinModule?.(name) ?? require(name)) as Builtins[Name];
}
