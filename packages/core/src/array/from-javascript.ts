import { native } from '../addon/native';
import { describe } from '../arguments/kinds';
import { checkDepth, copyList, lengthOf, mostValues } from '../arguments/lists';
import type { ArrayLike, Scalar, TypedArray } from '../arguments/types';
import {
  bool_,
  complex64,
  float16,
  float32,
  float64,
  int16,
  int32,
  int64,
  int8,
  integerRange,
  isInteger,
  promoteTypes,
  typedArrayClass,
  uint16,
  uint32,
  uint64,
  uint8,
  type Dtype,
} from '../dtypes/dtype';
import { EngineError, ShapeError, within } from '../errors/errors';
import { call, idOf, isArray, make, type MLXArray } from './array';
import { isComplex } from './complex';

const typedArrayDtypes: Readonly<Record<string, Dtype>> = {
  Int8Array: int8,
  Uint8Array: uint8,
  Uint8ClampedArray: uint8,
  Int16Array: int16,
  Uint16Array: uint16,
  Int32Array: int32,
  Uint32Array: uint32,
  Float16Array: float16,
  Float32Array: float32,
  Float64Array: float64,
  BigInt64Array: int64,
  BigUint64Array: uint64,
};

/** What every TypedArray answers, whatever its class says of itself. */
function intrinsic(key: PropertyKey): (this: ArrayBufferView) => unknown {
  const prototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
  return Object.getOwnPropertyDescriptor(prototype, key)!.get!;
}
const intrinsicLength = intrinsic('length');
const intrinsicName = intrinsic(Symbol.toStringTag);

/** The dtype of a TypedArray's elements, also for subclasses such as Buffer. */
function typedArrayDtype(values: ArrayBufferView): Dtype | undefined {
  const name = intrinsicName.call(values) as string | undefined;
  return name === undefined ? undefined : typedArrayDtypes[name];
}

/** The memory of a TypedArray; Node-API doesn't know all kinds in every version. */
export function bytesOf(values: ArrayBufferView, name: string): Uint8Array {
  try {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  } catch (cause) {
    // It was transferred elsewhere, or shrank.
    throw new TypeError(`[${name}] The TypedArray's buffer is detached or too short.`, { cause });
  }
}

/** An array with the values of a TypedArray. */
function arrayFromBytes(
  values: ArrayBufferView,
  shape: readonly number[],
  source: Dtype,
  dtype: Dtype,
  name: string,
): MLXArray {
  return make(native.fromBytes, bytesOf(values, name), shape, source.code, dtype.code);
}

/** The array of a TypedArray; Float64Array gives float32 unless a dtype is named. */
export function arrayFromTypedArray(
  values: ArrayBufferView & { readonly length?: number },
  dtype: Dtype | undefined,
  name: string,
): MLXArray {
  const source = typedArrayDtype(values);
  if (source === undefined)
    throw new TypeError(`[${name}] A ${values.constructor.name} is no TypedArray of numbers.`);
  const result = dtype ?? (source === float64 ? float32 : source);
  return arrayFromBytes(values, [valueCount(values as TypedArray, name)], source, result, name);
}

