import { native } from '../addon/native';
import type { ArrayId, Operation } from '../addon/types';
import { checkCount } from '../arguments/count';
import { operandId, toArray, toOperand } from '../arguments/operands';
import type { ArrayLike } from '../arguments/types';
import { call, idOf, isArray, share, type MLXArray } from '../array/array';
import { arrayFromValue } from '../array/from-javascript';
import { bool_, int32 } from '../dtypes/dtype';
import { checked, ShapeError } from '../errors/errors';
import { zerosLike } from '../ops/creation';
import { take } from '../ops/indexing';
import { cumsum } from '../ops/scan';
import { where } from '../ops/selection';
import { parseIndices, type Index, type Item } from './parse';
import { placesOf } from './places';
import { IndexPlan } from './plan';

export type { Index } from './parse';

/** What a write does with the old value and the new. */
type Update = 'set' | 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum';

/** The part of an array that an index expression selects. */
export function readIndex(a: MLXArray, indices: readonly unknown[]): MLXArray {
  if (indices.length === 0) return a;
  const selection = select(a, parseIndices(indices, a.shape, 'index'), 'index');
  const result = selection.plan.read(selection.source);
  // A plan that reads everything gives the array itself; the caller gets a handle of its own.
  return result === a ? share(a) : result;
}

/** The array with the selected part replaced, or combined with a value. */
export function writeIndex(
  a: MLXArray,
  indices: readonly unknown[],
  value: unknown,
  update: Update,
  name: string,
): MLXArray {
  const shape = a.shape;
  const items = parseIndices(indices, shape, name);
  const values = toUpdates(value, a, name);
  const [mask, ...furtherMasks] = items.filter((item) => item.kind === 'mask');
  const isMaskAlone =
    mask !== undefined &&
    furtherMasks.length === 0 &&
    items.every(
      (item) =>
        item === mask ||
        item.kind === 'ellipsis' ||
        (item.kind === 'slice' && item.step === 1 && item.count === shape[item.axis]),
    );
  if (isMaskAlone) {
    const before = shape.slice(0, mask.axis);
    const after = shape.slice(mask.axis + mask.mask.ndim);
    // Where the value doesn't depend on which elements are selected, nothing need be computed now.
    if (values.ndim <= after.length) {
      checkFits(values, after, name);
      return writeMask(a, mask.mask, mask.axis, values, update);
    }
    if (native.inAbstractTracing() === true) {
      const spreadOut = spread(values, mask.mask, before, after, name);
      return writeMask(a, mask.mask, mask.axis, spreadOut, update);
    }
  }
  const { source, plan, added } = select(a, items, name);
  checkFits(values, plan.shape, name);
  const result = writePlan(source, plan, values, update);
  return added.length === 0 ? result : call(native.squeeze, undefined, idOf(result), added);
}

function toUpdates(value: unknown, a: MLXArray, name: string): MLXArray {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    const operand = toOperand(value, a.dtype, name);
    return call(native.full, undefined, [], operandId(operand), a.dtype.code);
  }
  const given = toArray(value, name);
  const shape = given.shape;
  // Leading axes of one are what broadcasting adds; without them any number of them fits.
  const first = shape.findIndex((size) => size !== 1);
  const kept = first < 0 ? [] : shape.slice(first);
  if (kept.length === shape.length) return given;
  return call(native.reshape, undefined, idOf(given), kept);
}

function checkFits(value: MLXArray, shape: readonly number[], name: string): void {
  const given = value.shape;
  const lead = shape.length - given.length;
  if (lead < 0 || given.some((size, i) => size !== 1 && size !== shape[lead + i]))
    throw new ShapeError(
      `[${name}] A value of shape (${given.join(',')}) does not fit what is selected, of shape ` +
        `(${shape.join(',')}).`,
    );
}

/** What an index expression reads from or writes into. */
interface Selection {
  /** The array, with an axis of one for each scalar mask. */
  readonly source: MLXArray;
  readonly plan: IndexPlan;
  /** The axes that the source has beyond the array's. */
  readonly added: number[];
}

