import * as mx from '@mlx/core';
import type { Module } from './module';

type Child = [string, Module];

function isModule(value: unknown): value is Module {
  return typeof value === 'function' && Symbol.for('mlx.tree') in value;
}

/** Modules directly below, also those in lists and objects, with their paths. */
function childrenOf(module: Module): Child[] {
  const found: Child[] = [];
  const visit = (path: string, value: unknown): void => {
    if (isModule(value)) found.push([path, value]);
    else if (Array.isArray(value)) value.forEach((item, i) => visit(`${path}.${i}`, item));
  };
  for (const [key, value] of Object.entries(module)) if (!key.startsWith('_')) visit(key, value);
  return found;
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}

function layout(module: Module, extra: string, describe: (child: Module) => string): string {
  const name = (Object.getPrototypeOf(module) as { constructor: { name: string } }).constructor
    .name;
  const children = childrenOf(module);
  if (children.length === 0) return `${name}(${extra})`;
  const lines = children.map(([path, child]) => `\n  (${path}): ${indent(describe(child))}`);
  return `${name}(${extra}${lines.join('')}\n)`;
}

/** MLX's text for a module. */
export function describeModule(module: Module, extra: string): string {
  return layout(module, extra, (child) => child.toString());
}

function countParameters(module: Module): number {
  let count = 0;
  for (const [, a] of mx.treeFlatten(module.parameters()) as [string, mx.array][]) count += a.size;
  return count;
}

/** The same with the number of parameters, for `console.log`. */
export function inspectModule(module: Module): string {
  const count = countParameters(module);
  return `${module.toString()} // ${count.toLocaleString('en-US')} parameters`;
}
