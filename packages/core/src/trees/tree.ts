import { checkCount } from '../arguments/count';
import {
  bounded,
  callback,
  describe,
  isPlainObject,
  listOf,
  nullable,
  readKind,
  string,
  type Kind,
} from '../arguments/kinds';
import { Walk, checkDepth, copyList, lengthOf, mostNodes } from '../arguments/lists';
import type { Stated } from '../arguments/types';
import { within } from '../errors/errors';
import type { IfStated, LeafArgument, LeavesOf, MappedTree, MergedTree } from './tree-types';

/**
 * A nested structure of lists and plain objects. Objects that answer `[Symbol.for('mlx.tree')]()`
 * with a tree, such as modules, count as that tree.
 */
export type Tree<T = unknown> = T | readonly Tree<T>[] | { readonly [key: string]: Tree<T> };

/** The method by which an object shows the tree it stands for. */
export const treeSymbol: unique symbol = Symbol.for('mlx.tree') as never;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- leaves are of the caller's types
type AnyLeaf = any;

type LeafTest = (node: unknown) => boolean;
type IsLeaf = LeafTest | null;
type Container = readonly unknown[] | Readonly<Record<string, unknown>>;

const anything: Kind<unknown> = { text: 'a tree', fits: () => true };
/** The most trees beside one: their leaves are arguments of one call. */
const mostTrees = 2 ** 10;
const trees = bounded(
  listOf(anything, 'a list of trees'),
  `a list of at most ${mostTrees} trees`,
  (list) => list.length <= mostTrees,
);
const leafFunction = callback<(...values: unknown[]) => unknown>();
const leafTest = nullable(callback<(node: unknown) => boolean>());
const text = nullable(string);
const holder: Kind<object | null> = {
  text: 'a list, an object or null',
  fits: (value) => typeof value === 'object',
};
/** A leaf and its path. */
type Entry = readonly [path: string, leaf: unknown];

const entries: Kind<Entry[]> = {
  text: 'a list of pairs of a path and a leaf, or an object of leaves by path',
  fits: (value) => Array.isArray(value) || isPlainObject(value),
  read: (value, name, parameter) =>
    isPlainObject(value)
      ? Object.entries(value)
      : copyList(value as unknown[], name, mostNodes).map((pair, i) => {
          const [path, leaf] = Array.isArray(pair) ? [pair[0] as unknown, pair[1] as unknown] : [];
          if (typeof path === 'string') return [path, leaf];
          throw new TypeError(
            `[${name}] ${parameter} must be ${entries.text}, but ${parameter}[${i}] is ` +
              `${describe(pair)}.`,
          );
        }),
};

/** The container that a value is or stands for; undefined for leaves. */
function containerOf(value: unknown, name: string): Container | undefined {
  let node = value;
  for (let depth = 0; ; depth++) {
    if (Array.isArray(node)) return node as readonly unknown[];
    if ((typeof node !== 'object' && typeof node !== 'function') || node === null) return undefined;
    const show = (node as { [treeSymbol]?: () => unknown })[treeSymbol];
    if (typeof show !== 'function') {
      if (isPlainObject(node)) return node;
      refuseCollection(node, name);
      return undefined;
    }
    checkDepth(depth, name);
    node = within(name, () => show.call(node));
  }
}

/** Throws for a Map or Set, whose members would be passed over. */
export function refuseCollection(value: unknown, name: string): void {
  if (value instanceof Map || value instanceof Set)
    throw new TypeError(
      `[${name}] A tree is made of lists and plain objects, but holds ${describe(value)}; ` +
        `use ${value instanceof Map ? 'Object.fromEntries(map)' : '[...set]'}.`,
    );
}

/** The keys of a container's children. */
function keysOf(container: Container, name: string): string[] {
  if (!Array.isArray(container)) return Object.keys(container);
  const keys: string[] = [];
  const length = lengthOf(container, name, mostNodes);
  for (let i = 0; i < length; i++) keys.push(String(i));
  return keys;
}