/** Masks become the places that they select, which computes them. */
function select(a: MLXArray, items: readonly Item[], name: string): Selection {
  const added: number[] = [];
  const placed = items.flatMap((item): Item[] => {
    if (item.kind === 'newaxis' || item.kind === 'ellipsis') return [item];
    const axis = item.axis + added.length;
    if (item.kind !== 'mask') return [{ ...item, axis }];
    if (item.mask.ndim === 0) added.push(axis);
    return placesOf(item.mask, name).map((places, i) => ({
      kind: 'array',
      axis: axis + i,
      indices: arrayFromValue(places, int32, name),
    }));
  });
  const source = added.length === 0 ? a : call(native.expandDims, undefined, idOf(a), added);
  return { source, plan: new IndexPlan(placed, source.shape, name), added };
}

/** The values for the true places of a mask, in order, each at its place. */
function spread(
  values: MLXArray,
  mask: MLXArray,
  before: readonly number[],
  after: readonly number[],
  name: string,
): MLXArray {
  const axis = values.ndim - 1 - after.length;
  const count = values.shape[axis]!;
  checkFits(values, [...before, count, ...after], name);
  const flat = call(native.reshape, undefined, idOf(mask), [-1]);
  const order = where(flat, cumsum(flat, 0, false, false), 0);
  const numbers = count === 1 ? zerosLike(order) : order;
  return take(values, call(native.reshape, undefined, idOf(numbers), mask.shape), axis);
}

const combiners: Record<Exclude<Update, 'set'>, Operation<[ArrayId, ArrayId]>> = {
  add: native.add,
  subtract: native.subtract,
  multiply: native.multiply,
  divide: native.divide,
  maximum: native.maximum,
  minimum: native.minimum,
};

/** The old values combined with the new, in the array's dtype. */
function combine(old: MLXArray, value: MLXArray, update: Update): MLXArray {
  if (update === 'set') return value;
  const combined = call(combiners[update], undefined, idOf(old), idOf(value));
  return combined.dtype === old.dtype
    ? combined
    : call(native.astype, undefined, idOf(combined), old.dtype.code);
}

function writeMask(
  a: MLXArray,
  mask: MLXArray,
  axis: number,
  value: MLXArray,
  update: Update,
): MLXArray {
  const shape = a.shape;
  const maskShape = shape.map((size, i) => (i >= axis && i < axis + mask.ndim ? size : 1));
  const fitted = call(native.reshape, undefined, idOf(mask), maskShape);
  const replaced = combine(a, value, update);
  const cast = call(native.astype, undefined, idOf(replaced), a.dtype.code);
  return call(native.where, undefined, idOf(fitted), idOf(cast), idOf(a));
}

const scatters: Record<Exclude<Update, 'subtract' | 'divide'>, typeof native.scatter> = {
  set: native.scatter,
  add: native.scatterAdd,
  multiply: native.scatterMultiply,
  maximum: native.scatterMaximum,
  minimum: native.scatterMinimum,
};

function scatter(
  operation: typeof native.scatter,
  a: MLXArray,
  plan: IndexPlan,
  updates: MLXArray,
): MLXArray {
  const indices = plan.arrays.map((one) => one.indices);
  const axes = plan.arrays.map((one) => one.axis);
  return call(operation, undefined, idOf(a), indices.map(idOf), idOf(updates), axes);
}

function writePlan(a: MLXArray, plan: IndexPlan, value: MLXArray, update: Update): MLXArray {
  if (plan.arrays.length === 0) {
    const part = combine(plan.readRegion(a), plan.valueForRegion(value), update);
    const cast =
      part.dtype === a.dtype ? part : call(native.astype, undefined, idOf(part), a.dtype.code);
    return plan.writeRegion(a, cast);
  }
  // Without places there is nothing to write, also along axes of size zero.
  if (plan.shape.includes(0)) return share(a);
  const part = plan.readRegion(a);
  const updates = plan.valueForScatter(value);
  return plan.writeRegion(a, scatterInto(part, plan, updates, update));
}

