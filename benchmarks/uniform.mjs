import * as mx from '@mlx/core';

/** Numbers from -1 to 1, computed. */
export function uniform(...shape) {
  const a = mx.random.uniform(-1, 1, shape);
  mx.eval(a);
  return a;
}
