import { native } from './addon/native';
import type { ArrayId } from './addon/types';
import { checkCount } from './arguments/count';
import { describe } from './arguments/kinds';
import { copyList } from './arguments/lists';
import { operandId, toArray, toOperand, type Operand } from './arguments/operands';
import { parameters, shapeList } from './arguments/reader';
import type { ArrayLike, DtypeOptions, StreamArgument, StreamOptions } from './arguments/types';
import { call, idOf, isArray, make, type MLXArray } from './array/array';
import {
  float32,
  int32,
  int64,
  integerRange,
  isInteger,
  uint32,
  uint64,
  type Dtype,
} from './dtypes/dtype';
import { checked, within } from './errors/errors';
import { stateSymbol } from './transforms/live-tree';

// The same key gives the same numbers as in MLX. Without a key the next one of this thread's
// sequence is used, which `seed` sets.

type Shape = readonly number[];

/** The options that every distribution takes. */
export interface DrawOptions extends StreamOptions {
  /** The shape of the result. */
  shape?: Shape | null;
  /** The key that determines the numbers; by default the next of this thread's sequence. */
  key?: MLXArray | null;
}

type TypedDrawOptions = DrawOptions & DtypeOptions;

function keyOf(key: ArrayLike | null | undefined): ArrayId | undefined {
  return key === undefined || key === null ? undefined : idOf(key as MLXArray);
}

/** The two words of a seed. */
function wordsOf(seed: number | bigint, name: string): [high: number, low: number] {
  const isNumber = typeof seed === 'number';
  if (!isNumber && typeof seed !== 'bigint')
    throw new TypeError(`[random.${name}] A seed is a number or a bigint, but got ${typeof seed}.`);
  if (isNumber ? !Number.isSafeInteger(seed) || seed < 0 : BigInt.asUintN(64, seed) !== seed)
    throw new RangeError(
      `[random.${name}] A seed is an integer from 0 to 2^64 - 1, beyond 2^53 as a bigint, but got ${seed}.`,
    );
  const whole = BigInt(seed);
  return [Number(whole >> 32n), Number(whole & 0xffffffffn)];
}

/**
 * The key of a seed, for functions that draw.
 *
 * @param seed - any integer.
 *
 * @example
 * ```ts
 * console.log(mx.random.key(7).tolist()); // => [ 0, 7 ]
 * ```
 */
function key(seed: number | bigint): MLXArray {
  checkCount(arguments.length, 1, 'random.key');
  return make(native.randomKey, ...wordsOf(seed, 'key'));
}

/**
 * Begins this thread's sequence of keys anew.
 *
 * @param value - any integer.
 *
 * @example
 * ```ts
 * mx.random.seed(1);
 * const a = mx.random.uniform();
 * mx.random.seed(1);
 * console.log(mx.random.uniform().item() === a.item()); // => true
 * ```
 */
function seed(value: number | bigint): void {
  checkCount(arguments.length, 1, 'random.seed');
  checked(native.randomSeed(...wordsOf(value, 'seed')));
}

/**
 * Several (2) keys from one, as rows.
 *
 * @param from - the key.
 * @param num - how many keys to make; default: 2.
 *
 * @example
 * ```ts
 * console.log(mx.random.split(mx.random.key(0), 3).shape); // => [ 3, 2 ]
 * ```
 */
function split(
  from: ArrayLike,
  num?: number | (StreamOptions & { num?: number }),
  stream?: StreamArgument,
): MLXArray;
function split(from: ArrayLike, ...rest: unknown[]): MLXArray {
  const { num, stream } = readSplit(rest);
  const source = toArray(from, 'random.split', uint32);
  return call(native.randomSplit, stream, idOf(source), num ?? 2);
}
const readSplit = parameters('random.split', { num: 'integer' });

/**
 * Numbers evenly distributed in [low (0), high (1)); the bounds are broadcast to the shape, which
 * is a scalar's by default.
 *
 * @param low - the least value; default: 0.
 * @param high - the end, which is not reached; default: 1.
 * @param shape - the shape of the result; default: [], a scalar.
 * @param dtype - the dtype of the result; default: float32.
 * @param key - the key to draw from; default: the next of the implicit state, see seed.
 *
 * @example
 * ```ts
 * const a = mx.random.uniform(-1, 1, [100]);
 * console.log(a.abs().max().item() <= 1); // => true
 * ```
 */
