import type * as mx from '@mlx/core';
import type { Module } from './module';

/** A tree of arrays: what `parameters()` of any module returns and `update()` takes. */
export type ParameterTree = { [key: string]: ParameterTree | ParameterTree[] | mx.array };

type AnyFunction = (...args: never[]) => unknown;

/** Objects that a module may keep and that hold no parameters. */
type Setting =
  | mx.Dtype
  | mx.Device
  | mx.Stream
  | mx.TypedArray
  | ArrayBuffer
  | Date
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>;

/** What modules are known by here: comparing whole modules would ask for their parameters again. */
interface Showing {
  [mx.treeSymbol](): unknown;
}

/** Whether a member may hold parameters. A function in a list may be a module. */
type MayHold<V, InList = false> = V extends mx.array | Showing
  ? true
  : V extends AnyFunction
    ? InList
    : V extends readonly (infer Element)[]
      ? MayHold<Element, true>
      : V extends Setting
        ? false
        : V extends object
          ? true
          : false;

/** The parameters that a member holds. */
type ParametersIn<V> = V extends mx.array
  ? mx.array
  : V extends Showing
    ? ParametersOf<V>
    : V extends AnyFunction
      ? ParameterTree
      : V extends readonly unknown[]
        ? { -readonly [I in keyof V]: ParametersIn<V[I]> }
        : V extends object
          ? ParametersOfMembers<V, never>
          : never;

/** The key of a member that may hold parameters: neither private nor one of those left out. */
type ParameterKey<K, V, LeftOut> = K extends string
  ? K extends `_${string}` | LeftOut
    ? never
    : true extends MayHold<V>
      ? K
      : never
  : never;

type ParametersOfMembers<T, LeftOut> = {
  -readonly [K in keyof T as ParameterKey<K, T[K], LeftOut>]: ParametersIn<T[K]>;
};

/** The tree of a module's parameters; of a module without known members, any tree of arrays. */
export type ParametersOf<M> = [keyof M] extends [keyof Module]
  ? ParameterTree
  : ParametersOfMembers<M, keyof Module>;
