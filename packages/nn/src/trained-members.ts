import * as mx from '@mlx/core';
import { isPlainObject } from '@mlx/core/calls';
import { Module } from './module';

/**
 * Remembers the very array objects that trainable members hold, as an optimizer knows its own.
 * Returns a function that puts them back.
 */
export function saveMembers(model: Module): () => void {
  const saved: [Record<string, unknown>, string, mx.array][] = [];
  type Holder = Record<string, unknown>;
  const visit = (module: Module, holder: Holder, key: string, path: string): void => {
    const value = holder[key];
    if (!Module.trainableParameterFilter(module, path, value)) return;
    if (value instanceof mx.array) saved.push([holder, key, value]);
    else if (Array.isArray(value) || isPlainObject(value))
      for (const inner of Object.keys(value))
        visit(module, value as Holder, inner, `${path}.${inner}`);
  };
  for (const module of model.modules()) {
    const members = module as unknown as Holder;
    for (const key of Object.keys(members)) visit(module, members, key, key);
  }
  return () => {
    for (const [holder, key, original] of saved) holder[key] = original;
  };
}
