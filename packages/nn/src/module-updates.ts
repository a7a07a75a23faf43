import * as mx from '@mlx/core';
import { Walk, isPlainObject, setMember } from '@mlx/core/calls';
import { Module } from './module';

// How trees of new members get into modules. The class imports this, so it is used in calls alone.

type Tree = Record<string, unknown>;

function isTree(value: unknown): value is Tree {
  return Array.isArray(value) || isPlainObject(value);
}

/** Replaces arrays of a module by those of a tree of them, which may be partial. */
export function updateTree(
  target: Tree,
  source: unknown,
  strict: boolean,
  path: string,
  walk: Walk,
  level = 0,
): void {
  walk.visit(level);
  if (!isTree(source))
    throw new TypeError(`[Module.update] Expected a tree at ${path || 'the top'}`);
  for (const [key, value] of Object.entries(source)) {
    if (isEmptyTree(value)) continue;
    const name = path === '' ? key : `${path}.${key}`;
    const current = Object.hasOwn(target, key) ? target[key] : undefined;
    if (current instanceof mx.array) {
      if (!(value instanceof mx.array))
        throw new TypeError(`[Module.update] Expected an array for parameter ${name}`);
      setMember(target, key, value, 'Module.update', name);
    } else if (Module.isModule(current) || Array.isArray(current) || isPlainObject(current)) {
      updateTree(current as unknown as Tree, value, strict, name, walk, level + 1);
    } else if (strict) {
      throw new RangeError(`[Module.update] Module does not have parameter named ${name}`);
    }
  }
}

/** Holes in a tree: what `parameters()` leaves where a list holds what was filtered out. */
function isEmptyTree(value: unknown): boolean {
  return isPlainObject(value) && Object.keys(value).length === 0;
}

/** The same with modules. */
export function updateModuleTree(
  target: Tree,
  source: unknown,
  strict: boolean,
  path: string,
  walk: Walk,
  level = 0,
): void {
  walk.visit(level);
  if (!isTree(source))
    throw new TypeError(`[Module.updateModules] Expected a tree at ${path || 'the top'}`);
  for (const [key, value] of Object.entries(source)) {
    const name = path === '' ? key : `${path}.${key}`;
    const current = Object.hasOwn(target, key) ? target[key] : undefined;
    if (Module.isModule(current) && Module.isModule(value))
      setMember(target, key, value, 'Module.updateModules', name);
    else if (Module.isModule(current) || Array.isArray(current) || isPlainObject(current))
      updateModuleTree(current as unknown as Tree, value, strict, name, walk, level + 1);
    else if (strict && !isEmptyTree(value))
      throw new RangeError(`[Module.updateModules] Module does not have a submodule named ${name}`);
  }
}