function scatterInto(part: MLXArray, plan: IndexPlan, updates: MLXArray, update: Update): MLXArray {
  if (update === 'subtract') {
    // Negative numbers of unsigned dtypes wrap, which is what subtracting them needs.
    const cast = call(native.astype, undefined, idOf(updates), part.dtype.code);
    const negative = call(native.negative, undefined, idOf(cast));
    return scatter(native.scatterAdd, part, plan, negative);
  }
  if (update === 'divide') {
    // By the product of all divisors of a place, so that each place is divided once.
    const dtype = updates.dtype === bool_ ? int32 : updates.dtype;
    const ones = call(native.ones, undefined, part.shape, dtype.code);
    const divisors = scatter(native.scatterMultiply, ones, plan, updates);
    return combine(part, divisors, 'divide');
  }
  return scatter(scatters[update], part, plan, updates);
}

/** What `a.at(...)` gives: the selected part, to be combined with values. */
export class IndexedUpdate {
  readonly #source: MLXArray;
  readonly #indices: readonly Index[];

  /** @internal */
  constructor(source: MLXArray, indices: readonly Index[]) {
    if (!isArray(source) || !Array.isArray(indices))
      throw new TypeError('[IndexedUpdate] Made by a.at(...) of an array a.');
    this.#source = source;
    this.#indices = indices;
  }

  static #update(self: IndexedUpdate, value: ArrayLike, update: Update): MLXArray {
    const name = `at.${update}`;
    if (typeof self !== 'object' || self === null || !(#source in self))
      throw new TypeError(`[${name}] Expected what a.at(...) gives before the dot.`);
    return writeIndex(self.#source, self.#indices, value, update, name);
  }

  /**
   * The array with the value added; places selected repeatedly get all values.
   *
   * @param value - what is combined with the part, broadcast.
   */
  add(value: ArrayLike): MLXArray {
    checkCount(arguments.length, 1, 'add');
    return IndexedUpdate.#update(this, value, 'add');
  }

  /**
   * The array with the value subtracted; places selected repeatedly lose all values.
   *
   * @param value - what is combined with the part, broadcast.
   */
  subtract(value: ArrayLike): MLXArray {
    checkCount(arguments.length, 1, 'subtract');
    return IndexedUpdate.#update(this, value, 'subtract');
  }

  /**
   * The array multiplied by the value; places selected repeatedly by all values.
   *
   * @param value - what is combined with the part, broadcast.
   */
  multiply(value: ArrayLike): MLXArray {
    checkCount(arguments.length, 1, 'multiply');
    return IndexedUpdate.#update(this, value, 'multiply');
  }

  /**
   * The array divided by the value, in its dtype; places selected repeatedly by all values.
   *
   * @param value - what is combined with the part, broadcast.
   */
  divide(value: ArrayLike): MLXArray {
    checkCount(arguments.length, 1, 'divide');
    return IndexedUpdate.#update(this, value, 'divide');
  }

  /**
   * The array with the larger of old and new values.
   *
   * @param value - what is combined with the part, broadcast.
   */
  maximum(value: ArrayLike): MLXArray {
    checkCount(arguments.length, 1, 'maximum');
    return IndexedUpdate.#update(this, value, 'maximum');
  }

  /**
   * The array with the smaller of old and new values.
   *
   * @param value - what is combined with the part, broadcast.
   */
  minimum(value: ArrayLike): MLXArray {
    checkCount(arguments.length, 1, 'minimum');
    return IndexedUpdate.#update(this, value, 'minimum');
  }
}

/** Gives an array object another value of the same shape and dtype. */
export function assign(target: MLXArray, source: MLXArray): void {
  checked(native.assign(idOf(target), idOf(source)));
}
