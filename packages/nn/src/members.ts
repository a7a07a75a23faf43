import { Walk, copyList, isPlainObject } from '@mlx/core/calls';
import { refuseCollection, refuseCollections, warnOfPrivateMembers } from './hidden-modules';
import { isModule } from './is-module';
import type { Module, ModuleFilter } from './module';

// Walks over the members of modules, which may hold lists and objects that contain themselves.

type Tree = Record<string, unknown>;

/** What {@link collectMembers} takes and makes. */
export interface Collection {
  readonly filterFn: ModuleFilter;
  readonly mapFn?: ((value: unknown) => unknown) | null | undefined;
  readonly isLeafFn?: ModuleFilter | null | undefined;
}

function isNoContainer(_module: Module, _key: string, value: unknown): boolean {
  return !isModule(value) && !Array.isArray(value) && !isPlainObject(value);
}

/** The members of a module that a filter takes, as a plain tree; `name` is what was called. */
export function collectMembers(from: Module, name: string, collection: Collection): Tree {
  const { filterFn, mapFn, isLeafFn } = collection;
  const isLeaf = isLeafFn ?? isNoContainer;
  const walk = new Walk(name);
  const unwrap = (module: Module, key: string, value: unknown, level: number): unknown => {
    walk.visit(level);
    if (isLeaf(module, key, value)) return mapFn ? mapFn(value) : value;
    if (isModule(value)) return collect(value, level + 1);
    if (Array.isArray(value))
      return copyList(value as unknown[], name).map((item, i) => {
        const path = `${key}.${i}`;
        refuseCollection(module, path, item, name);
        return filterFn(module, path, item) ? unwrap(module, path, item, level + 1) : {};
      });
    if (isPlainObject(value)) {
      const result: Tree = {};
      for (const [member, item] of Object.entries(value)) {
        const path = `${key}.${member}`;
        refuseCollection(module, path, item, name);
        if (filterFn(module, path, item)) result[member] = unwrap(module, path, item, level + 1);
      }
      return result;
    }
    throw new TypeError(`[${name}] ${key} is a leaf that isLeafFn did not accept.`);
  };
  // A module that stands below itself is left out there.
  const above = new Set<Module>();
  const collect = (module: Module, level: number): Tree => {
    const result: Tree = {};
    if (above.has(module)) return result;
    refuseCollections(module, name);
    above.add(module);
    for (const [key, value] of Object.entries(module))
      if (filterFn(module, key, value)) result[key] = unwrap(module, key, value, level);
    above.delete(module);
    return result;
  };
  return collect(from, 0);
}

/** A module and all below it, each once, with their paths. */
export function modulesOf(module: Module, name: string): [string, Module][] {
  const found: [string, Module][] = [];
  const modules = new Set<Module>();
  const seen = new Set<unknown>();
  const walk = new Walk(name);
  const visit = (path: string, value: unknown, level: number, owner = module): void => {
    refuseCollection(owner, path, value, name);
    const isOne = isModule(value);
    if (!isOne && !Array.isArray(value) && !isPlainObject(value)) return;
    if (seen.has(value)) return;
    walk.visit(level);
    seen.add(value);
    if (isOne) {
      refuseCollections(value, name);
      modules.add(value);
      found.push([path, value]);
    }
    for (const [key, item] of Object.entries(value))
      if (!(isOne && key.startsWith('_')))
        visit(path === '' ? key : `${path}.${key}`, item, level + 1, isOne ? value : owner);
  };
  visit('', module, 0);
  warnOfPrivateMembers(modules);
  return found;
}
