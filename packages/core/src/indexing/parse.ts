import { checkDepth, lengthOf, mostValues } from '../arguments/lists';
import { refuseForeign } from '../arguments/operands';
import type { TypedArray } from '../arguments/types';
import { isArray, type MLXArray } from '../array/array';
import { arrayFromValue, isList } from '../array/from-javascript';
import { bool_, int32, isInteger } from '../dtypes/dtype';
import { DtypeError } from '../errors/errors';
import { isSlice, parseSlice, resolveSlice, type Slice } from './slice';

/** One index: null is a new axis, '...' all axes that are not named. */
export type Index =
  | number
  | boolean
  | string
  | Slice
  | null
  | MLXArray
  | readonly (number | boolean)[]
  | readonly (readonly (number | boolean)[])[]
  | TypedArray;

/** A part of an index expression that was checked against the array's shape. */
export type Item =
  | { readonly kind: 'newaxis' }
  /** What an ellipsis stands for follows, perhaps nothing; it parts index arrays all the same. */
  | { readonly kind: 'ellipsis' }
  | { readonly kind: 'integer'; readonly axis: number; readonly index: number }
  | {
      readonly kind: 'slice';
      readonly axis: number;
      readonly start: number;
      readonly step: number;
      readonly count: number;
    }
  | { readonly kind: 'array'; readonly axis: number; readonly indices: MLXArray }
  | { readonly kind: 'mask'; readonly axis: number; readonly mask: MLXArray };

type Parsed =
  | { kind: 'ellipsis' | 'newaxis' }
  | { kind: 'integer'; index: number }
  | { kind: 'slice'; slice: Slice }
  | { kind: 'list'; list: unknown }
  | { kind: 'array'; array: MLXArray };

function parseText(text: string, name: string): Parsed {
  const trimmed = text.trim();
  if (trimmed === '...') return { kind: 'ellipsis' };
  if (/^-?\d+$/.test(trimmed)) return { kind: 'integer', index: Number(trimmed) };
  const slice = parseSlice(trimmed);
  if (slice === undefined)
    throw new TypeError(`[${name}] '${text}' is no index; write '1:', '::-1', '2:5' or '...'.`);
  return { kind: 'slice', slice };
}

function parseOne(index: unknown, name: string): Parsed {
  if (index === null) return { kind: 'newaxis' };
  if (typeof index === 'string') return parseText(index, name);
  if (isSlice(index)) return { kind: 'slice', slice: index };
  if (isArray(index)) return { kind: 'array', array: index };
  if (typeof index === 'boolean')
    return { kind: 'array', array: arrayFromValue(index, bool_, name) };
  if (Array.isArray(index) || ArrayBuffer.isView(index)) return { kind: 'list', list: index };
  if (typeof index === 'number') {
    if (Number.isInteger(index)) return { kind: 'integer', index };
    throw new TypeError(`[${name}] The index ${index} is not an integer.`);
  }
  refuseForeign(index, name);
  throw new TypeError(
    `[${name}] An index is an integer, a Slice, text like '1:', null, a mask, or an array of integers, ` +
      `but got ${typeof index}.`,
  );
}

/** The index counted from the front; throws RangeError outside of the axis. */
export function checkIndex(index: number, axis: number, size: number, name: string): number {
  if (index < -size || index >= size)
    throw new RangeError(
      `[${name}] Index ${BigInt(index)} is out of bounds for axis ${axis} with size ${size}.`,
    );
  return index < 0 ? index + size : index;
}

/** Throws RangeError if a list has an index outside of the axis; the shape of the list is free. */
export function checkIndices(
  list: unknown,
  axis: number,
  size: number,
  name: string,
  depth = 0,
): void {
  checkDepth(depth, name);
  if (typeof list === 'number') {
    if (!Number.isInteger(list))
      throw new DtypeError(
        `[${name}] Indices are integers, but got ${list}; convert arrays by .astype(mx.int32).`,
      );
    checkIndex(list, axis, size, name);
  } else if (isList(list)) {
    const length = lengthOf(list, name, mostValues);
    for (let i = 0; i < length; i++) {
      const one = list[i];
      checkIndices(typeof one === 'bigint' ? Number(one) : one, axis, size, name, depth + 1);
    }
  } else {
    throw new TypeError(`[${name}] Indices are integers, but got ${typeof list}.`);
  }
}

