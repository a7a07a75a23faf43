import type { Module } from './module';

/** Whether a value is a module, for files that the class itself imports. */
export function isModule(value: unknown): value is Module {
  return typeof value === 'function' && Symbol.for('mlx.tree') in value;
}

/** Whether a value is a class of modules, of which somebody forgot to make one. */
export function isModuleClass(value: unknown): boolean {
  if (typeof value !== 'function') return false;
  const { prototype } = value as { prototype?: unknown };
  return typeof prototype === 'object' && prototype !== null && Symbol.for('mlx.tree') in prototype;
}

/** The name of a module's class. */
export function className(module: Module): string {
  return (Object.getPrototypeOf(module) as { constructor: { name: string } }).constructor.name;
}
