import { native } from '../addon/native';
import { call, idOf, type MLXArray } from '../array/array';
import { arrayFromValue } from '../array/from-javascript';
import { int32 } from '../dtypes/dtype';
import { ShapeError } from '../errors/errors';
import type { Item } from './parse';

/** Start, stop and stride of a strided part, for each axis. */
interface Region {
  readonly start: number[];
  readonly stop: number[];
  readonly strides: number[];
  /** Sizes of the part; axes of single indices have size one. */
  readonly sizes: number[];
  /** Whether it is the whole array. */
  readonly isAll: boolean;
}

interface IndexArray {
  readonly axis: number;
  readonly indices: MLXArray;
}

/**
 * How an index expression reads from an array and writes into it: first a strided part, then
 * index arrays along some of its axes. What they select has the places of the index arrays, as one
 * block of axes, among the other axes of the part.
 */
export class IndexPlan {
  readonly region: Region;
  readonly arrays: readonly IndexArray[];
  /** The index arrays' shape, broadcast. */
  private readonly block: number[];
  /** Axes of the part that stay, in order. */
  private readonly kept: number[];
  /** How many kept axes stand before the block. */
  private readonly before: number;
  /** Places of new axes in the result. */
  private readonly newAxes: number[];
  /** The result's shape. */
  readonly shape: number[];

  constructor(items: readonly Item[], shape: readonly number[], name: string) {
    // Beside index arrays a single index counts as one, as in NumPy.
    const advanced = items.some((item) => item.kind === 'array');
    const isArrayItem = (item: Item): boolean =>
      item.kind === 'array' || (advanced && item.kind === 'integer');
    this.arrays = items.flatMap((item) => {
      if (item.kind === 'array') return [{ axis: item.axis, indices: item.indices }];
      if (advanced && item.kind === 'integer')
        return [{ axis: item.axis, indices: arrayFromValue(item.index, int32, name) }];
      return [];
    });
    this.region = regionOf(items, shape, advanced);
    this.block = blockOf(
      this.arrays.map(({ indices }) => indices.shape),
      name,
    );
    for (const { axis } of this.arrays)
      if (shape[axis] === 0 && !this.block.includes(0))
        throw new RangeError(`[${name}] No index fits axis ${axis}, which has size 0.`);
    this.kept = items.flatMap((item) => (item.kind === 'slice' ? [item.axis] : []));

    // The block stands where the index arrays stood if they are neighbours, else in front.
    const places = items.map(isArrayItem);
    const first = places.indexOf(true);
    const last = places.lastIndexOf(true);
    const together = advanced && places.slice(first, last + 1).every(Boolean);
    const inFront = together ? items.slice(0, first) : [];
    this.before = inFront.filter((item) => item.kind === 'slice').length;

    this.newAxes = [];
    this.shape = [];
    const addBlock = (): void => void this.shape.push(...this.block);
    if (advanced && !together) addBlock();
    items.forEach((item, i) => {
      if (advanced && together && i === first) addBlock();
      if (item.kind === 'slice') this.shape.push(item.count);
      if (item.kind === 'newaxis') {
        this.newAxes.push(this.shape.length);
        this.shape.push(1);
      }
    });
  }

  /** The order that brings [block, kept axes] to the result's order without its new axes. */
  private order(): number[] {
    const blockAxes = this.block.map((_, i) => i);
    const keptAxes = this.kept.map((_, i) => this.block.length + i);
    return [...keptAxes.slice(0, this.before), ...blockAxes, ...keptAxes.slice(this.before)];
  }

  private get isOrdered(): boolean {
    return this.before === 0 || this.block.length === 0;
  }

  /** What the expression selects. */
  read(a: MLXArray): MLXArray {
    // Nothing is read from axes of size zero either.
    if (this.block.includes(0)) return call(native.zeros, undefined, this.shape, a.dtype.code);
    let result = this.readRegion(a);
    if (this.arrays.length > 0) {
      const sizes = this.region.sizes.map((size, axis) => (this.isIndexed(axis) ? 1 : size));
      const axes = this.arrays.map(({ axis }) => axis);
      const indices = this.arrays.map((one) => one.indices);
      result = call(native.gather, undefined, idOf(result), indices.map(idOf), axes, sizes);
      result = this.squeeze(
        result,
        axes.map((axis) => this.block.length + axis),
      );
      if (!this.isOrdered) result = call(native.transpose, undefined, idOf(result), this.order());
    } else {
      const dropped = this.region.sizes.flatMap((_, axis) =>
        this.kept.includes(axis) ? [] : [axis],
      );
      result = this.squeeze(result, dropped);
    }
    if (this.newAxes.length === 0) return result;
    return call(native.expandDims, undefined, idOf(result), this.newAxes);
  }

