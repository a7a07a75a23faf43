import type { Module } from './module';

/** Whether a value is a module, for files that the class itself imports. */
export function isModule(value: unknown): value is Module {
  return typeof value === 'function' && Symbol.for('mlx.tree') in value;
}

/** The name of a module's class. */
export function className(module: Module): string {
  return (Object.getPrototypeOf(module) as { constructor: { name: string } }).constructor.name;
}
