/**
 * A nested structure of lists and plain objects. Objects that answer `[Symbol.for('mlx.tree')]()`
 * with a tree, such as modules, count as that tree.
 */
export type Tree<T = unknown> = T | readonly Tree<T>[] | { readonly [key: string]: Tree<T> };

/** The method by which an object shows the tree it stands for. */
export const treeSymbol: unique symbol = Symbol.for('mlx.tree') as never;

type IsLeaf = ((node: unknown) => boolean) | null;
type Container = readonly unknown[] | Readonly<Record<string, unknown>>;

/** The container that a value is or stands for; undefined for leaves. */
function containerOf(node: unknown): Container | undefined {
  if (Array.isArray(node)) return node as readonly unknown[];
  if ((typeof node !== 'object' && typeof node !== 'function') || node === null) return undefined;
  const show = (node as { [treeSymbol]?: () => unknown })[treeSymbol];
  if (typeof show === 'function') return containerOf(show.call(node));
  return isPlainObject(node) ? node : undefined;
}

/** Whether a value is a plain object, also of another realm: anything else is a value of its own. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function childOf(container: Container | undefined, key: string): unknown {
  return container === undefined
    ? undefined
    : (container as Readonly<Record<string, unknown>>)[key];
}

const mostLevels = 256;

/** Throws where a tree is too deep: one that contains itself would have no end. */
export function checkLevel(level: number, name: string): void {
  if (level > mostLevels)
    throw new RangeError(
      `[${name}] The tree has more than ${mostLevels} levels, or contains itself.`,
    );
}

function mapNode(
  fn: (path: string, leaf: unknown, ...rest: unknown[]) => unknown,
  node: unknown,
  rest: readonly unknown[],
  isLeaf: IsLeaf,
  path: string,
  level = 0,
): unknown {
  checkLevel(level, 'tree');
  const container = isLeaf?.(node) ? undefined : containerOf(node);
  if (container === undefined) return fn(path, node, ...rest);
  const others = rest.map(containerOf);
  const child = (key: string): unknown =>
    mapNode(
      fn,
      childOf(container, key),
      others.map((other) => childOf(other, key)),
      isLeaf,
      path === '' ? key : `${path}.${key}`,
      level + 1,
    );
  if (Array.isArray(container)) return container.map((_, i) => child(String(i)));
  return Object.fromEntries(Object.keys(container).map((key) => [key, child(key)]));
}

/**
 * A tree of the same structure with fn of each leaf. fn also gets what stands at the leaf's place
 * in the trees of rest. Where isLeaf says so, a container is a leaf.
 *
 * @example
 * ```ts
 * console.log(mx.treeMap((a, b) => a + b, { x: [1, 2] }, [{ x: [10, 20] }])); // => { x: [ 11, 22 ] }
 * ```
 */
export function treeMap<R = unknown>(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- leaves are of the caller's types
  fn: (leaf: any, ...rest: any[]) => unknown,
  tree: unknown,
  rest: readonly unknown[] = [],
  isLeaf: IsLeaf = null,
): R {
  return mapNode((_, leaf, ...others) => fn(leaf, ...others), tree, rest, isLeaf, '') as R;
}

/**
 * Like treeMap; fn gets the leaf's path first, the keys joined by dots and after `path` if given.
 *
 * @example
 * ```ts
 * console.log(mx.treeMapWithPath((path, leaf) => path + leaf, { x: [1, 2] })); // => { x: [ 'x.01', 'x.12' ] }
 * ```
 */
export function treeMapWithPath<R = unknown>(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- leaves are of the caller's types
  fn: (path: string, leaf: any, ...rest: any[]) => unknown,
  tree: unknown,
  rest: readonly unknown[] = [],
  isLeaf: IsLeaf = null,
  path: string | null = null,
): R {
  return mapNode(fn, tree, rest, isLeaf, path ?? '') as R;
}

/**
 * The leaves of a tree with their paths, the keys joined by dots; empty containers are dropped.
 * prefix is put before each path. With a destination, a list or an object, the leaves go there.
 *
 * @example
 * ```ts
 * console.log(mx.treeFlatten({ a: [1, 2], b: {} })); // => [ [ 'a.0', 1 ], [ 'a.1', 2 ] ]
 * ```
 */
