import * as mx from '@mlx/core';
import { Walk, isPlainObject } from '@mlx/core/calls';
import { className, isModule } from './is-module';
import type { Module } from './module';

type Child = [string, Module];

/** Modules directly below, also those in lists and objects, with their paths. */
function childrenOf(module: Module): Child[] {
  const found: Child[] = [];
  const walk = new Walk('Module.toString');
  const visit = (path: string, value: unknown, level: number): void => {
    walk.visit(level);
    if (isModule(value)) found.push([path, value]);
    else if (Array.isArray(value) || isPlainObject(value))
      for (const [key, item] of Object.entries(value)) visit(`${path}.${key}`, item, level + 1);
  };
  for (const [key, value] of Object.entries(module)) if (!key.startsWith('_')) visit(key, value, 0);
  return found;
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}

function layout(module: Module, extra: string, children: Child[]): string {
  const name = className(module);
  if (children.length === 0) return `${name}(${extra})`;
  const lines = children.map(([path, child]) => `\n  (${path}): ${indent(child.toString())}`);
  return `${name}(${extra}${lines.join('')}\n)`;
}

/** The modules whose text is being made: one that stands below itself appears as `Name(...)`. */
const above = new Set<Module>();

/** MLX's text for a module. */
export function describeModule(module: Module, extra: string): string {
  if (above.has(module)) return layout(module, '...', []);
  above.add(module);
  try {
    return layout(module, extra, childrenOf(module));
  } finally {
    above.delete(module);
  }
}

/** Of arrays that stand in several places, each once. */
function countParameters(module: Module): number {
  const arrays = new Set(
    (mx.treeFlatten(module) as [string, unknown][]).map(([, leaf]) => leaf as mx.array),
  );
  return [...arrays].reduce((count, a) => count + a.size, 0);
}

/** The same with the number of parameters, for `console.log`. */
export function inspectModule(module: Module): string {
  const count = countParameters(module);
  return `${module.toString()} // ${count.toLocaleString('en-US')} parameters`;
}
