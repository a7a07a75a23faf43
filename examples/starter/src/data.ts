import * as mx from '@mlx/core';

/** Points `[count, 2]` and their classes `[count]`. */
export type Points = [points: mx.array, classes: mx.array];

/** Points near two spirals that wind around each other; the seed alone decides them. */
export function spirals(count: number, seed: number): Points {
  const keys = mx.random.split(mx.random.key(seed), 3);
  const radius = mx.sqrt(mx.random.uniform({ shape: [count], key: keys.index(0) }));
  const classes = mx.random.randint(0, 2, { shape: [count], key: keys.index(1) });
  const angle = radius.multiply(3 * Math.PI).add(classes.multiply(Math.PI));
  const points = mx.stack([mx.cos(angle), mx.sin(angle)], -1).multiply(radius.reshape(-1, 1));
  const blur = mx.random.normal({ shape: [count, 2], scale: 0.02, key: keys.index(2) });
  return [points.add(blur), classes];
}
