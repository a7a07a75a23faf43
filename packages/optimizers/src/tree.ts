import * as mx from '@mlx/core';
import { describe, isArray, isPlainObject, within, type Kind } from '@mlx/core/calls';

/** A tree of arrays: parameters, gradients, or an optimizer's state. */
export type ArrayTree = { [key: string]: ArrayTree } | ArrayTree[] | mx.array;

/** Lists, plain objects, arrays, and modules by their protocol. */
function isTree(value: unknown): value is object {
  return (
    isArray(value) ||
    Array.isArray(value) ||
    isPlainObject(value) ||
    (typeof value === 'function' && Symbol.for('mlx.tree') in value)
  );
}

/** A tree whose leaves are looked at where they are used. */
export const tree: Kind<object> = { text: 'a tree of arrays', fits: isTree };

/** A tree all of whose leaves are arrays. */
export const arrayTree: Kind<object> = {
  text: tree.text,
  fits: isTree,
  read(value, name, parameter) {
    const leaves = within(name, () => mx.treeFlatten(value as object) as [string, unknown][]);
    for (const [path, leaf] of leaves)
      if (!isArray(leaf))
        throw new TypeError(
          `[${name}] ${parameter} must be a tree of arrays, but ${path || 'it'} is ` +
            `${describe(leaf)}.`,
        );
    return value as object;
  },
};
