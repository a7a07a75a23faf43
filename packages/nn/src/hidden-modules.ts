import { isArray, isPlainObject } from '@mlx/core/calls';
import { className, isModule } from './is-module';
import type { Module } from './module';

// Modules that a model uses but doesn't know of would silently not train.

function holdsTrainable(module: Module): boolean {
  return containsArray(module.trainableParameters());
}

function containsArray(tree: unknown): boolean {
  return isArray(tree) || Object.values(tree as object).some(containsArray);
}

/** What a list, an object, a Map or a Set holds. */
function contentsOf(value: unknown): readonly unknown[] {
  if (value instanceof Map) return [...value.keys(), ...(value.values() as Iterable<unknown>)];
  if (value instanceof Set) return [...(value as Set<unknown>)];
  const isContainer = !isModule(value) && (Array.isArray(value) || isPlainObject(value));
  return isContainer ? Object.values(value) : [];
}

/** Whether a value passes a test, or one in it: each is looked at once. */
function someWithin(value: unknown, test: (one: unknown) => boolean): boolean {
  const seen = new Set([value]);
  for (const one of seen) {
    if (test(one)) return true;
    for (const inner of contentsOf(one))
      if (typeof inner === 'object' || typeof inner === 'function') seen.add(inner);
  }
  return false;
}

const warned = new WeakSet<object>();

function warnOnce(module: Module, text: string): void {
  const prototype = Object.getPrototypeOf(module) as object;
  if (warned.has(prototype)) return;
  warned.add(prototype);
  process.emitWarning(`[${className(module)}] ${text}`, 'MLXWarning');
}

/**
 * Throws if a value is a Map or Set with modules in it, where they can't be found.
 *
 * @param module - the module that the value belongs to.
 * @param key - where it stands there.
 * @param name - what was called.
 */
export function refuseCollection(module: Module, key: string, value: unknown, name: string): void {
  if (!(value instanceof Map || value instanceof Set) || !someWithin(value, isModule)) return;
  throw new TypeError(
    `[${name}] The member ${key} of ${className(module)} holds modules in a ` +
      `${value instanceof Map ? 'Map' : 'Set'}, where they would not train; hold them in an ` +
      'object or a list.',
  );
}

/** The same for all members of a module. */
export function refuseCollections(module: Module, name: string): void {
  for (const [key, value] of Object.entries(module)) refuseCollection(module, key, value, name);
}

/** While private members are looked at, which may contain the module that they are members of. */
let isLooking = false;

/** Warns of trainable modules in private members, unless they are known by another name. */
export function warnOfPrivateMembers(modules: ReadonlySet<Module>): void {
  if (isLooking) return;
  isLooking = true;
  try {
    for (const module of modules)
      for (const [key, value] of Object.entries(module) as [string, unknown][])
        if (key.startsWith('_') && !warned.has(Object.getPrototypeOf(module) as object))
          if (hides(value, module, modules))
            warnOnce(
              module,
              `The member ${key} holds modules with parameters, which do not train: names that ` +
                'begin with _ are private. Rename it, or freeze them.',
            );
  } finally {
    isLooking = false;
  }
}

function hides(value: unknown, owner: Module, known: ReadonlySet<Module>): boolean {
  return someWithin(
    value,
    (one) =>
      isModule(one) && !known.has(one) && holdsTrainable(one) && !one.modules().includes(owner),
  );
}

/** The modules that run now, the innermost last, while calls are recorded. */
let running: Module[] | null = null;
let found = new Map<Module, Module>();

/** Notes that a module is called, if calls are recorded; returns what to do when it is over. */
export function recordCall(module: Module): (() => void) | undefined {
  if (running === null) return undefined;
  const stack = running;
  const caller = stack.at(-1);
  if (caller !== undefined) found.set(module, caller);
  stack.push(module);
  return () => stack.pop();
}

/** Runs a function and warns if modules of a model called trainable ones that the model lacks. */
export function warnOfHiddenModules<Result>(model: Module, run: () => Result): Result {
  if (running !== null) return run();
  running = [];
  found = new Map();
  try {
    return run();
  } finally {
    running = null;
    const known = new Set(model.modules());
    for (const [module, caller] of found)
      if (known.has(caller) && !known.has(module) && holdsTrainable(module))
        warnOnce(
          caller,
          `It calls a ${className(module)} that is none of its public members, so that its ` +
            'parameters do not train: members that begin with # or _ are private.',
        );
    found = new Map();
  }
}
