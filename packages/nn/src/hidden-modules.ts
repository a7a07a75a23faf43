import { isArray, isPlainObject } from '@mlx/core/calls';
import type { Module } from './module';

// Modules that a model uses but doesn't know of would silently not train.

function isModule(value: unknown): value is Module {
  return typeof value === 'function' && Symbol.for('mlx.tree') in value;
}

function className(module: Module): string {
  return (Object.getPrototypeOf(module) as { constructor: { name: string } }).constructor.name;
}

function holdsTrainable(module: Module): boolean {
  return containsArray(module.trainableParameters());
}

function containsArray(tree: unknown): boolean {
  return isArray(tree) || Object.values(tree as object).some(containsArray);
}

function holdsModule(value: unknown): boolean {
  return isModule(value) || (Array.isArray(value) && value.some(holdsModule));
}

const warned = new WeakSet<object>();

function warnOnce(module: Module, text: string): void {
  const prototype = Object.getPrototypeOf(module) as object;
  if (warned.has(prototype)) return;
  warned.add(prototype);
  process.emitWarning(`[${className(module)}] ${text}`, 'MLXWarning');
}

/** Throws for modules in a Map or Set, where they can't be found. */
export function refuseCollections(module: Module): void {
  for (const [key, value] of Object.entries(module) as [string, unknown][])
    if (value instanceof Map || value instanceof Set)
      if ([...value.values(), ...value.keys()].some(holdsModule))
        throw new TypeError(
          `[${className(module)}] The member ${key} holds modules in a ` +
            `${value instanceof Map ? 'Map' : 'Set'}, where they would not train; hold them in an ` +
            'object or a list.',
        );
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
  if (isModule(value))
    return !known.has(value) && holdsTrainable(value) && !value.modules().includes(owner);
  if (!Array.isArray(value) && !isPlainObject(value)) return false;
  return Object.values(value).some((one) => hides(one, owner, known));
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
