import { setMember } from '../arguments/set-member';
import { isArray, type MLXArray } from '../array/array';
import { treeFlatten, treeMap, treeSymbol } from '../trees/tree';
import { liveHolder, type Holder } from './live-tree';

/** Whether a value stands for a tree of its members by the protocol, as modules do. */
export function standsForTree(value: unknown): value is object {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    treeSymbol in value
  );
}

/**
 * Arguments whose arrays are replaced for a call. Lists and objects are made anew; a module stays
 * itself, and its members hold the new arrays until `restore`.
 */
class ArgumentSwap {
  readonly #replaced: { holder: Holder; key: string; old: unknown; new: unknown }[] = [];
  readonly #name: string;

  /** @param name - what the person called. */
  constructor(name: string) {
    this.#name = name;
  }

  /** The tree with arrays in the places of its own, in order; other leaves stay. */
  replace(
    tree: unknown,
    next: () => MLXArray,
    isPlace: (leaf: unknown) => boolean = isArray,
  ): unknown {
    return treeMap(
      (leaf: unknown) => {
        if (isPlace(leaf)) return next();
        return standsForTree(leaf) ? this.#enter(leaf, next) : leaf;
      },
      tree,
      [],
      standsForTree,
    );
  }

  /** Gives back the members of modules, but for those that the call set to something else. */
  restore(): void {
    for (const { holder, key, old, new: given } of this.#replaced)
      if (holder[key] === given) Reflect.set(holder, key, old);
  }

  #enter(module: object, next: () => MLXArray): unknown {
    const leaves = treeFlatten(module).filter(([, leaf]) => isArray(leaf));
    const places = leaves.map(([path]) => memberAt(module, path));
    // What shows a tree that it doesn't have cannot be called with other values.
    if (places.some((place) => place === undefined))
      return treeMap((leaf: unknown) => (isArray(leaf) ? next() : leaf), module);
    places.forEach((place, i) => {
      const { holder, key } = place!;
      const array = next();
      const old = holder[key];
      setMember(holder, key, array, this.#name, leaves[i]![0]);
      this.#replaced.push({ holder, key, old, new: array });
    });
    return module;
  }
}

/** Where the array at a path stands. */
function memberAt(module: object, path: string): { holder: Holder; key: string } | undefined {
  const keys = path.split('.');
  const last = keys.pop()!;
  let holder = liveHolder(module);
  for (const key of keys) holder = liveHolder(holder?.[key]);
  return holder !== undefined && isArray(holder[last]) ? { holder, key: last } : undefined;
}

/**
 * Calls fun with arguments that have arrays in the places of their own, in order. Modules among
 * them stay themselves.
 */
export function callWith(
  fun: (...args: never[]) => unknown,
  args: readonly unknown[],
  arrays: readonly MLXArray[],
  name: string,
  isPlace?: (leaf: unknown) => boolean,
): unknown {
  const swap = new ArgumentSwap(name);
  let next = 0;
  try {
    const replaced = args.map((arg) => swap.replace(arg, () => arrays[next++]!, isPlace));
    return fun(...(replaced as never[]));
  } finally {
    swap.restore();
  }
}