function uniform(
  low?: ArrayLike,
  high?: ArrayLike,
  shape?: Shape | null,
  dtype?: Dtype | null,
  key?: MLXArray | null,
  stream?: StreamArgument,
): MLXArray;
function uniform(options: TypedDrawOptions & { low?: ArrayLike; high?: ArrayLike }): MLXArray;
function uniform(low: ArrayLike, high: ArrayLike, options: TypedDrawOptions): MLXArray;
function uniform(...rest: unknown[]): MLXArray {
  const { low, high, shape, dtype, key: given, stream } = readUniform(rest);
  const type = dtype ?? float32;
  const from = toOperand(low ?? 0, type, 'random.uniform');
  const to = toOperand(high ?? 1, type, 'random.uniform');
  const sizes = shapeList(shape ?? [], 'random.uniform');
  return call(
    native.randomUniform,
    stream,
    operandId(from),
    operandId(to),
    sizes,
    type.code,
    keyOf(given),
  );
}
const readUniform = parameters('random.uniform', {
  low: 'array',
  high: 'array',
  shape: 'shape',
  dtype: 'dtype',
  key: 'key',
});

/**
 * Numbers of the normal distribution with mean loc (0) and standard deviation scale (1).
 *
 * @param shape - the shape of the result; default: [], a scalar.
 * @param dtype - the dtype of the result; default: float32.
 * @param loc - the mean; default: 0.
 * @param scale - the scale of the spread; default: 1.
 * @param key - the key to draw from; default: the next of the implicit state, see seed.
 *
 * @example
 * ```ts
 * console.log(mx.random.normal([2, 3]).shape); // => [ 2, 3 ]
 * ```
 */
function normal(
  shape?: Shape | null,
  dtype?: Dtype | null,
  loc?: ArrayLike | null,
  scale?: ArrayLike | null,
  key?: MLXArray | null,
  stream?: StreamArgument,
): MLXArray;
function normal(
  options: TypedDrawOptions & { loc?: ArrayLike | null; scale?: ArrayLike | null },
): MLXArray;
function normal(
  shape: Shape,
  options: TypedDrawOptions & { loc?: ArrayLike | null; scale?: ArrayLike | null },
): MLXArray;
function normal(...rest: unknown[]): MLXArray {
  const { shape, dtype, loc, scale, key: given, stream } = readNormal(rest);
  const type = dtype ?? float32;
  const operands = [loc, scale].map((value) =>
    value === undefined || value === null ? undefined : toOperand(value, type, 'random.normal'),
  );
  const [mean, deviation] = operands.map((one) => (one === undefined ? one : operandId(one)));
  const sizes = shapeList(shape ?? [], 'random.normal');
  return call(native.randomNormal, stream, sizes, type.code, mean, deviation, keyOf(given));
}
const readNormal = parameters('random.normal', {
  shape: 'shape',
  dtype: 'dtype',
  loc: 'array',
  scale: 'array',
  key: 'key',
});

/**
 * Vectors of the normal distribution with a mean [..., n] and a covariance [..., n, n], in a shape
 * (by default their own) to which the axes before these are broadcast. The numbers of one vector
 * lie along a new last axis. Throws DtypeError for dtypes other than float32 and float64.
 *
 * @param mean - the means, shape [..., n].
 * @param cov - the covariances, shape [..., n, n].
 * @param shape - the leading axes of the result; default: those of mean and cov.
 * @param dtype - the dtype of the result; default: float32.
 * @param key - the key to draw from; default: the next of the implicit state, see seed.
 *
 * @example
 * ```ts
 * const a = mx.random.multivariateNormal([0, 0], [[1, 0.5], [0.5, 1]], [10]);
 * console.log(a.shape); // => [ 10, 2 ]
 * ```
 */