function childOf(container: Container, key: string): unknown {
  return (container as Readonly<Record<string, unknown>>)[key];
}

/** Stands where a tree beside another one has no such key. */
const nothing = Symbol('nothing');

function hasChild(container: Container, key: string): boolean {
  return Array.isArray(container) ? Number(key) < container.length : Object.hasOwn(container, key);
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

type PathFunction = (path: string, leaf: unknown, ...rest: unknown[]) => unknown;

/** A walk over the leaves of trees of one structure. */
class LeafWalk extends Walk {
  constructor(
    name: string,
    readonly fn: PathFunction,
    readonly isLeaf: IsLeaf,
  ) {
    super(name);
  }
}

function mapNode(
  walk: LeafWalk,
  node: unknown,
  rest: readonly unknown[],
  path: string,
  level = 0,
): unknown {
  const { name } = walk;
  walk.visit(level);
  const container = walk.isLeaf?.(node) ? undefined : containerOf(node, name);
  if (container === undefined) {
    const lacking = rest.indexOf(nothing);
    if (lacking < 0) return walk.fn(path, node, ...rest);
    throw new TypeError(
      `[${name}] rest[${lacking}] has nothing at '${path}', where tree has a leaf.`,
    );
  }
  const others = rest.map((other) => containerOf(other, name));
  const child = (key: string): unknown =>
    mapNode(
      walk,
      childOf(container, key),
      others.map((other) => (other && hasChild(other, key) ? childOf(other, key) : nothing)),
      joined(path, key),
      level + 1,
    );
  const keys = keysOf(container, name);
  if (Array.isArray(container)) return keys.map(child);
  return Object.fromEntries(keys.map((key) => [key, child(key)]));
}

/** Reads the arguments of treeMap and treeMapWithPath and walks. */
function mapTree(
  name: string,
  fn: PathFunction,
  tree: unknown,
  rest: readonly unknown[],
  isLeaf: IsLeaf,
  path: string,
): unknown {
  const walk = new LeafWalk(name, fn, readKind(leafTest, isLeaf, name, 'isLeaf'));
  return mapNode(walk, tree, readKind(trees, rest, name, 'rest'), path);
}

/** The leaves of a tree with their paths, for the function `name`. */
export function leavesOf(tree: unknown, name: string, isLeaf: IsLeaf = null): [string, unknown][] {
  const leaves: [string, unknown][] = [];
  const fn = (path: string, leaf: unknown): void => void leaves.push([path, leaf]);
  mapNode(new LeafWalk(name, fn, isLeaf), tree, [], '');
  return leaves;
}

/**
 * A tree of the same structure with fn of each leaf. fn also gets what stands at the leaf's place
 * in the trees of rest; throws TypeError where one of them has nothing there. Where isLeaf says
 * so, a container is a leaf.
 *
 * @param fn - gets the leaf and what stands at its place in rest.
 * @param tree - lists, plain objects and modules, in each other.
 * @param rest - trees of at least the same structure; default: none.
 * @param isLeaf - where it is true, a container is a leaf; default: nowhere.
 *
 * @example
 * ```ts
 * console.log(mx.treeMap((a, b) => a + b, { x: [1, 2] }, [{ x: [10, 20] }])); // => { x: [ 11, 22 ] }
 * ```
 */
export function treeMap<T, R>(
  fn: (leaf: LeafArgument<T>, ...rest: AnyLeaf[]) => R,
  tree: T,
  rest?: readonly unknown[],
  isLeaf?: null,
): MappedTree<T, R>;
export function treeMap(
  fn: (leaf: AnyLeaf, ...rest: AnyLeaf[]) => unknown,
  tree: unknown,
  rest: readonly unknown[] | undefined,
  isLeaf: LeafTest,
): unknown;
export function treeMap<R = never>(
  fn: IfStated<R, (leaf: AnyLeaf, ...rest: AnyLeaf[]) => unknown>,
  tree: unknown,
  rest?: readonly unknown[],
  isLeaf?: IsLeaf,
): Stated<R>;
export function treeMap(
  fn: (leaf: AnyLeaf, ...rest: AnyLeaf[]) => unknown,
  tree: unknown,
  rest: readonly unknown[] = [],
  isLeaf: IsLeaf = null,
): unknown {
  checkCount(arguments.length, 4, 'treeMap');
  const name = 'treeMap';
  readKind(leafFunction, fn, name, 'fn');
  return mapTree(name, (_, leaf, ...others) => fn(leaf, ...others), tree, rest, isLeaf, '');
}

/**
 * Like treeMap; fn gets the leaf's path first, the keys joined by dots and after `path` if given.
 *
 * @param fn - gets the path, the leaf and what stands at its place in rest.
 * @param tree - lists, plain objects and modules, in each other.
 * @param rest - trees of at least the same structure; default: none.
 * @param isLeaf - where it is true, a container is a leaf; default: nowhere.
 * @param path - what paths begin with; default: nothing.
 *
 * @example
 * ```ts
 * console.log(mx.treeMapWithPath((path, leaf) => path + leaf, { x: [1, 2] })); // => { x: [ 'x.01', 'x.12' ] }
 * ```
 */
export function treeMapWithPath<T, R>(
  fn: (path: string, leaf: LeafArgument<T>, ...rest: AnyLeaf[]) => R,
  tree: T,
  rest?: readonly unknown[],
  isLeaf?: null,
  path?: string | null,
): MappedTree<T, R>;
export function treeMapWithPath(
  fn: (path: string, leaf: AnyLeaf, ...rest: AnyLeaf[]) => unknown,
  tree: unknown,
  rest: readonly unknown[] | undefined,
  isLeaf: LeafTest,
  path?: string | null,
): unknown;
export function treeMapWithPath<R = never>(
  fn: IfStated<R, (path: string, leaf: AnyLeaf, ...rest: AnyLeaf[]) => unknown>,
  tree: unknown,
  rest?: readonly unknown[],
  isLeaf?: IsLeaf,
  path?: string | null,
): Stated<R>;
export function treeMapWithPath(
  fn: (path: string, leaf: AnyLeaf, ...rest: AnyLeaf[]) => unknown,
  tree: unknown,
  rest: readonly unknown[] = [],
  isLeaf: IsLeaf = null,
  path: string | null = null,
): unknown {
  checkCount(arguments.length, 5, 'treeMapWithPath');
  const name = 'treeMapWithPath';
  readKind(leafFunction, fn, name, 'fn');
  return mapTree(name, fn, tree, rest, isLeaf, readKind(text, path, name, 'path') ?? '');
}

/**
 * The leaves of a tree with their paths, the keys joined by dots; empty containers are dropped.
 * prefix is put before each path. With a destination, a list or an object, the leaves go there.
 *
 * @param tree - lists, plain objects and modules, in each other.
 * @param prefix - what is put before each path; default: nothing.
 * @param isLeaf - where it is true, a container is a leaf; default: nowhere.
 * @param destination - a list or an object that gets the leaves; default: a new list.
 *
 * @example
 * ```ts
 * console.log(mx.treeFlatten({ a: [1, 2], b: {} })); // => [ [ 'a.0', 1 ], [ 'a.1', 2 ] ]
 * ```
 */
export function treeFlatten<T>(tree: T, prefix?: string, isLeaf?: null): [string, LeavesOf<T>][];
export function treeFlatten<L = unknown>(
  tree: unknown,
  prefix?: string,
  isLeaf?: IsLeaf,
  destination?: [string, L][] | null,
): [string, L][];
export function treeFlatten<L = unknown>(
  tree: unknown,
  prefix: string | undefined,
  isLeaf: IsLeaf | undefined,
  destination: Record<string, L>,
): Record<string, L>;
export function treeFlatten(
  tree: unknown,
  prefix = '',
  isLeaf: IsLeaf = null,
  destination: [string, unknown][] | Record<string, unknown> | null = null,
): [string, unknown][] | Record<string, unknown> {
  checkCount(arguments.length, 4, 'treeFlatten');
  const name = 'treeFlatten';
  readKind(string, prefix, name, 'prefix');
  readKind(leafTest, isLeaf, name, 'isLeaf');
  readKind(holder, destination, name, 'destination');
  const leaves = leavesOf(tree, name, isLeaf).map(([path, leaf]): Entry => [prefix + path, leaf]);
  if (destination === null) return leaves as [string, unknown][];
  const isList = Array.isArray(destination);
  for (const entry of leaves) {
    const [key, value] = isList ? [String(destination.length), entry] : entry;
    if (!setMember(destination, key, value))
      throw new TypeError(
        `[${name}] destination takes no further members: it is frozen or sealed.`,
      );
  }
  return destination;
}

/** Sets a member of its own: `__proto__` is a name like others. Returns whether it could. */
function setMember(holder: object, key: string, value: unknown): boolean {
  return Reflect.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/**
 * The tree of leaves with paths, as treeFlatten gives them; a container whose keys are whole
 * numbers becomes a list, with empty objects in the gaps. Throws RangeError for numbers so large
 * that a list would be nothing but gaps.
 *
 * @param tree - pairs of path and leaf, or an object of leaves by path.
 *
 * @example
 * ```ts
 * console.log(mx.treeUnflatten([['a.0', 1], ['a.1', 2]])); // => { a: [ 1, 2 ] }
 * ```
 */
export function treeUnflatten(
  tree: readonly (readonly [string, unknown])[] | Readonly<Record<string, unknown>>,
): unknown {
  checkCount(arguments.length, 1, 'treeUnflatten');
  const leaves = readKind(entries, tree, 'treeUnflatten', 'tree');
  return unflatten(leaves, { left: mostGaps }, '', 0);
}

/** Names come from files, so that few of them must not make many empty objects. */
const mostGaps = 2 ** 20;

/** The tree below a path, of leaves whose paths go on from there. */
function unflatten(
  leaves: readonly Entry[],
  gaps: { left: number },
  above: string,
  level: number,
): unknown {
  checkDepth(level, 'treeUnflatten');
  if (leaves.length === 1 && leaves[0]![0] === '') return leaves[0]![1];
  if (leaves.filter(([path]) => path === '').length > 1)
    throw new TypeError(`[treeUnflatten] Two leaves have the path '${above}'.`);
  const children = new Map<string, Entry[]>();
  for (const [path, leaf] of leaves) {
    const dot = path.indexOf('.');
    const key = dot < 0 ? path : path.slice(0, dot);
    const rest = dot < 0 ? '' : path.slice(dot + 1);
    const group = children.get(key);
    if (group === undefined) children.set(key, [[rest, leaf]]);
    else group.push([rest, leaf]);
  }
  const keys = [...children.keys()];
  const child = (key: string): unknown => {
    const group = children.get(key);
    return group === undefined ? {} : unflatten(group, gaps, joined(above, key), level + 1);
  };
  if (keys.length > 0 && keys.every((key) => /^(0|[1-9]\d*)$/.test(key))) {
    const last = keys.reduce((most, key) => (Number(key) > Number(most) ? key : most));
    const length = 1 + Number(last);
    gaps.left -= length - keys.length;
    if (gaps.left < 0)
      throw new RangeError(
        `[treeUnflatten] The index ${last} is far beyond the ${keys.length} elements that the ` +
          'list has.',
      );
    return Array.from({ length }, (_, i) => child(String(i)));
  }
  const object: Record<string, unknown> = {};
  for (const key of keys) setMember(object, key, child(key));
  return object;
}

/**
 * Combines the leaves of a tree one after another, beginning with initializer or the first leaf.
 *
 * @param fn - gets the value so far and the next leaf, and returns the new value.
 * @param tree - lists, plain objects and modules, in each other.
 * @param initializer - the first value; default: the first leaf.
 * @param isLeaf - where it is true, a container is a leaf; default: nowhere.
 *
 * @example
 * ```ts
 * console.log(mx.treeReduce((sum, leaf) => sum + leaf, { a: [1, 2], b: 3 }, 0)); // => 6
 * ```
 */
export function treeReduce<T, R>(
  fn: (accumulated: R, leaf: LeafArgument<T>) => R,
  tree: T,
  initializer: R,
  isLeaf?: null,
): R;
export function treeReduce<T>(
  fn: (accumulated: LeafArgument<T>, leaf: LeafArgument<T>) => LeafArgument<T>,
  tree: T,
): LeavesOf<T>;
export function treeReduce<R = never>(
  fn: IfStated<R, (accumulated: AnyLeaf, leaf: AnyLeaf) => unknown>,
  tree: unknown,
  initializer?: Stated<R> | null,
  isLeaf?: IsLeaf,
): Stated<R>;
export function treeReduce(
  fn: (accumulated: AnyLeaf, leaf: AnyLeaf) => unknown,
  tree: unknown,
  initializer: unknown = null,
  isLeaf: IsLeaf = null,
): unknown {
  checkCount(arguments.length, 4, 'treeReduce');
  const name = 'treeReduce';
  readKind(leafFunction, fn, name, 'fn');
  readKind(leafTest, isLeaf, name, 'isLeaf');
  let result: unknown = initializer;
  let isEmpty = initializer === null;
  for (const [, leaf] of leavesOf(tree, name, isLeaf)) {
    result = isEmpty ? leaf : fn(result, leaf);
    isEmpty = false;
  }
  return result;
}

/**
 * One tree with the leaves of two; where both have one, mergeFn combines them. Throws TypeError
 * when both have one and there is no mergeFn.
 *
 * @param treeA - the first tree.
 * @param treeB - the second tree.
 * @param mergeFn - gets both leaves where both trees have one; default: that is an error.
 *
 * @example
 * ```ts
 * console.log(mx.treeMerge({ a: 1 }, { b: 2 })); // => { a: 1, b: 2 }
 * ```
 */
export function treeMerge<A, B, R = never>(
  treeA: A,
  treeB: B,
  mergeFn: ((a: AnyLeaf, b: AnyLeaf) => R) | null = null,
): MergedTree<A, B, R> {
  checkCount(arguments.length, 3, 'treeMerge');
  readKind(nullable(leafFunction), mergeFn, mergeName, 'mergeFn');
  return mergeNodes(treeA, treeB, new Merge(mergeFn), '', 0) as MergedTree<A, B, R>;
}

const mergeName = 'treeMerge';

function isEmptyNode(node: unknown): boolean {
  if (node === undefined || node === null) return true;
  const container = containerOf(node, mergeName);
  return container !== undefined && keysOf(container, mergeName).length === 0;
}

class Merge extends Walk {
  constructor(readonly mergeFn: ((a: unknown, b: unknown) => unknown) | null) {
    super(mergeName);
  }
}

function mergeNodes(a: unknown, b: unknown, merge: Merge, path: string, level: number): unknown {
  merge.visit(level);
  if (isEmptyNode(a)) return b;
  if (isEmptyNode(b)) return a;
  const left = containerOf(a, mergeName);
  const right = containerOf(b, mergeName);
  if (left !== undefined && right !== undefined && Array.isArray(left) === Array.isArray(right)) {
    const keys = [...new Set([...keysOf(left, mergeName), ...keysOf(right, mergeName)])];
    const member = (container: Container, key: string): unknown =>
      hasChild(container, key) ? childOf(container, key) : undefined;
    const child = (key: string): unknown =>
      mergeNodes(member(left, key), member(right, key), merge, joined(path, key), level + 1);
    if (Array.isArray(left)) return keys.map(child);
    return Object.fromEntries(keys.map((key) => [key, child(key)]));
  }
  if (merge.mergeFn === null || left !== undefined || right !== undefined)
    throw new TypeError(`[${mergeName}] Both trees have a value at '${path}'.`);
  return merge.mergeFn(a, b);
}
