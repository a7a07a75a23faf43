import * as mx from '@mlx/core';

/** What @mlx/core lets its sister packages do beyond its public functions. */
interface Internals {
  /** Another array object with the same values, which later moves into the first don't reach. */
  share(a: mx.array): mx.array;
  /** Says that an update made this object, so that later updates may move into it. */
  own(a: mx.array): void;
  /** Moves the source's values into an owned object and releases the source; false if not owned. */
  move(target: mx.array, source: mx.array): boolean;
  /** Whether a function is being traced, so that arrays may have no values yet. */
  isTracing(): boolean;
}

export const internals = (mx.array as unknown as Record<symbol, Internals>)[
  Symbol.for('mlx.internals')
]!;