function multivariateNormal(
  mean: ArrayLike,
  cov: ArrayLike,
  shape?: Shape | null,
  dtype?: Dtype | null,
  key?: MLXArray | null,
  stream?: StreamArgument,
): MLXArray;
function multivariateNormal(mean: ArrayLike, cov: ArrayLike, options: TypedDrawOptions): MLXArray;
function multivariateNormal(mean: ArrayLike, cov: ArrayLike, ...rest: unknown[]): MLXArray {
  const { shape, dtype, key: given, stream } = readMultivariateNormal(rest);
  const type = dtype ?? float32;
  const center = toArray(mean, 'random.multivariateNormal', type);
  const covariance = toArray(cov, 'random.multivariateNormal', type);
  return call(
    native.randomMultivariateNormal,
    stream,
    idOf(center),
    idOf(covariance),
    shapeList(shape ?? [], 'random.multivariateNormal'),
    type.code,
    keyOf(given),
  );
}
const readMultivariateNormal = parameters('random.multivariateNormal', {
  shape: 'shape',
  dtype: 'dtype',
  key: 'key',
});

/**
 * Integers evenly distributed in [low, high), in int32 unless a dtype is given. Where high isn't
 * above low there is only low.
 *
 * @param low - the least value.
 * @param high - the end, which is not reached.
 * @param shape - the shape of the result; default: [], a scalar.
 * @param dtype - the dtype of the result; default: int32.
 * @param key - the key to draw from; default: the next of the implicit state, see seed.
 *
 * @example
 * ```ts
 * const dice = mx.random.randint(1, 7, [50]);
 * console.log(dice.min().item() >= 1, dice.max().item() <= 6); // => true true
 * ```
 */
function randint(
  low: ArrayLike,
  high: ArrayLike,
  shape?: Shape | null,
  dtype?: Dtype | null,
  key?: MLXArray | null,
  stream?: StreamArgument,
): MLXArray;
function randint(low: ArrayLike, high: ArrayLike, options: TypedDrawOptions): MLXArray;
function randint(low: ArrayLike, high: ArrayLike, ...rest: unknown[]): MLXArray {
  const { shape, dtype, key: given, stream } = readRandint(rest);
  const type = dtype ?? int32;
  const from = boundOf(low, type);
  const to = boundOf(high, type);
  const sizes = shapeList(shape ?? [], 'random.randint');
  return call(
    native.randomRandint,
    stream,
    operandId(from),
    operandId(to),
    sizes,
    type.code,
    keyOf(given),
  );
}

/** The end of a range needn't be in the dtype itself: 256 ends the range of uint8. */
function boundOf(value: ArrayLike, type: Dtype): Operand {
  const isWhole = typeof value === 'bigint' || Number.isInteger(value);
  if (!isWhole || !isInteger(type)) return toOperand(value, type, 'random.randint');
  const { min, max } = integerRange(type);
  const bound = value as number | bigint;
  const wide = bound > integerRange(int64).max ? uint64 : int64;
  return toOperand(value, bound < min || bound > max ? wide : type, 'random.randint');
}
const readRandint = parameters('random.randint', { shape: 'shape', dtype: 'dtype', key: 'key' });

/**
 * true with probability p (0.5), which is broadcast to the shape (p's own). Throws DtypeError for
 * probabilities that are no floating numbers.
 *
 * @param p - the probability of true; default: 0.5.
 * @param shape - the shape of the result; default: p's.
 * @param key - the key to draw from; default: the next of the implicit state, see seed.
 *
 * @example
 * ```ts
 * console.log(mx.random.bernoulli(1, [3]).tolist()); // => [ true, true, true ]
 * ```
 */
function bernoulli(
  p?: ArrayLike,
  shape?: Shape | null,
  key?: MLXArray | null,
  stream?: StreamArgument,
): MLXArray;
function bernoulli(options: DrawOptions & { p?: ArrayLike }): MLXArray;
function bernoulli(p: ArrayLike, options: DrawOptions): MLXArray;
function bernoulli(...rest: unknown[]): MLXArray {
  const { p, shape, key: given, stream } = readBernoulli(rest);
  const probability = toOperand(p ?? 0.5, float32, 'random.bernoulli');
  const sizes =
    shape === undefined || shape === null ? undefined : shapeList(shape, 'random.bernoulli');
  return call(native.randomBernoulli, stream, operandId(probability), sizes, keyOf(given));
}
const readBernoulli = parameters('random.bernoulli', { p: 'array', shape: 'shape', key: 'key' });

