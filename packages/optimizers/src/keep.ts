import type * as mx from '@mlx/core';
import { internals } from './internals';

/**
 * The array object to go on with: the one that an earlier step made, with the new values, or the
 * new one. Objects that live from step to step would otherwise grow old and cost full collections.
 */
export function keep(own: mx.array | undefined, fresh: mx.array): mx.array {
  if (own !== undefined && internals.move(own, fresh)) return own;
  internals.own(fresh);
  return fresh;
}