/** Whether a value is a list of values: a DataView is none. */
export function isList(value: unknown): value is readonly unknown[] | TypedArray {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** What the scalars of a list are, from the weakest to the strongest. */
enum Kind {
  boolean,
  bigint,
  number,
  complex,
}

const kindDtypes: readonly Dtype[] = [bool_, int64, float32, complex64];

const mostInAxis = 2 ** 31 - 1;
/** The most bigints and Complex numbers of a list, each of which is an object of V8's. */
const mostObjects = 2 ** 25;
/** A list of so many bytes is made without looking at the memory limit. */
const smallBytes = 2 ** 20;

/** The length of a list of values; of a TypedArray its own, whatever its class says. */
function valueCount(list: readonly unknown[] | TypedArray, name: string): number {
  if (!ArrayBuffer.isView(list)) return lengthOf(list, name, mostValues);
  const length = intrinsicLength.call(list) as number;
  // Of a detached one it is 0.
  if (length === 0) bytesOf(list, name);
  if (length > mostInAxis)
    throw new ShapeError(`[${name}] A TypedArray of ${length} elements is longer than an axis.`);
  return length;
}

function throwRagged(name: string): never {
  throw new ShapeError(`[${name}] The list is ragged: its parts have different lengths or depths.`);
}

/** The sizes of a nested list by its first elements, and the innermost of these. */
function shapeOf(list: readonly unknown[] | TypedArray, name: string): [number[], unknown] {
  const shape: number[] = [];
  let innermost: unknown = list;
  for (let inner: unknown = list; isList(inner); inner = inner[0]) {
    checkDepth(shape.length, name);
    const length = valueCount(inner, name);
    shape.push(length);
    innermost = inner;
    if (length === 0 || ArrayBuffer.isView(inner)) break;
  }
  return [shape, innermost];
}

/** The number of values of a shape; throws before memory is asked for that there isn't. */
function checkedSize(shape: readonly number[], itemsize: number, name: string): number {
  const size = shape.reduce((product, n) => product * n, 1);
  const bytes = size * itemsize;
  if (bytes <= smallBytes) return size;
  const limit = native.hostMemoryLimit() as number;
  if (bytes > limit)
    throw new EngineError(
      `[${name}] A list of shape (${shape.join(',')}) needs ${bytes} bytes, but the memory limit ` +
        `is ${limit}; see setMemoryLimit.`,
    );
  return size;
}

/** Calls visit with each innermost list of a nested list of a shape. */
function forEachInnermost(
  value: unknown,
  shape: readonly number[],
  name: string,
  visit: (list: readonly unknown[] | TypedArray, length: number) => void,
  depth = 0,
): void {
  if (!isList(value)) throwRagged(name);
  const length = valueCount(value, name);
  if (length !== shape[depth]) throwRagged(name);
  if (depth + 1 === shape.length) {
    visit(value, length);
    return;
  }
  if (ArrayBuffer.isView(value)) throwRagged(name);
  for (let i = 0; i < length; i++) forEachInnermost(value[i], shape, name, visit, depth + 1);
}

/** The values of a nested list of TypedArrays of one dtype, copied as a whole; else undefined. */
function joinViews(
  list: readonly unknown[] | TypedArray,
  shape: readonly number[],
  dtype: Dtype,
  name: string,
): ArrayBufferView | undefined {
  const views: TypedArray[] = [];
  let isUniform = true;
  forEachInnermost(list, shape, name, (inner) => {
    if (ArrayBuffer.isView(inner) && typedArrayDtype(inner) === dtype) views.push(inner);
    else isUniform = false;
  });
  if (!isUniform) return undefined;
  const bytes = new Uint8Array(checkedSize(shape, dtype.size, name) * dtype.size);
  let at = 0;
  for (const view of views) {
    const own = bytesOf(view, name);
    bytes.set(own, at);
    at += own.byteLength;
  }
  return bytes;
}

/** A nested list laid out flat. */
class FlatList {
  readonly numbers: Float64Array;
  kind = Kind.boolean;
  /** The values that are more than numbers, and their places. */
  readonly exact: Scalar[] = [];
  readonly exactPlaces: number[] = [];
  private next = 0;

  constructor(
    list: readonly unknown[] | TypedArray,
    shape: readonly number[],
    private readonly name: string,
  ) {
    const size = checkedSize(shape, Float64Array.BYTES_PER_ELEMENT, name);
    this.numbers = new Float64Array(size);
    forEachInnermost(list, shape, name, (inner, length) => {
      for (let i = 0; i < length; i++) this.push(inner[i]);
    });
    if (size === 0) this.kind = Kind.number;
  }

  private push(value: unknown): void {
    const place = this.next++;
    switch (typeof value) {
      case 'number':
        this.kind = Math.max(this.kind, Kind.number);
        this.numbers[place] = value;
        break;
      case 'boolean':
        this.numbers[place] = value ? 1 : 0;
        break;
      case 'undefined':
        // A hole in the list, which is 0.
        this.kind = Math.max(this.kind, Kind.number);
        break;
      case 'bigint':
        this.kind = Math.max(this.kind, Kind.bigint);
        this.numbers[place] = Number(value);
        this.pushExact(value, place);
        break;
      default:
        if (!isComplex(value)) this.throwKind(value);
        this.kind = Kind.complex;
        this.numbers[place] = value.re;
        this.pushExact(value, place);
    }
  }

  private pushExact(value: Scalar, place: number): void {
    if (this.exact.length === mostObjects)
      throw new RangeError(
        `[${this.name}] A list has more than ${mostObjects} bigints or Complex numbers; use a ` +
          'TypedArray.',
      );
    this.exact.push(value);
    this.exactPlaces.push(place);
  }

  private throwKind(value: unknown): never {
    if (isList(value)) throwRagged(this.name);
    throw new TypeError(
      `[${this.name}] A list holds numbers, booleans, bigints, Complex numbers, arrays and ` +
        `lists of these, but not ${describe(value)}.`,
    );
  }

  /** Calls visit with each value and its place. */
  forEach(visit: (value: Scalar, place: number) => void): void {
    let next = 0;
    for (let place = 0; place < this.numbers.length; place++)
      if (this.exactPlaces[next] === place) visit(this.exact[next++]!, place);
      else visit(this.numbers[place]!, place);
  }
}

function realPart(value: Scalar): number | bigint {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'object' ? value.re : value;
}

/** An integer for a dtype, as JavaScript's conversion from numbers truncates; no wrapping. */
function toInteger(value: Scalar, dtype: Dtype, name: string): bigint {
  const real = realPart(value);
  const { min, max } = integerRange(dtype);
  const whole =
    typeof real === 'bigint' ? real : Number.isFinite(real) ? BigInt(Math.trunc(real)) : undefined;
  if (whole === undefined || whole < min || whole > max)
    throw new RangeError(
      `[${name}] ${String(value)} does not fit ${dtype}, whose range is ${min} to ${max}.`,
    );
  return whole;
}

/** The values as bytes, and the dtype of these bytes. */
function pack(values: FlatList, dtype: Dtype, name: string): [ArrayBufferView, Dtype] {
  const { numbers, exact, exactPlaces } = values;
  const size = numbers.length;
  if (dtype === complex64) {
    const parts = new Float32Array(2 * checkedSize([size], complex64.size, name));
    for (let i = 0; i < size; i++) parts[2 * i] = numbers[i]!;
    exact.forEach((value, i) => {
      if (typeof value === 'object') parts[2 * exactPlaces[i]! + 1] = value.im;
    });
    return [parts, complex64];
  }
  if (isInteger(dtype)) {
    if (dtype.size < 8) {
      const integers = new (typedArrayClass(dtype))(size);
      values.forEach((value, i) => (integers[i] = Number(toInteger(value, dtype, name))));
      return [integers, dtype];
    }
    const integers = dtype === int64 ? new BigInt64Array(size) : new BigUint64Array(size);
    values.forEach((value, i) => (integers[i] = toInteger(value, dtype, name)));
    return [integers, dtype];
  }
  if (dtype === bool_) {
    // Imaginary numbers are not zero.
    exact.forEach((value, i) => {
      if (typeof value === 'object' && value.im !== 0) numbers[exactPlaces[i]!] = 1;
    });
  }
  return [numbers, float64];
}

const mostHoles = 2 ** 20;

function containsArray(value: unknown, name: string, depth = 0): boolean {
  checkDepth(depth, name);
  if (!Array.isArray(value)) return isArray(value);
  const length = lengthOf(value, name, mostValues);
  let holes = 0;
  for (let i = 0; i < length; i++) {
    const part: unknown = value[i];
    // V8 keeps a long list of holes as a table, which takes minutes to read.
    if (part === undefined && ++holes > mostHoles)
      throw new RangeError(
        `[${name}] A list of ${length} elements has more than ${mostHoles} holes.`,
      );
    if (typeof part === 'object' && containsArray(part, name, depth + 1)) return true;
  }
  return false;
}

/** A list with arrays in it, stacked along a new first axis. */
function stackList(list: readonly unknown[], dtype: Dtype | undefined, name: string): MLXArray {
  const parts = copyList(list, name).map((value) =>
    arrayFromValue(value as ArrayLike, dtype, name),
  );
  return within(name, () => {
    const common = dtype ?? parts.map((part) => part.dtype).reduce(promoteTypes);
    const cast = parts.map((part) => castTo(part, common));
    return call(native.stack, undefined, cast.map(idOf), 0);
  });
}

function castTo(a: MLXArray, dtype: Dtype): MLXArray {
  return a.dtype === dtype ? a : call(native.astype, undefined, idOf(a), dtype.code);
}

function arrayFromList(
  list: readonly unknown[],
  shape: readonly number[],
  dtype: Dtype | undefined,
  name: string,
  resultShape = shape,
): MLXArray {
  const flat = new FlatList(list, shape, name);
  const result = dtype ?? kindDtypes[flat.kind]!;
  const [bytes, source] = pack(flat, result, name);
  return arrayFromBytes(bytes, resultShape, source, result, name);
}

/** An array with a value's contents; arrays are copied. */
export function arrayFromValue(value: ArrayLike, dtype: Dtype | undefined, name: string): MLXArray {
  if (isArray(value)) {
    return within(name, () =>
      dtype !== undefined && value.dtype !== dtype
        ? castTo(value, dtype)
        : call(native.copy, undefined, idOf(value)),
    );
  }
  if (ArrayBuffer.isView(value)) return arrayFromTypedArray(value, dtype, name);
  if (!Array.isArray(value)) return arrayFromList([value], [1], dtype, name, []);
  if (containsArray(value, name)) return stackList(value, dtype, name);
  const [shape, innermost] = shapeOf(value, name);
  const source = ArrayBuffer.isView(innermost) ? typedArrayDtype(innermost) : undefined;
  if (source !== undefined) {
    const result = dtype ?? (source === int64 || source === uint64 ? int64 : float32);
    // Integers are checked one by one.
    const isDirect = !isInteger(result) || result === source;
    const bytes = isDirect ? joinViews(value, shape, source, name) : undefined;
    if (bytes !== undefined) return arrayFromBytes(bytes, shape, source, result, name);
  }
  return arrayFromList(value, shape, dtype, name);
}
