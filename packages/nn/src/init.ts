import * as mx from '@mlx/core';
import {
  array,
  bounded,
  choice,
  dtype as dtypeKind,
  number,
  operation,
  optional,
  reader,
  type Given,
  type Kind,
} from '@mlx/core/calls';

/** Makes an array of another's shape; a weight's values to begin with. */
export type Initializer = (a: mx.ArrayLike) => mx.array;

/** Options of initialisers with no setting but the dtype. */
export interface DtypeOption {
  /** The values' dtype; default: float32. */
  dtype?: mx.Dtype | undefined;
}

/** Options of {@link normal} and {@link sparse}. */
export interface NormalOptions extends DtypeOption {
  /** The values' mean; default: 0. */
  mean?: number | undefined;
  /** Their standard deviation; default: 1. */
  std?: number | undefined;
}

/** Options of {@link uniform}. */
export interface UniformOptions extends DtypeOption {
  /** The least value; default: 0. */
  low?: number | undefined;
  /** The bound above; default: 1. */
  high?: number | undefined;
}

/** Options of {@link orthogonal}. */
export interface OrthogonalOptions extends DtypeOption {
  /** What the matrix is multiplied by; default: 1. */
  gain?: number | undefined;
}

type GainInitializer = (a: mx.ArrayLike, gain?: number | { gain?: number | undefined }) => mx.array;
type FanInitializer = (
  a: mx.ArrayLike,
  mode?: Fan | FanOptions,
  gain?: number | FanOptions,
) => mx.array;

/** Options of what {@link heNormal} and {@link heUniform} return. */
export interface FanOptions {
  /** Which side of a weight decides about its values' size; default: 'fan_in'. */
  mode?: Fan | undefined;
  /** What the values are multiplied by; default: 1. */
  gain?: number | undefined;
}

const dtype = optional(dtypeKind, mx.float32);
const mean = optional(number, 0);
const std = optional(number, 1);
const gain = optional(number, 1);
const share = bounded(number, 'a number from 0 to 1', (value) => value >= 0 && value <= 1);
const readConstant = reader('init.constant', { value: number, dtype });
const readNormal = reader('init.normal', { mean, std, dtype });
const readUniform = reader('init.uniform', {
  low: optional(number, 0),
  high: optional(number, 1),
  dtype,
});
const readIdentity = reader('init.identity', { dtype });
const readGlorotNormal = reader('init.glorotNormal', { dtype });
const readGlorotUniform = reader('init.glorotUniform', { dtype });
const readHeNormal = reader('init.heNormal', { dtype });
const readHeUniform = reader('init.heUniform', { dtype });
const readSparse = reader('init.sparse', { sparsity: share, mean, std, dtype });
const readOrthogonal = reader('init.orthogonal', { gain, dtype });

/** The function that an initialiser returns: it takes an array, and settings of its own. */
function initializer<const P extends Readonly<Record<string, Kind<unknown>>>>(
  name: string,
  settings: P,
  compute: (given: Given<{ readonly a: Kind<mx.array> } & P>) => mx.array,
): (...values: unknown[]) => mx.array {
  const apply = operation(`init.${name}`, { a: array, ...settings }, compute as never);
  return (...values) => apply(values) as mx.array;
}

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
 * @param value - the value.
 * @param dtype - the dtype of the result; default: float32.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.constant(0.5)(mx.zeros([2])).tolist(); // => [0.5, 0.5]
 * ```
 */
export function constant(value: number, dtype?: mx.Dtype | DtypeOption): Initializer;
export function constant(...values: unknown[]): Initializer {
  const { value, dtype } = readConstant(values);
  return initializer('constant', {}, ({ a }) => mx.full(a.shape, value, dtype));
}

/**
 * Normally distributed values.
 *
 * @param mean - the mean; default: 0.
 * @param std - the standard deviation; default: 1.
 * @param dtype - the dtype of the result; default: float32.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.normal(0, 0.02)(mx.zeros([4, 3])).shape; // => [4, 3]
 * ```
 */
export function normal(mean?: number, std?: number, dtype?: mx.Dtype): Initializer;
export function normal(options: NormalOptions): Initializer;
export function normal(mean: number, options: NormalOptions): Initializer;
export function normal(...values: unknown[]): Initializer {
  const { mean, std, dtype } = readNormal(values);
  return initializer('normal', {}, ({ a }) =>
    mx.random.normal(a.shape, { dtype, loc: mean, scale: std }),
  );
}

/**
 * Values evenly distributed between low and high.
 *
 * @param low - the least value; default: 0.
 * @param high - the end; default: 1.
 * @param dtype - the dtype of the result; default: float32.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.uniform(-1, 1)(mx.zeros([4, 3])).shape; // => [4, 3]
 * ```
 */
export function uniform(low?: number, high?: number, dtype?: mx.Dtype): Initializer;
export function uniform(options: UniformOptions): Initializer;
export function uniform(low: number, options: UniformOptions): Initializer;
export function uniform(...values: unknown[]): Initializer {
  const { low, high, dtype } = readUniform(values);
  return initializer('uniform', {}, ({ a }) => mx.random.uniform(low, high, a.shape, dtype));
}

/**
 * The identity matrix.
 *
 * @param dtype - the dtype of the result; default: float32.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { init } from '@mlx/nn';
 *
 * init.identity()(mx.zeros([2, 2])).tolist(); // => [[1, 0], [0, 1]]
 * ```
 */