/**
 * Numbers of the standard normal distribution between two bounds, which are broadcast to the
 * shape (their own). Bounds may lie far out in a tail.
 *
 * @param lower - the lower end.
 * @param upper - the upper end.
 * @param shape - the shape of the result; default: that of the ends.
 * @param dtype - the dtype of the result; default: float32.
 * @param key - the key to draw from; default: the next of the implicit state, see seed.
 *
 * @example
 * ```ts
 * const a = mx.random.truncatedNormal(-1, 1, [100]);
 * console.log(a.abs().max().item() <= 1); // => true
 * ```
 */
function truncatedNormal(
  lower: ArrayLike,
  upper: ArrayLike,
  shape?: Shape | null,
  dtype?: Dtype | null,
  key?: MLXArray | null,
  stream?: StreamArgument,
): MLXArray;
function truncatedNormal(lower: ArrayLike, upper: ArrayLike, options: TypedDrawOptions): MLXArray;
function truncatedNormal(lower: ArrayLike, upper: ArrayLike, ...rest: unknown[]): MLXArray {
  const { shape, dtype, key: given, stream } = readTruncatedNormal(rest);
  const type = dtype ?? float32;
  const from = toOperand(lower, type, 'random.truncatedNormal');
  const to = toOperand(upper, type, 'random.truncatedNormal');
  const sizes =
    shape === undefined || shape === null ? undefined : shapeList(shape, 'random.truncatedNormal');
  return call(
    native.randomTruncatedNormal,
    stream,
    operandId(from),
    operandId(to),
    sizes,
    type.code,
    keyOf(given),
  );
}
const readTruncatedNormal = parameters('random.truncatedNormal', {
  shape: 'shape',
  dtype: 'dtype',
  key: 'key',
});

/**
 * Numbers of the standard Gumbel distribution.
 *
 * @param shape - the shape of the result; default: [], a scalar.
 * @param dtype - the dtype of the result; default: float32.
 * @param key - the key to draw from; default: the next of the implicit state, see seed.
 *
 * @example
 * ```ts
 * console.log(mx.random.gumbel([4]).shape); // => [ 4 ]
 * ```
 */
function gumbel(
  shape?: Shape | null,
  dtype?: Dtype | null,
  key?: MLXArray | null,
  stream?: StreamArgument,
): MLXArray;
function gumbel(options: TypedDrawOptions): MLXArray;
function gumbel(...rest: unknown[]): MLXArray {
  const { shape, dtype, key: given, stream } = readGumbel(rest);
  const sizes = shapeList(shape ?? [], 'random.gumbel');
  return call(native.randomGumbel, stream, sizes, (dtype ?? float32).code, keyOf(given));
}
const readGumbel = parameters('random.gumbel', { shape: 'shape', dtype: 'dtype', key: 'key' });

/**
 * Numbers of the Laplace distribution with mean loc (0) and scale (1).
 *
 * @param shape - the shape of the result; default: [], a scalar.
 * @param dtype - the dtype of the result; default: float32.
 * @param loc - the mean; default: 0.
 * @param scale - the scale of the spread; default: 1.
 * @param key - the key to draw from; default: the next of the implicit state, see seed.
 *
 * @example
 * ```ts
 * console.log(mx.random.laplace([4]).shape); // => [ 4 ]
 * ```
 */
function laplace(
  shape?: Shape | null,
  dtype?: Dtype | null,
  loc?: number,
  scale?: number,
  key?: MLXArray | null,
  stream?: StreamArgument,
): MLXArray;
function laplace(options: TypedDrawOptions & { loc?: number; scale?: number }): MLXArray;
function laplace(...rest: unknown[]): MLXArray {
  const { shape, dtype, loc, scale, key: given, stream } = readLaplace(rest);
  const sizes = shapeList(shape ?? [], 'random.laplace');
  const type = dtype ?? float32;
  return call(native.randomLaplace, stream, sizes, type.code, loc ?? 0, scale ?? 1, keyOf(given));
}
const readLaplace = parameters('random.laplace', {
  shape: 'shape',
  dtype: 'dtype',
  loc: 'number',
  scale: 'number',
  key: 'key',
});

