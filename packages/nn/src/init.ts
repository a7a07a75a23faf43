import * as mx from '@mlx/core';

// Each function makes an initializer: it takes an array, of which only the shape counts, and returns
// new values in that shape.

/** Makes initial values in the shape of an array. */
export type Initializer = (a: mx.array) => mx.array;

/** An initializer whose spread may be multiplied by a gain (1). */
export type GainInitializer = (a: mx.array, gain?: number) => mx.array;

/** An initializer that keeps the variance of the outputs ('fan_in') or of the gradients. */
export type FanInitializer = (a: mx.array, mode?: 'fan_in' | 'fan_out', gain?: number) => mx.array;

interface Fans {
  in: number;
  out: number;
}

/** How many inputs an output of a weight `[out, ...kernel, in]` depends on, and the reverse. */
function fansOf(a: mx.array, name: string): Fans {
  if (a.ndim < 2)
    throw new mx.ShapeError(
      `[init.${name}] Expected at least 2 dimensions, but got shape (${a.shape.join()}).`,
    );
  const kernel = a.shape.slice(1, -1).reduce((product, n) => product * n, 1);
  return { in: a.shape.at(-1)! * kernel, out: a.shape[0]! * kernel };
}

function fanOf(a: mx.array, mode: string, name: string): number {
  const fans = fansOf(a, name);
  if (mode === 'fan_in') return fans.in;
  if (mode === 'fan_out') return fans.out;
  throw new TypeError(`[init.${name}] mode must be 'fan_in' or 'fan_out', but got '${mode}'.`);
}

function normalLike(a: mx.array, mean: number, std: number, dtype: mx.Dtype): mx.array {
  return mx.random.normal(a.shape, { dtype, loc: mean, scale: std });
}

function uniformLike(a: mx.array, low: number, high: number, dtype: mx.Dtype): mx.array {
  return mx.random.uniform(low, high, { shape: a.shape, dtype });
}

/**
 * The same value everywhere.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.constant(0.5)(mx.zeros([2])).tolist(); // => [0.5, 0.5]
 * ```
 */
export function constant(value: number, dtype: mx.Dtype = mx.float32): Initializer {
  return (a) => mx.full(a.shape, value, dtype);
}

/**
 * The normal distribution with the given mean and standard deviation.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.normal(0, 0.02)(mx.zeros([4, 3])).shape; // => [4, 3]
 * ```
 */
export function normal(mean = 0, std = 1, dtype: mx.Dtype = mx.float32): Initializer {
  return (a) => normalLike(a, mean, std, dtype);
}

/**
 * Evenly in [low, high).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.uniform(-0.1, 0.1)(mx.zeros([4, 3])).shape; // => [4, 3]
 * ```
 */
export function uniform(low = 0, high = 1, dtype: mx.Dtype = mx.float32): Initializer {
  return (a) => uniformLike(a, low, high, dtype);
}

/**
 * Ones on the diagonal of a square matrix, zeros elsewhere. Throws ShapeError for other shapes.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.identity()(mx.zeros([2, 2])).tolist(); // => [[1, 0], [0, 1]]
 * ```
 */
export function identity(dtype: mx.Dtype = mx.float32): Initializer {
  return (a) => {
    const [rows, columns] = a.shape;
    if (a.ndim !== 2 || rows !== columns)
      throw new mx.ShapeError(
        `[init.identity] Expected a square matrix, but got shape (${a.shape.join()}).`,
      );
    return mx.eye(rows!, null, 0, dtype);
  };
}

/**
 * Normal with standard deviation gain * sqrt(2 / (fanIn + fanOut)), for layers with symmetric
 * activations (Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward
 * neural networks"). Throws ShapeError for fewer than 2 dimensions.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.glorotNormal()(mx.zeros([4, 3]), 2).shape; // => [4, 3]
 * ```
 */
export function glorotNormal(dtype: mx.Dtype = mx.float32): GainInitializer {
  return (a, gain = 1) => {
    const fans = fansOf(a, 'glorotNormal');
    return normalLike(a, 0, gain * Math.sqrt(2 / (fans.in + fans.out)), dtype);
  };
}

/**
 * Evenly within ±gain * sqrt(6 / (fanIn + fanOut)), which has the variance of
 * {@link glorotNormal}. Throws ShapeError for fewer than 2 dimensions.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.glorotUniform()(mx.zeros([4, 3])).shape; // => [4, 3]
 * ```
 */
export function glorotUniform(dtype: mx.Dtype = mx.float32): GainInitializer {
  return (a, gain = 1) => {
    const fans = fansOf(a, 'glorotUniform');
    const limit = gain * Math.sqrt(6 / (fans.in + fans.out));
    return uniformLike(a, -limit, limit, dtype);
  };
}

/**
 * Normal with standard deviation gain / sqrt(fan), for layers with rectifiers (He et al. 2015,
 * "Delving deep into rectifiers"; their gain is sqrt(2)). Throws ShapeError for fewer than 2
 * dimensions and TypeError for an unknown mode.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.heNormal()(mx.zeros([4, 3]), 'fan_out', Math.SQRT2).shape; // => [4, 3]
 * ```
 */
export function heNormal(dtype: mx.Dtype = mx.float32): FanInitializer {
  return (a, mode = 'fan_in', gain = 1) =>
    normalLike(a, 0, gain / Math.sqrt(fanOf(a, mode, 'heNormal')), dtype);
}

/**
 * Evenly within ±gain * sqrt(3 / fan), which has the variance of {@link heNormal}. Throws
 * ShapeError for fewer than 2 dimensions and TypeError for an unknown mode.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.heUniform()(mx.zeros([4, 3])).shape; // => [4, 3]
 * ```
 */
export function heUniform(dtype: mx.Dtype = mx.float32): FanInitializer {
  return (a, mode = 'fan_in', gain = 1) => {
    const limit = gain * Math.sqrt(3 / fanOf(a, mode, 'heUniform'));
    return uniformLike(a, -limit, limit, dtype);
  };
}

/**
 * Normal, with the given share of each row's elements, rounded up, set to zero. Throws ShapeError
 * unless there are 2 dimensions, and RangeError for a share outside of [0, 1].
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * const a = init.sparse(0.5)(mx.zeros([3, 8]));
 * mx.equal(a, 0).sum(1).tolist(); // => [4, 4, 4]
 * ```
 */
export function sparse(
  sparsity: number,
  mean = 0,
  std = 1,
  dtype: mx.Dtype = mx.float32,
): Initializer {
  if (!(sparsity >= 0 && sparsity <= 1))
    throw new RangeError(`[init.sparse] sparsity must be in [0, 1], but got ${sparsity}.`);
  return (a) => {
    if (a.ndim !== 2)
      throw new mx.ShapeError(
        `[init.sparse] Expected 2 dimensions, but got shape (${a.shape.join()}).`,
      );
    const [rows, columns] = a.shape as [number, number];
    const zeros = Math.ceil(sparsity * columns);
    const order = mx.argsort(mx.random.uniform(0, 1, a.shape), 1);
    const values = normalLike(a, mean, std, dtype);
    const [places] = mx.split(order, [zeros], 1);
    return mx.putAlongAxis(values, places!, mx.zeros([rows, zeros], dtype), 1);
  };
}
