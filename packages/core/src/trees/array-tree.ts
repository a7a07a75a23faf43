// Trees of arrays as arguments of calls: parameters, gradients, states.

import { describe, isPlainObject, type Kind } from '../arguments/kinds';
import { isArray } from '../array/array';
import { within } from '../errors/errors';
import { treeFlatten, treeSymbol } from './tree';

/** Lists, plain objects, arrays, and modules by their protocol. */
function isTree(value: unknown): value is object {
  return (
    isArray(value) ||
    Array.isArray(value) ||
    isPlainObject(value) ||
    (typeof value === 'function' && treeSymbol in value)
  );
}

/** A tree whose leaves are looked at where they are used. */
export const tree: Kind<object> = { text: 'a tree of arrays', fits: isTree };

/** A tree all of whose leaves are arrays. */
export const arrayTree: Kind<object> = {
  text: tree.text,
  fits: isTree,
  read(value, name, parameter) {
    return within(name, () => {
      for (const [path, leaf] of treeFlatten(value as object) as [string, unknown][]) {
        if (!isArray(leaf))
          throw new TypeError(
            `[${name}] ${parameter} must be a tree of arrays, but ${path || 'it'} is ` +
              `${describe(leaf)}.`,
          );
        // One that was released is refused here.
        void leaf.dtype;
      }
      return value as object;
    });
  },
};
