import * as mx from '@mlx/core';

/** Makes an array of another's shape; a weight's values to begin with. */
export type Initializer = (a: mx.array) => mx.array;

/** How many inputs an output of a weight `[out, ...kernel, in]` has, and the other way round. */
function fans(name: string, a: mx.array): { fanIn: number; fanOut: number } {
  const { shape } = a;
  if (shape.length < 2)
    throw new mx.ShapeError(
      `[init.${name}] Expected at least two axes but received shape (${shape.join(',')})`,
    );
  const kernel = shape.slice(1, -1).reduce((product, size) => product * size, 1);
  return { fanIn: shape.at(-1)! * kernel, fanOut: shape[0]! * kernel };
}

function requireMatrix(name: string, a: mx.array): [number, number] {
  if (a.ndim !== 2)
    throw new mx.ShapeError(
      `[init.${name}] Expected a matrix but received shape (${a.shape.join(',')})`,
    );
  return a.shape as [number, number];
}

/**
 * One value everywhere.
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
 * Normally distributed values.
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
  return (a) => mx.random.normal(a.shape, { dtype, loc: mean, scale: std });
}

/**
 * Values evenly distributed between low and high.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.uniform(-1, 1)(mx.zeros([4, 3])).shape; // => [4, 3]
 * ```
 */
export function uniform(low = 0, high = 1, dtype: mx.Dtype = mx.float32): Initializer {
  return (a) => mx.random.uniform(low, high, a.shape, dtype);
}

/**
 * The identity matrix.
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
    const [rows, columns] = requireMatrix('identity', a);
    if (rows !== columns)
      throw new mx.ShapeError(
        `[init.identity] Expected a square matrix but received shape (${rows},${columns})`,
      );
    return mx.eye(rows, columns, 0, dtype);
  };
}

/**
 * Normal values whose variance is gain² · 2 / (fanIn + fanOut) (Glorot and Bengio 2010).
 *
 * @returns takes the weight and the gain, 1 by default.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.glorotNormal()(mx.zeros([4, 3]), 2).shape; // => [4, 3]
 * ```
 */
export function glorotNormal(
  dtype: mx.Dtype = mx.float32,
): (a: mx.array, gain?: number) => mx.array {
  return (a, gain = 1) => {
    const { fanIn, fanOut } = fans('glorotNormal', a);
    return normal(0, gain * Math.sqrt(2 / (fanIn + fanOut)), dtype)(a);
  };
}

/**
 * Even values within ±gain · √(6 / (fanIn + fanOut)) (Glorot and Bengio 2010).
 *
 * @returns takes the weight and the gain, 1 by default.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.glorotUniform()(mx.zeros([4, 3])).shape; // => [4, 3]
 * ```
 */
export function glorotUniform(
  dtype: mx.Dtype = mx.float32,
): (a: mx.array, gain?: number) => mx.array {
  return (a, gain = 1) => {
    const { fanIn, fanOut } = fans('glorotUniform', a);
    const limit = gain * Math.sqrt(6 / (fanIn + fanOut));
    return uniform(-limit, limit, dtype)(a);
  };
}

/** Which side of a weight decides about its values' size. */
export type Fan = 'fan_in' | 'fan_out';

function fanOf(name: string, a: mx.array, mode: Fan): number {
  const { fanIn, fanOut } = fans(name, a);
  if (mode !== 'fan_in' && mode !== 'fan_out')
    throw new TypeError(
      `[init.${name}] Unknown mode '${String(mode)}'; known are 'fan_in', 'fan_out'`,
    );
  return mode === 'fan_in' ? fanIn : fanOut;
}

/**
 * Normal values whose variance is gain² / fan (He et al. 2015, arXiv:1502.01852).
 *
 * @returns takes the weight, `'fan_in'` (default) or `'fan_out'`, and the gain, 1 by default.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.heNormal()(mx.zeros([4, 3]), 'fan_out').shape; // => [4, 3]
 * ```
 */
export function heNormal(
  dtype: mx.Dtype = mx.float32,
): (a: mx.array, mode?: Fan, gain?: number) => mx.array {
  return (a, mode = 'fan_in', gain = 1) =>
    normal(0, gain / Math.sqrt(fanOf('heNormal', a, mode)), dtype)(a);
}

/**
 * Even values within ±gain · √(3 / fan) (He et al. 2015, arXiv:1502.01852).
 *
 * @returns takes the weight, `'fan_in'` (default) or `'fan_out'`, and the gain, 1 by default.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.heUniform()(mx.zeros([4, 3])).shape; // => [4, 3]
 * ```
 */
export function heUniform(
  dtype: mx.Dtype = mx.float32,
): (a: mx.array, mode?: Fan, gain?: number) => mx.array {
  return (a, mode = 'fan_in', gain = 1) => {
    const limit = gain * Math.sqrt(3 / fanOf('heUniform', a, mode));
    return uniform(-limit, limit, dtype)(a);
  };
}

/**
 * Normal values, of which a share in each row is 0.
 *
 * @param sparsity - the share of zeros.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * const weight = init.sparse(0.5)(mx.zeros([3, 4]));
 * mx.sum(mx.equal(weight, 0)).item(); // => 6
 * ```
 */
export function sparse(
  sparsity: number,
  mean = 0,
  std = 1,
  dtype: mx.Dtype = mx.float32,
): Initializer {
  return (a) => {
    const [, columns] = requireMatrix('sparse', a);
    const zeros = Math.ceil(sparsity * columns);
    // Where random numbers rank low in their row.
    const ranks = mx.argsort(mx.argsort(mx.random.uniform(0, 1, a.shape), 1), 1);
    const values = normal(mean, std, dtype)(a);
    return mx.where(mx.less(ranks, zeros), mx.zerosLike(values), values);
  };
}

/**
 * A random orthogonal matrix (Saxe, McClelland and Ganguli 2014, arXiv:1312.6120), or a part of
 * one, times gain.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * const q = init.orthogonal()(mx.zeros([4, 4]));
 * mx.allclose(q.matmul(mx.transpose(q)), mx.eye(4), 0, 1e-5).item(); // => true
 * ```
 */
export function orthogonal(gain = 1, dtype: mx.Dtype = mx.float32): Initializer {
  return (a) => {
    const [rows, columns] = requireMatrix('orthogonal', a);
    const size = Math.max(rows, columns);
    const [q, r] = mx.linalg.qr(mx.random.normal([size, size]));
    // With these signs every orthogonal matrix is equally likely (Mezzadri 2007).
    const uniformlyDrawn = mx.multiply(q, mx.sign(mx.diag(r)));
    const part = uniformlyDrawn.index(mx.Slice(0, rows), mx.Slice(0, columns));
    return mx.astype(mx.multiply(part, gain), dtype);
  };
}
