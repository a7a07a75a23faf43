import { isPlainObject } from '../arguments/kinds';
import { checkDepth, copyList } from '../arguments/lists';
import { isScalar } from '../arguments/operands';
import { isArray, type MLXArray } from '../array/array';
import { isComplex } from '../array/complex';
import { refuseCollection, treeSymbol } from '../trees/tree';

/**
 * The method by which an object that is a snapshot, or keeps its arrays to itself, shows the
 * container whose members compile may read and replace.
 */
export const stateSymbol: unique symbol = Symbol.for('mlx.state') as never;

/** A container whose members can be read and replaced: a list, plain object or module. */
export type Holder = Record<string, unknown>;

/** A member of a live tree that is an array. */
export interface Place {
  readonly holder: Holder;
  readonly key: string;
  readonly path: readonly string[];
  /** What stood there; a place may make another object each time it is looked at. */
  readonly array: MLXArray;
  /** Its number among the arrays of the tree. */
  readonly number: number;
}

/** The container itself behind what stands for it; undefined for leaves. */
export function liveHolder(value: unknown, level = 0): Holder | undefined {
  checkDepth(level, 'compile');
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
    return undefined;
  const show = (value as { [stateSymbol]?: () => unknown })[stateSymbol];
  if (typeof show === 'function') return liveHolder(show.call(value), level + 1);
  const isContainer = Array.isArray(value) || treeSymbol in value || isPlainObject(value);
  return isContainer ? (value as Holder) : undefined;
}

// What has no text of its own is told apart by a number.
const identities = new WeakMap<object, number>();
let lastIdentity = 0;

function identityOf(value: object): number {
  let identity = identities.get(value);
  if (identity === undefined) identities.set(value, (identity = ++lastIdentity));
  return identity;
}

function constantText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'symbol': {
      // No weak map takes a symbol that `Symbol.for` gives; others are keys as objects are.
      const key = Symbol.keyFor(value);
      return key === undefined
        ? `#${identityOf(value as unknown as object)}`
        : `symbol${JSON.stringify(key)}`;
    }
    case 'function':
      return `#${identityOf(value)}`;
    case 'object':
      if (value === null) return 'null';
      if (isComplex(value)) return `c${constantText(value.re)},${constantText(value.im)}`;
      return `#${identityOf(value)}`;
    default:
      return String(value);
  }
}

/**
 * The arrays of trees, where they stand, and a text that tells apart trees of different structure
 * or with different constants.
 */
export class LiveTree {
  readonly places: Place[] = [];
  /** Each array once, however often it stands in the tree. */
  readonly arrays: MLXArray[] = [];
  readonly #numbers = new Map<MLXArray, number>();
  /** The containers in the order in which they were met. */
  readonly #seen = new Map<Holder, number>();
  #text = '';

  get signature(): string {
    return this.#text;
  }

  /** Adds a tree whose containers stay as they are. */
  addState(tree: unknown): void {
    this.#visit(tree, []);
  }

  /** Adds arguments; returns a copy of them whose lists and plain objects are new. */
  addArguments(args: readonly unknown[]): unknown[] {
    const copies = new Map<object, unknown>();
    const copy = args.map((arg) => copyContainers(arg, copies));
    this.#visit(copy, []);
    return copy;
  }

  #visit(value: unknown, path: readonly string[], owner?: Holder): void {
    const holder = liveHolder(value);
    if (holder === undefined) {
      // A module may keep what it likes in a Map, which is no part of its tree.
      if (owner === undefined || !(treeSymbol in owner)) refuseCollection(value, 'compile');
      this.#text += constantText(value);
      return;
    }
    const seen = this.#seen.get(holder);
    if (seen !== undefined) {
      this.#text += `@${seen}`;
      return;
    }
    checkDepth(path.length, 'compile');
    this.#seen.set(holder, this.#seen.size);
    const isList = Array.isArray(holder);
    this.#text += isList ? '[' : '{';
    if (!isList && 'training' in holder) this.#text += `${String(holder.training)};`;
    for (const key of Object.keys(holder)) {
      if (!isList) this.#text += `${key.length}${key}:`;
      const member = holder[key];
      if (isArray(member)) this.#addPlace(holder, key, [...path, key], member);
      else this.#visit(member, [...path, key], holder);
      this.#text += ',';
    }
    this.#text += isList ? ']' : '}';
  }

  #addPlace(holder: Holder, key: string, path: readonly string[], array: MLXArray): void {
    let number = this.#numbers.get(array);
    if (number === undefined) {
      number = this.arrays.length;
      this.#numbers.set(array, number);
      this.arrays.push(array);
    }
    this.places.push({ holder, key, path, array, number });
    this.#text += `a${number}`;
  }
}

/** A container that stands in several places has one copy, or lists of lists would never end. */
function copyContainers(value: unknown, copies: Map<object, unknown>, level = 0): unknown {
  checkDepth(level, 'compile');
  if (isArray(value) || isScalar(value)) return value;
  if (ArrayBuffer.isView(value))
    throw new TypeError(
      '[compile] An argument is a TypedArray, whose contents may change from call to call. ' +
        'Pass mx.array of it.',
    );
  if (typeof value !== 'object' || value === null || stateSymbol in value) return value;
  const isList = Array.isArray(value);
  if (!isList && (!isPlainObject(value) || treeSymbol in value)) return value;
  let copy = copies.get(value);
  if (copy !== undefined) return copy;
  copy = isList
    ? copyList(value as unknown[], 'compile').map((one) => copyContainers(one, copies, level + 1))
    : Object.fromEntries(
        Object.entries(value).map(([key, one]) => [key, copyContainers(one, copies, level + 1)]),
      );
  copies.set(value, copy);
  return copy;
}
