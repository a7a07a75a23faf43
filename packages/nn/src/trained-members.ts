import * as mx from '@mlx/core';
import { Walk, isPlainObject } from '@mlx/core/calls';
import { modulesOf } from './members';
import { Module, type ModuleFilter } from './module';

/**
 * Remembers the very array objects that members hold, as an optimizer knows its own: the trainable
 * ones, or those that another filter accepts. Returns a function that puts them back. `name` is what
 * was called.
 */
export function saveMembers(
  model: Module,
  name: string,
  filter: ModuleFilter = Module.trainableParameterFilter,
): () => void {
  const saved: [Record<string, unknown>, string, mx.array][] = [];
  type Holder = Record<string, unknown>;
  const walk = new Walk(name);
  const visit = (module: Module, holder: Holder, key: string, path: string, level = 0): void => {
    walk.visit(level);
    const value = holder[key];
    if (!filter(module, path, value)) return;
    if (value instanceof mx.array) saved.push([holder, key, value]);
    else if (Array.isArray(value) || isPlainObject(value))
      for (const inner of Object.keys(value))
        visit(module, value as Holder, inner, `${path}.${inner}`, level + 1);
  };
  for (const [, module] of modulesOf(model, name)) {
    const members = module as unknown as Holder;
    for (const key of Object.keys(members)) visit(module, members, key, key);
  }
  return () => {
    for (const [holder, key, original] of saved) Reflect.set(holder, key, original);
  };
}