  /** The strided part, whose axes are all the array's. */
  readRegion(a: MLXArray): MLXArray {
    const { start, stop, strides, isAll } = this.region;
    return isAll ? a : call(native.slice, undefined, idOf(a), start, stop, strides);
  }

  /** The array with another strided part. */
  writeRegion(a: MLXArray, part: MLXArray): MLXArray {
    const { start, stop, strides, isAll } = this.region;
    if (isAll) return part;
    return call(native.sliceUpdate, undefined, idOf(a), idOf(part), start, stop, strides);
  }

  /** A value, broadcast to the result's shape, in the shape of the strided part. */
  valueForRegion(value: MLXArray): MLXArray {
    return this.reshape(this.broadcast(value), this.region.sizes);
  }

  /** A value, broadcast to the result's shape, as scatter wants its updates. */
  valueForScatter(value: MLXArray): MLXArray {
    let updates = this.broadcast(value);
    const withoutNew = this.shape.filter((_, i) => !this.newAxes.includes(i));
    updates = this.reshape(updates, withoutNew);
    if (!this.isOrdered) {
      const inverse: number[] = [];
      this.order().forEach((from, to) => (inverse[from] = to));
      updates = call(native.transpose, undefined, idOf(updates), inverse);
    }
    const sizes = this.region.sizes.map((size, axis) => (this.isIndexed(axis) ? 1 : size));
    return this.reshape(updates, [...this.block, ...sizes]);
  }

  private isIndexed(axis: number): boolean {
    return this.arrays.some((one) => one.axis === axis);
  }

  private squeeze(a: MLXArray, axes: number[]): MLXArray {
    return axes.length === 0 ? a : call(native.squeeze, undefined, idOf(a), axes);
  }

  private broadcast(value: MLXArray): MLXArray {
    return call(native.broadcastTo, undefined, idOf(value), this.shape);
  }

  private reshape(a: MLXArray, shape: readonly number[]): MLXArray {
    return call(native.reshape, undefined, idOf(a), shape);
  }
}

/** The shape to which index arrays are broadcast. */
function blockOf(shapes: readonly number[][], name: string): number[] {
  const ndim = shapes.reduce((most, shape) => Math.max(most, shape.length), 0);
  const block = Array.from({ length: ndim }, () => 1);
  for (const shape of shapes)
    shape.forEach((size, i) => {
      const at = ndim - shape.length + i;
      if (size !== 1 && block[at] !== 1 && block[at] !== size)
        throw new ShapeError(
          `[${name}] Index arrays of shapes ${shapes.map((one) => `(${one.join(',')})`).join(' and ')} ` +
            'do not fit each other.',
        );
      if (size !== 1) block[at] = size;
    });
  return block;
}

function regionOf(items: readonly Item[], shape: readonly number[], advanced: boolean): Region {
  const start = shape.map(() => 0);
  const stop = [...shape];
  const strides = shape.map(() => 1);
  const sizes = [...shape];
  let isAll = true;
  for (const item of items) {
    if (item.kind === 'integer' && !advanced) {
      isAll = false;
      start[item.axis] = item.index;
      stop[item.axis] = item.index + 1;
      sizes[item.axis] = 1;
    } else if (item.kind === 'slice') {
      const size = shape[item.axis]!;
      if (item.start === 0 && item.step === 1 && item.count === size) continue;
      isAll = false;
      const end = item.start + item.step * item.count;
      start[item.axis] = item.start;
      // Before the first element: a plain -1 would mean the last one.
      stop[item.axis] = end < 0 ? -size - 1 : Math.min(end, size);
      strides[item.axis] = item.step;
      sizes[item.axis] = item.count;
      if (item.count === 0) {
        start[item.axis] = 0;
        stop[item.axis] = 0;
        strides[item.axis] = 1;
      }
    }
  }
  return { start, stop, strides, sizes, isAll };
}
