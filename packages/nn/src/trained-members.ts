import * as mx from '@mlx/core';
import { Module } from './module';
import { isPlainObject } from './names';

/**
 * Remembers the very array objects that trainable members hold, as an optimizer knows its own.
 * Returns a function that puts them back.
 */
export function saveMembers(model: Module): () => void {
  const saved: [Record<string, unknown>, string, mx.array][] = [];
  const visit = (holder: Record<string, unknown>, key: string): void => {
    const value = holder[key];
    if (value instanceof mx.array) saved.push([holder, key, value]);
    else if (Array.isArray(value) || isPlainObject(value))
      for (const inner of Object.keys(value)) visit(value as Record<string, unknown>, inner);
  };
  for (const module of model.modules()) {
    const members = module as unknown as Record<string, unknown>;
    for (const key of Object.keys(members))
      if (Module.trainableParameterFilter(module, key, members[key])) visit(members, key);
  }
  return () => {
    for (const [holder, key, original] of saved) holder[key] = original;
  };
}
