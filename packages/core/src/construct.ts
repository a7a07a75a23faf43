import { call, idOf, isArray, type MLXArray } from './array';
import { isComplex } from './complex';
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
  uint16,
  uint32,
  uint64,
  uint8,
  type Dtype,
} from './dtype';
import { ShapeError } from './errors';
import { native } from './native';
import type { ArrayLike, Scalar, TypedArray } from './types';

/** The constructor of Float16Array, where the runtime has it. */
export const Float16ArrayConstructor = (
  globalThis as { Float16Array?: new (size: number) => ArrayBufferView & { length: number } }
).Float16Array;

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

/** The dtype of a TypedArray's elements, also for subclasses such as Buffer. */
function typedArrayDtype(values: ArrayBufferView): Dtype | undefined {
  const name = (values as unknown as { [Symbol.toStringTag]?: string })[Symbol.toStringTag];
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
): MLXArray {
  return call(
    native.fromBytes,
    undefined,
    bytesOf(values, 'array'),
    shape,
    source.code,
    dtype.code,
  );
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
  return arrayFromBytes(values, [values.length!], source, result);
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

const mostDimensions = 256;

/** Throws where a list is nested too deep: one that contains itself would have no end. */
export function checkDepth(depth: number, name: string): void {
  if (depth > mostDimensions)
    throw new RangeError(
      `[${name}] The list is nested more than ${mostDimensions} times, or contains itself.`,
    );
}

/** A nested list laid out flat. */
class FlatList {
  readonly shape: number[] = [];
  readonly values: Scalar[] = [];
  kind = Kind.boolean;

  constructor(
    list: readonly unknown[] | TypedArray,
    private readonly name: string,
  ) {
    for (let inner: unknown = list; isList(inner); inner = inner[0]) {
      checkDepth(this.shape.length, name);
      this.shape.push(inner.length);
      if (inner.length === 0) break;
    }
    this.append(list, 0);
    if (this.values.length === 0) this.kind = Kind.number;
  }

  private append(value: unknown, depth: number): void {
    if (!isList(value)) {
      if (depth !== this.shape.length) this.throwRagged();
      this.values.push(this.scalar(value));
      return;
    }
    if (depth >= this.shape.length || value.length !== this.shape[depth]) this.throwRagged();
    for (let i = 0; i < value.length; i++) this.append(value[i], depth + 1);
  }

  private scalar(value: unknown): Scalar {
    switch (typeof value) {
      case 'number':
        this.kind = Math.max(this.kind, Kind.number);
        return value;
      case 'boolean':
        return value;
      case 'bigint':
        this.kind = Math.max(this.kind, Kind.bigint);
        return value;
      case 'undefined':
        // A hole in the list.
        this.kind = Math.max(this.kind, Kind.number);
        return 0;
      default:
        if (!isComplex(value))
          throw new TypeError(
            `[${this.name}] A list holds numbers, booleans, bigints, Complex numbers, arrays and ` +
              `lists of these, but not ${value === null ? 'null' : `a ${typeof value}`}.`,
          );
        this.kind = Kind.complex;
        return value;
    }
  }

  private throwRagged(): never {
    throw new ShapeError(
      `[${this.name}] The list is ragged: its parts have different lengths or depths.`,
    );
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

const integerArrays = new Map<Dtype, new (size: number) => TypedArray>([
  [uint8, Uint8Array],
  [uint16, Uint16Array],
  [uint32, Uint32Array],
  [int8, Int8Array],
  [int16, Int16Array],
  [int32, Int32Array],
]);

/** The values as bytes, and the dtype of these bytes. */
function pack(values: readonly Scalar[], dtype: Dtype, name: string): [ArrayBufferView, Dtype] {
  const size = values.length;
  if (dtype === bool_) {
    const bytes = new Uint8Array(size);
    values.forEach((value, i) => {
      const zero = typeof value === 'object' ? value.re === 0 && value.im === 0 : !value;
      // NaN is not zero, though JavaScript calls it falsy.
      bytes[i] = zero && !Number.isNaN(value) ? 0 : 1;
    });
    return [bytes, bool_];
  }
  if (dtype === complex64) {
    const parts = new Float32Array(2 * size);
    values.forEach((value, i) => {
      parts[2 * i] = Number(realPart(value));
      if (typeof value === 'object') parts[2 * i + 1] = value.im;
    });
    return [parts, complex64];
  }
  if (isInteger(dtype)) {
    const Small = integerArrays.get(dtype);
    if (Small !== undefined) {
      const numbers = new Small(size) as Int32Array;
      values.forEach((value, i) => (numbers[i] = Number(toInteger(value, dtype, name))));
      return [numbers, dtype];
    }
    const integers = dtype === int64 ? new BigInt64Array(size) : new BigUint64Array(size);
    values.forEach((value, i) => (integers[i] = toInteger(value, dtype, name)));
    return [integers, dtype];
  }
  const numbers = dtype === float32 ? new Float32Array(size) : new Float64Array(size);
  for (let i = 0; i < size; i++) numbers[i] = Number(realPart(values[i]!));
  return [numbers, dtype === float32 ? float32 : float64];
}

function containsArray(value: unknown, name: string, depth = 0): boolean {
  checkDepth(depth, name);
  return (
    isArray(value) ||
    (Array.isArray(value) && value.some((part) => containsArray(part, name, depth + 1)))
  );
}

/** A list with arrays in it, stacked along a new first axis. */
function stackList(list: readonly unknown[], dtype: Dtype | undefined, name: string): MLXArray {
  const parts = list.map((value) => arrayFromValue(value as ArrayLike, dtype, name));
  const common = dtype ?? parts.map((part) => part.dtype).reduce(promoteTypes);
  const cast = parts.map((part) => castTo(part, common));
  const operands = cast.map(idOf);
  return call(native.stack, undefined, operands, 0);
}

function castTo(a: MLXArray, dtype: Dtype): MLXArray {
  return a.dtype === dtype ? a : call(native.astype, undefined, idOf(a), dtype.code);
}

/** An array with a value's contents; arrays are copied. */
export function arrayFromValue(value: ArrayLike, dtype: Dtype | undefined, name: string): MLXArray {
  if (isArray(value)) {
    if (dtype !== undefined && value.dtype !== dtype) return castTo(value, dtype);
    return call(native.copy, undefined, idOf(value));
  }
  if (ArrayBuffer.isView(value)) return arrayFromTypedArray(value, dtype, name);
  if (Array.isArray(value)) {
    if (value.some((part) => containsArray(part, name))) return stackList(value, dtype, name);
    const flat = new FlatList(value, name);
    const result = dtype ?? kindDtypes[flat.kind]!;
    const [bytes, source] = pack(flat.values, result, name);
    return arrayFromBytes(bytes, flat.shape, source, result);
  }
  const scalar = value as Scalar;
  const flat = new FlatList([scalar], name);
  const result = dtype ?? kindDtypes[flat.kind]!;
  const [bytes, source] = pack(flat.values, result, name);
  return arrayFromBytes(bytes, [], source, result);
}
