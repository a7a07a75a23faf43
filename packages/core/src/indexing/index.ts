import { call, idOf, isArray, share, type MLXArray } from '../array';
import { arrayFromValue } from '../construct';
import { bool_, int32 } from '../dtype';
import { checked } from '../errors';
import { native, type NativeFunction } from '../native';
import { operandId, toArray, toOperand } from '../operand';
import { readTypedArray } from '../read';
import type { ArrayLike } from '../types';
import { parseIndices, type Index, type Item } from './parse';
import { IndexPlan } from './plan';

export type { Index } from './parse';

/** What a write does with the old value and the new. */
type Update = 'set' | 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum';

/** The part of an array that an index expression selects. */
export function readIndex(a: MLXArray, indices: readonly unknown[]): MLXArray {
  if (indices.length === 0) return a;
  const shape = a.shape;
  const items = parseIndices(indices, shape, 'index');
  if (items.some((item) => item.kind === 'mask'))
    throw new TypeError(
      '[index] Masks are for assignment, since the size of what they select is not known before ' +
        'they are computed; use where, or an array of indices.',
    );
  const result = new IndexPlan(items, shape).read(a);
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
  const masks = items.filter((item) => item.kind === 'mask');
  if (masks.length === 0) return writePlan(a, items, values, update);
  const [mask] = masks;
  const rest = items.filter((item) => item !== mask);
  const coversRest = rest.every(
    (item) => item.kind === 'slice' && item.step === 1 && item.count === shape[item.axis],
  );
  // Where the value doesn't depend on which elements are selected, nothing need be computed now.
  if (
    masks.length === 1 &&
    coversRest &&
    values.ndim <= shape.length - mask!.axis - mask!.mask.ndim
  )
    return writeMask(a, mask!.mask, mask!.axis, values, update);
  return writePlan(a, items.flatMap(selectedPlaces), values, update);
}

function toUpdates(value: unknown, a: MLXArray, name: string): MLXArray {
  if (isArray(value)) return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    const operand = toOperand(value, a.dtype, name);
    return call(native.full, undefined, [], operandId(operand), a.dtype.code);
  }
  return toArray(value, name);
}

/** The places that a mask selects, as one index array an axis. Computes the mask. */
function selectedPlaces(item: Item): Item[] {
  if (item.kind !== 'mask') return [item];
  const shape = item.mask.shape;
  const flags = readTypedArray(item.mask);
  const places: number[][] = shape.map(() => []);
  for (let i = 0; i < flags.length; i++) {
    if (!flags[i]) continue;
    let rest = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      places[axis]!.push(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
  }
  return places.map((list, i) => ({
    kind: 'array',
    axis: item.axis + i,
    indices: arrayFromValue(Int32Array.from(list), int32, 'index'),
  }));
}

const combiners: Record<Exclude<Update, 'set'>, NativeFunction> = {
  add: native.add!,
  subtract: native.subtract!,
  multiply: native.multiply!,
  divide: native.divide!,
  maximum: native.maximum!,
  minimum: native.minimum!,
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

const scatters: Record<Exclude<Update, 'subtract' | 'divide'>, NativeFunction> = {
  set: native.scatter!,
  add: native.scatterAdd!,
  multiply: native.scatterMultiply!,
  maximum: native.scatterMaximum!,
  minimum: native.scatterMinimum!,
};

function scatter(
  operation: NativeFunction,
  a: MLXArray,
  plan: IndexPlan,
  updates: MLXArray,
): MLXArray {
  const indices = plan.arrays.map((one) => one.indices);
  const axes = plan.arrays.map((one) => one.axis);
  return call(operation, undefined, idOf(a), indices.map(idOf), idOf(updates), axes);
}

function writePlan(a: MLXArray, items: readonly Item[], value: MLXArray, update: Update): MLXArray {
  const plan = new IndexPlan(items, a.shape);
  if (plan.arrays.length === 0) {
    const part = combine(plan.readRegion(a), plan.valueForRegion(value), update);
    const cast =
      part.dtype === a.dtype ? part : call(native.astype, undefined, idOf(part), a.dtype.code);
    return plan.writeRegion(a, cast);
  }
  const part = plan.readRegion(a);
  const updates = plan.valueForScatter(value);
  return plan.writeRegion(a, scatterInto(part, plan, updates, update));
}

function scatterInto(part: MLXArray, plan: IndexPlan, updates: MLXArray, update: Update): MLXArray {
  if (update === 'subtract') {
    // Negative numbers of unsigned dtypes wrap, which is what subtracting them needs.
    const cast = call(native.astype, undefined, idOf(updates), part.dtype.code);
    const negative = call(native.negative, undefined, idOf(cast));
    return scatter(native.scatterAdd!, part, plan, negative);
  }
  if (update === 'divide') {
    // By the product of all divisors of a place, so that each place is divided once.
    const dtype = updates.dtype === bool_ ? int32 : updates.dtype;
    const ones = call(native.ones, undefined, part.shape, dtype.code);
    const divisors = scatter(native.scatterMultiply!, ones, plan, updates);
    return combine(part, divisors, 'divide');
  }
  return scatter(scatters[update], part, plan, updates);
}

/** What `a.at(...)` gives: the selected part, to be combined with values. */
export class IndexedUpdate {
  /** @internal */
  constructor(
    private readonly source: MLXArray,
    private readonly indices: readonly Index[],
  ) {}

  private update(value: ArrayLike, update: Update): MLXArray {
    return writeIndex(this.source, this.indices, value, update, `at.${update}`);
  }

  /** The array with the value added; places selected repeatedly get all values. */
  add(value: ArrayLike): MLXArray {
    return this.update(value, 'add');
  }

  /** The array with the value subtracted; places selected repeatedly lose all values. */
  subtract(value: ArrayLike): MLXArray {
    return this.update(value, 'subtract');
  }

  /** The array multiplied by the value; places selected repeatedly by all values. */
  multiply(value: ArrayLike): MLXArray {
    return this.update(value, 'multiply');
  }

  /** The array divided by the value, in its dtype; places selected repeatedly by all values. */
  divide(value: ArrayLike): MLXArray {
    return this.update(value, 'divide');
  }

  /** The array with the larger of old and new values. */
  maximum(value: ArrayLike): MLXArray {
    return this.update(value, 'maximum');
  }

  /** The array with the smaller of old and new values. */
  minimum(value: ArrayLike): MLXArray {
    return this.update(value, 'minimum');
  }
}

/** Gives an array object another value of the same shape and dtype. */
export function assign(target: MLXArray, source: MLXArray): void {
  checked(native.assign(idOf(target), idOf(source)));
}
