import * as mx from '@mlx/core';

/** What @mlx/core lets its sister packages do beyond its public functions. */
interface Internals {
  /** Another array object with the same values, which later moves into the first don't reach. */
  share(a: mx.array): mx.array;
  /** Says that an update made this object, so that later updates may move into it. */
  own(a: mx.array): void;
  /** Moves the source's values into an owned object like it and releases the source, or returns false. */
  move(target: mx.array, source: mx.array): boolean;
  /** Whether two arrays have one shape and one dtype. */
  isAlike(a: mx.array, b: mx.array): boolean;
  /** Inside a function that vmap or compile traces, where arrays have no values. */
  isTraced(): boolean;
}

/** The method by which an object shows mx.compile the state that it keeps to itself. */
export const stateSymbol: unique symbol = Symbol.for('mlx.state') as never;

export const internals = (mx.array as unknown as Record<symbol, Internals>)[
  Symbol.for('mlx.internals')
]!;