export function identity(dtype?: mx.Dtype | DtypeOption): Initializer;
export function identity(...values: unknown[]): Initializer {
  const { dtype } = readIdentity(values);
  return initializer('identity', {}, ({ a }) => {
    const [rows, columns] = requireMatrix('identity', a);
    if (rows !== columns)
      throw new mx.ShapeError(
        `[init.identity] Expected a square matrix but received shape (${rows},${columns})`,
      );
    return mx.eye(rows, columns, 0, dtype);
  });
}

/**
 * Normal values whose variance is gain² · 2 / (fanIn + fanOut) (Glorot and Bengio 2010).
 *
 * @param dtype - the dtype of the result; default: float32.
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
export function glorotNormal(dtype?: mx.Dtype | DtypeOption): GainInitializer;
export function glorotNormal(...values: unknown[]): GainInitializer {
  const { dtype } = readGlorotNormal(values);
  return initializer('glorotNormal', { gain }, ({ a, gain }) => {
    const { fanIn, fanOut } = fans('glorotNormal', a);
    return normal(0, gain * Math.sqrt(2 / (fanIn + fanOut)), dtype)(a);
  });
}

/**
 * Even values within ±gain · √(6 / (fanIn + fanOut)) (Glorot and Bengio 2010).
 *
 * @param dtype - the dtype of the result; default: float32.
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
export function glorotUniform(dtype?: mx.Dtype | DtypeOption): GainInitializer;
export function glorotUniform(...values: unknown[]): GainInitializer {
  const { dtype } = readGlorotUniform(values);
  return initializer('glorotUniform', { gain }, ({ a, gain }) => {
    const { fanIn, fanOut } = fans('glorotUniform', a);
    const limit = gain * Math.sqrt(6 / (fanIn + fanOut));
    return uniform(-limit, limit, dtype)(a);
  });
}

/** Which side of a weight decides about its values' size. */
export type Fan = 'fan_in' | 'fan_out';

const mode = optional(choice('fan_in', 'fan_out'), 'fan_in');

function fanOf(name: string, a: mx.array, mode: Fan): number {
  const { fanIn, fanOut } = fans(name, a);
  return mode === 'fan_in' ? fanIn : fanOut;
}

/**
 * Normal values whose variance is gain² / fan (He et al. 2015, arXiv:1502.01852).
 *
 * @param dtype - the dtype of the result; default: float32.
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
export function heNormal(dtype?: mx.Dtype | DtypeOption): FanInitializer;
export function heNormal(...values: unknown[]): FanInitializer {
  const { dtype } = readHeNormal(values);
  return initializer('heNormal', { mode, gain }, ({ a, mode, gain }) =>
    normal(0, gain / Math.sqrt(fanOf('heNormal', a, mode)), dtype)(a),
  );
}

/**
 * Even values within ±gain · √(3 / fan) (He et al. 2015, arXiv:1502.01852).
 *
 * @param dtype - the dtype of the result; default: float32.
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
export function heUniform(dtype?: mx.Dtype | DtypeOption): FanInitializer;
export function heUniform(...values: unknown[]): FanInitializer {
  const { dtype } = readHeUniform(values);
  return initializer('heUniform', { mode, gain }, ({ a, mode, gain }) => {
    const limit = gain * Math.sqrt(3 / fanOf('heUniform', a, mode));
    return uniform(-limit, limit, dtype)(a);
  });
}

/**
 * Normal values, of which a share in each row is 0.
 *
 * @param sparsity - the share of zeros.
 * @param mean - the mean; default: 0.
 * @param std - the standard deviation of what is not zero; default: 1.
 * @param dtype - the dtype of the result; default: float32.
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
  mean?: number,
  std?: number,
  dtype?: mx.Dtype,
): Initializer;
export function sparse(sparsity: number, options: NormalOptions): Initializer;
export function sparse(sparsity: number, mean: number, options: NormalOptions): Initializer;
export function sparse(...values: unknown[]): Initializer {
  const { sparsity, mean, std, dtype } = readSparse(values);
  return initializer('sparse', {}, ({ a }) => {
    const [, columns] = requireMatrix('sparse', a);
    const zeros = Math.ceil(sparsity * columns);
    // Where random numbers rank low in their row.
    const ranks = mx.argsort(mx.argsort(mx.random.uniform(0, 1, a.shape), 1), 1);
    const values = normal(mean, std, dtype)(a);
    return mx.where(mx.less(ranks, zeros), mx.zerosLike(values), values);
  });
}

/**
 * A random orthogonal matrix (Saxe, McClelland and Ganguli 2014, arXiv:1312.6120), or a part of
 * one, times gain.
 *
 * @param gain - what the matrix is multiplied by; default: 1.
 * @param dtype - the dtype of the result; default: float32.
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
export function orthogonal(gain?: number, dtype?: mx.Dtype): Initializer;
export function orthogonal(options: OrthogonalOptions): Initializer;
export function orthogonal(gain: number, options: OrthogonalOptions): Initializer;
export function orthogonal(...values: unknown[]): Initializer {
  const { gain, dtype } = readOrthogonal(values);
  return initializer('orthogonal', {}, ({ a }) => {
    const [rows, columns] = requireMatrix('orthogonal', a);
    const size = Math.max(rows, columns);
    const [q, r] = mx.linalg.qr(mx.random.normal([size, size]));
    // With these signs every orthogonal matrix is equally likely (Mezzadri 2007).
    const uniformlyDrawn = mx.multiply(q, mx.sign(mx.diag(r)));
    const part = uniformlyDrawn.index(mx.Slice(0, rows), mx.Slice(0, columns));
    return mx.astype(mx.multiply(part, gain), dtype);
  });
}
