import type { Scalar } from '../arguments/types';
import type { MLXArray } from '../array/array';
import type { treeSymbol } from '../trees/tree';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any function can be differentiated
export type AnyFunction = (...args: any[]) => unknown;

/** The numbers of the arguments to differentiate. */
export type Argnums = number | readonly number[] | null;
/** The members of the last argument to differentiate. */
export type Argnames = string | readonly string[];

/** The gradient of an argument: a tree like it, and an array for a number or what is of any type. */
type GradientOf<A> = 0 extends A & 1
  ? MLXArray
  : A extends undefined
    ? never
    : A extends Scalar
      ? MLXArray
      : A extends { [treeSymbol](): infer Tree }
        ? Tree
        : A;

/** The type of an argument by its number; from the end, or unknown, it may be any of them. */
type ArgumentAt<P extends unknown[], N> = `${N & number}` extends keyof P
  ? P[`${N & number}`]
  : P[number];

/** What the gradients of a function's arguments are, by the kind of argnums. */
export type Gradients<F extends AnyFunction, N> = N extends readonly number[]
  ? { -readonly [I in keyof N]: GradientOf<ArgumentAt<Parameters<F>, N[I]>> }
  : GradientOf<ArgumentAt<Parameters<F>, N extends number ? N : 0>>;

type Last<P extends unknown[]> = P extends [...unknown[], infer L] ? L : P[number];
type NamesIn<K> = K extends readonly string[] ? K[number] : K;

type GradientsByName<F extends AnyFunction, K> = {
  [Name in NamesIn<K> & string]: GradientOf<
    Last<Parameters<F>> extends { readonly [N in Name]?: infer Member } ? Member : unknown
  >;
};

/** The gradients where argnames chooses members of the last argument. */
export type NamedGradients<F extends AnyFunction, N, K> = K extends null
  ? Gradients<F, N>
  : N extends number | readonly number[]
    ? [Gradients<F, N>, GradientsByName<F, K>]
    : GradientsByName<F, K>;

/** What the function returned; the loss is an array, also if it was a number. */
export type Value<F extends AnyFunction> = 0 extends ReturnType<F> & 1
  ? ReturnType<F>
  : ReturnType<F> extends Scalar
    ? MLXArray
    : ReturnType<F> extends [Scalar, ...infer Rest]
      ? [MLXArray, ...Rest]
      : ReturnType<F>;
