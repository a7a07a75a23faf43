import { nodeModule } from './node-module';

/** The modules of Node that this package uses. */
interface Builtins {
  'node:async_hooks': typeof import('node:async_hooks');
  'node:child_process': typeof import('node:child_process');
  'node:crypto': typeof import('node:crypto');
  'node:fs': typeof import('node:fs');
  'node:module': typeof import('node:module');
  'node:net': typeof import('node:net');
  'node:os': typeof import('node:os');
  'node:path': typeof import('node:path');
  'node:readline': typeof import('node:readline');
  'node:url': typeof import('node:url');
  'node:v8': typeof import('node:v8');
  'node:vm': typeof import('node:vm');
  'node:worker_threads': typeof import('node:worker_threads');
}

/** A module of Node with its type, for files whose declarations show none of it. */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  return nodeModule(name) as Builtins[Name];
}
