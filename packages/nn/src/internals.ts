import * as mx from '@mlx/core';

/** What @mlx/core lets its sister packages do beyond its public functions. */
interface Internals {
  /** Another array object with the same values, which later moves into the first don't reach. */
  share(a: mx.array): mx.array;
}

export const internals = (mx.array as unknown as Record<symbol, Internals>)[
  Symbol.for('mlx.internals')
]!;
