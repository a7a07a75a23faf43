import type { Scalar, TypedArray } from '../arguments/types';
import type { MLXArray } from '../array/array';
import type { Device, Stream } from '../devices/device';
import type { Dtype } from '../dtypes/dtype';
import type { treeSymbol } from './tree';

/** An object that shows the tree it stands for, as modules do. */
interface Showing<T> {
  [treeSymbol](): T;
}

/** What has no branches. */
type Leaf =
  | MLXArray
  | Scalar
  | string
  | symbol
  | null
  | undefined
  | Dtype
  | Device
  | Stream
  | TypedArray
  | ArrayBuffer
  | Date
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>;

type AnyFunction = (...args: never[]) => unknown;

/** A tree of the same structure with leaves of another type; what shows a tree becomes that tree. */
export type MappedTree<T, R, Lists extends unknown[] = []> = unknown extends T
  ? unknown
  : T extends Leaf
    ? R
    : T extends Showing<infer Shown>
      ? MappedTree<Shown, R>
      : T extends AnyFunction
        ? R
        : T extends readonly unknown[]
          ? Lists['length'] extends MostLists
            ? unknown[]
            : { -readonly [K in keyof T]: MappedTree<T[K], R, [...Lists, 0]> }
          : [keyof T] extends [never]
            ? MembersUnknown<T, T>
            : { -readonly [K in keyof T]: MappedTree<T[K], R> };

/** The compiler looks into objects when it needs to, but into lists at once. */
type MostLists = 8;

/** Trees may contain themselves as types, so that the search for leaves ends at some depth. */
type MostLevels = 12;

/** The type of a tree's leaves. */
export type LeavesOf<T, Levels extends unknown[] = []> = unknown extends T
  ? T
  : Levels['length'] extends MostLevels
    ? never
    : T extends Leaf
      ? T
      : T extends Showing<infer Shown>
        ? LeavesOf<Shown, [...Levels, 0]>
        : T extends AnyFunction
          ? T
          : T extends readonly (infer Element)[]
            ? LeavesOf<Element, [...Levels, 0]>
            : [keyof T] extends [never]
              ? MembersUnknown<T, never>
              : LeavesOf<Required<T>[keyof T], [...Levels, 0]>;

/** An object of which nothing is known may hold anything; an empty one is what it is. */
type MembersUnknown<T, Empty> = string extends T ? Empty : unknown;

/** The leaf that a function gets; of a tree of unknown type the function says what it takes. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- leaves are of the caller's types
export type LeafArgument<T> = unknown extends LeavesOf<T> ? any : LeavesOf<T>;

type Empty = null | undefined;

/** The tree with the leaves of two, and what merging gives where both have one. */
export type MergedTree<A, B, R> = unknown extends A
  ? unknown
  : unknown extends B
    ? unknown
    : A extends Empty
      ? B
      : B extends Empty
        ? A
        : A extends Leaf
          ? R
          : A extends readonly (infer Left)[]
            ? B extends readonly (infer Right)[]
              ? (Exclude<Left, Empty> | Exclude<Right, Empty>)[]
              : R
            : B extends Leaf | readonly unknown[]
              ? R
              : MergedMembers<A, B, R>;

type MergedMembers<A, B, R> = {
  [K in keyof A | keyof B]: K extends keyof A
    ? K extends keyof B
      ? MergedTree<A[K], B[K], R>
      : A[K]
    : K extends keyof B
      ? B[K]
      : never;
};

/** A parameter of the overload for callers who state the type of the result. */
export type IfStated<R, T> = [R] extends [never] ? never : T;