/**
 * Indices (uint32) along an axis (-1), drawn with the probabilities softmax(logits). shape is
 * broadcast from the logits' without the axis; numSamples becomes a new last axis. Throws
 * TypeError when both are given.
 *
 * @param logits - logarithms of the probabilities, up to a constant.
 * @param axis - the axis of the categories; default: -1.
 * @param shape - the shape of the result; default: that of logits without the axis.
 * @param numSamples - how many to draw for each, along a last axis; default: none, one without
 *   an axis.
 * @param key - the key to draw from; default: the next of the implicit state, see seed.
 *
 * @example
 * ```ts
 * console.log(mx.random.categorical(mx.array([-Infinity, 0])).item()); // => 1
 * ```
 */
function categorical(
  logits: ArrayLike,
  axis?: number,
  shape?: Shape | null,
  numSamples?: number | null,
  key?: MLXArray | null,
  stream?: StreamArgument,
): MLXArray;
function categorical(
  logits: ArrayLike,
  options: DrawOptions & { axis?: number; numSamples?: number | null },
): MLXArray;
function categorical(logits: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, shape, numSamples, key: given, stream } = readCategorical(rest);
  const hasShape = shape !== undefined && shape !== null;
  if (hasShape && numSamples !== undefined && numSamples !== null)
    throw new TypeError('[random.categorical] Only one of shape and numSamples may be given.');
  const input = toArray(logits, 'random.categorical');
  return call(
    native.randomCategorical,
    stream,
    idOf(input),
    axis ?? -1,
    hasShape ? shapeList(shape, 'random.categorical') : undefined,
    numSamples,
    keyOf(given),
  );
}
const readCategorical = parameters('random.categorical', {
  axis: 'integer',
  shape: 'list',
  numSamples: 'axis',
  key: 'key',
});

/**
 * The slices of an array along an axis (0) in random order, or the numbers below x.
 *
 * @param x - an array, or a count: then of the numbers below it.
 * @param axis - the axis to shuffle along; default: 0.
 * @param key - the key to draw from; default: the next of the implicit state, see seed.
 *
 * @example
 * ```ts
 * console.log(mx.sort(mx.random.permutation(5)).tolist()); // => [ 0, 1, 2, 3, 4 ]
 * ```
 */
function permutation(
  x: ArrayLike,
  axis?: number,
  key?: MLXArray | null,
  stream?: StreamArgument,
): MLXArray;
function permutation(
  x: ArrayLike,
  options: StreamOptions & { axis?: number; key?: MLXArray | null },
): MLXArray;
function permutation(x: ArrayLike, ...rest: unknown[]): MLXArray {
  const { axis, key: given, stream } = readPermutation(rest);
  const key = keyOf(given);
  if (typeof x === 'number')
    return within('random.permutation', () => call(native.randomPermutationOf, stream, x, key));
  const input = toArray(x, 'random.permutation');
  return call(native.randomPermutation, stream, idOf(input), axis ?? 0, key);
}
const readPermutation = parameters('random.permutation', { axis: 'integer', key: 'key' });

/** Random numbers. */
export const random = {
  key,
  seed,
  split,
  uniform,
  normal,
  multivariateNormal,
  randint,
  bernoulli,
  truncatedNormal,
  gumbel,
  laplace,
  categorical,
  permutation,
  /**
   * The key from which this thread's next ones come, in a list; set it to restore a state. Among
   * the inputs and outputs of compile it stands for the sequence itself.
   */
  get state(): MLXArray[] {
    return Object.defineProperty([make(native.randomState)], stateSymbol, {
      value: () => liveState,
    });
  },
  set state(state: readonly MLXArray[]) {
    const name = 'random.state';
    const given: unknown = state;
    const [first] = Array.isArray(given) ? copyList(given as readonly unknown[], name) : [];
    if (!isArray(first))
      throw new TypeError(
        `[${name}] Expected a list with a key in it, but got ${describe(given)}.`,
      );
    within(name, () => checked(native.randomSetState(idOf(first)), native.randomSetState));
  },
};

/** A list whose element is always the current key. */
const liveState: MLXArray[] = Object.defineProperty([] as MLXArray[], 0, {
  enumerable: true,
  get: () => make(native.randomState),
  set: (key: MLXArray) => checked(native.randomSetState(idOf(key))),
});