function firstLeaf(list: unknown, name: string): unknown {
  let inner = list;
  for (let depth = 0; Array.isArray(inner); depth++) {
    checkDepth(depth, name);
    inner = inner[0] as unknown;
  }
  return inner;
}

/** How many axes of the array an index takes. */
function axesTaken(parsed: Parsed): number {
  if (parsed.kind === 'ellipsis' || parsed.kind === 'newaxis') return 0;
  if (parsed.kind === 'array' && parsed.array.dtype === bool_) return parsed.array.ndim;
  return 1;
}

/** Checks an index expression against a shape; the items name every axis. */
export function parseIndices(
  indices: readonly unknown[],
  shape: readonly number[],
  name: string,
): Item[] {
  const parsed = indices.map((index) => {
    const one = parseOne(index, name);
    // Lists of booleans are masks; an empty list selects nothing.
    if (one.kind === 'list' && typeof firstLeaf(one.list, name) === 'boolean')
      return { kind: 'array', array: arrayFromValue(one.list as never, bool_, name) } as Parsed;
    return one;
  });
  const ellipses = parsed.filter((one) => one.kind === 'ellipsis').length;
  if (ellipses > 1) throw new TypeError(`[${name}] Only one '...' may stand in an index.`);
  if (ellipses === 0) parsed.push({ kind: 'ellipsis' });
  const taken = parsed.reduce((sum, one) => sum + axesTaken(one), 0);
  if (taken > shape.length)
    throw new RangeError(
      `[${name}] ${taken} axes are indexed, but the array has ${shape.length}: (${shape.join(',')}).`,
    );
  const items: Item[] = [];
  let axis = 0;
  const takeAll = (): void => {
    items.push({ kind: 'slice', axis, start: 0, step: 1, count: shape[axis]! });
    axis++;
  };
  for (const one of parsed) {
    switch (one.kind) {
      case 'newaxis':
        items.push({ kind: 'newaxis' });
        break;
      case 'ellipsis':
        items.push({ kind: 'ellipsis' });
        for (let i = taken; i < shape.length; i++) takeAll();
        break;
      case 'integer':
        items.push({
          kind: 'integer',
          axis,
          index: checkIndex(one.index, axis, shape[axis]!, name),
        });
        axis++;
        break;
      case 'slice': {
        const [start, step, count] = resolveSlice(one.slice, shape[axis]!);
        items.push({ kind: 'slice', axis, start, step, count });
        axis++;
        break;
      }
      case 'list':
        checkIndices(one.list, axis, shape[axis]!, name);
        items.push({
          kind: 'array',
          axis,
          indices: arrayFromValue(one.list as never, int32, name),
        });
        axis++;
        break;
      case 'array': {
        const { array } = one;
        if (array.dtype === bool_) {
          checkMask(array, axis, shape, name);
          items.push({ kind: 'mask', axis, mask: array });
          axis += array.ndim;
          break;
        }
        if (!isInteger(array.dtype))
          throw new DtypeError(
            `[${name}] An index array has an integer dtype, not ${array.dtype}; convert it by ` +
              '.astype(mx.int32).',
          );
        items.push({ kind: 'array', axis, indices: array });
        axis++;
        break;
      }
    }
  }
  return items;
}

function checkMask(mask: MLXArray, axis: number, shape: readonly number[], name: string): void {
  const maskShape = mask.shape;
  maskShape.forEach((size, i) => {
    if (size !== shape[axis + i])
      throw new RangeError(
        `[${name}] A mask of shape (${maskShape.join(',')}) does not fit an array of shape ` +
          `(${shape.join(',')}) from axis ${axis} on.`,
      );
  });
}
