import * as mx from '@mlx/core';

/** What @mlx/core lets its sister packages do beyond its public functions. */
interface Internals {
  /** Another array object with the same values, which later moves into the first don't reach. */
  share(a: mx.array): mx.array;
  /**
   * The largest element along an axis, which stays with size 1, and log(sum(exp(a - it))), in
   * float32 for half types. Derivatives are right for their sum alone.
   */
  logsumexpParts(a: mx.array, axis: number): readonly [mx.array, mx.array];
}

export const internals = (mx.array as unknown as Record<symbol, Internals>)[
  Symbol.for('mlx.internals')
]!;