export function treeFlatten<T = unknown>(
  tree: unknown,
  prefix?: string,
  isLeaf?: IsLeaf,
  destination?: [string, T][] | null,
): [string, T][];
export function treeFlatten<T = unknown>(
  tree: unknown,
  prefix: string | undefined,
  isLeaf: IsLeaf | undefined,
  destination: Record<string, T>,
): Record<string, T>;
export function treeFlatten(
  tree: unknown,
  prefix = '',
  isLeaf: IsLeaf = null,
  destination: [string, unknown][] | Record<string, unknown> | null = null,
): [string, unknown][] | Record<string, unknown> {
  const result = destination ?? [];
  const visit = (path: string, leaf: unknown): void => {
    const name = prefix + path;
    if (Array.isArray(result)) result.push([name, leaf]);
    else result[name] = leaf;
  };
  mapNode(visit, tree, [], isLeaf, '');
  return result;
}

/**
 * The tree of leaves with paths, as treeFlatten gives them; a container whose keys are numbers
 * becomes a list.
 *
 * @example
 * ```ts
 * console.log(mx.treeUnflatten([['a.0', 1], ['a.1', 2]])); // => { a: [ 1, 2 ] }
 * ```
 */
export function treeUnflatten(
  tree: readonly (readonly [string, unknown])[] | Readonly<Record<string, unknown>>,
): unknown {
  const entries = (Array.isArray(tree) ? tree : Object.entries(tree)) as [string, unknown][];
  if (entries.length === 1 && entries[0]![0] === '') return entries[0]![1];
  const children = new Map<string, [string, unknown][]>();
  for (const [path, leaf] of entries) {
    const dot = path.indexOf('.');
    const key = dot < 0 ? path : path.slice(0, dot);
    const rest = dot < 0 ? '' : path.slice(dot + 1);
    const group = children.get(key);
    if (group === undefined) children.set(key, [[rest, leaf]]);
    else group.push([rest, leaf]);
  }
  const keys = [...children.keys()];
  if (keys.length > 0 && keys.every((key) => /^\d+$/.test(key))) {
    const list: unknown[] = [];
    for (const [key, group] of children) list[Number(key)] = treeUnflatten(group);
    return Array.from(list, (value) => (value === undefined ? {} : value));
  }
  const object: Record<string, unknown> = {};
  for (const [key, group] of children) {
    Object.defineProperty(object, key, {
      value: treeUnflatten(group),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

/**
 * Combines the leaves of a tree one after another, beginning with initializer or the first leaf.
 *
 * @example
 * ```ts
 * console.log(mx.treeReduce((sum, leaf) => sum + leaf, { a: [1, 2], b: 3 }, 0)); // => 6
 * ```
 */
export function treeReduce<R = unknown>(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- leaves are of the caller's types
  fn: (accumulated: any, leaf: any) => unknown,
  tree: unknown,
  initializer: R | null = null,
  isLeaf: IsLeaf = null,
): R {
  let result: unknown = initializer;
  let isEmpty = initializer === null;
  for (const [, leaf] of treeFlatten(tree, '', isLeaf)) {
    result = isEmpty ? leaf : fn(result, leaf);
    isEmpty = false;
  }
  return result as R;
}

/**
 * One tree with the leaves of two; where both have one, mergeFn combines them. Throws TypeError
 * when both have one and there is no mergeFn.
 *
 * @example
 * ```ts
 * console.log(mx.treeMerge({ a: 1 }, { b: 2 })); // => { a: 1, b: 2 }
 * ```
 */
export function treeMerge<R = unknown>(
  treeA: unknown,
  treeB: unknown,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- leaves are of the caller's types
  mergeFn: ((a: any, b: any) => unknown) | null = null,
): R {
  return mergeNodes(treeA, treeB, mergeFn, '') as R;
}

function isEmptyNode(node: unknown): boolean {
  if (node === undefined || node === null) return true;
  const container = containerOf(node);
  return container !== undefined && Object.keys(container).length === 0;
}

function mergeNodes(
  a: unknown,
  b: unknown,
  mergeFn: ((a: unknown, b: unknown) => unknown) | null,
  path: string,
): unknown {
  if (isEmptyNode(a)) return b;
  if (isEmptyNode(b)) return a;
  const left = containerOf(a);
  const right = containerOf(b);
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  if (Array.isArray(left) && Array.isArray(right)) {
    const length = Math.max(left.length, right.length);
    return Array.from({ length }, (_, i) =>
      mergeNodes(left[i], right[i], mergeFn, below(String(i))),
    );
  }
  if (left !== undefined && right !== undefined && !Array.isArray(left) && !Array.isArray(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return Object.fromEntries(
      [...keys].map((key) => [
        key,
        mergeNodes(childOf(left, key), childOf(right, key), mergeFn, below(key)),
      ]),
    );
  }
  if (mergeFn === null || left !== undefined || right !== undefined)
    throw new TypeError(`[treeMerge] Both trees have a value at '${path}'.`);
  return mergeFn(a, b);
}
