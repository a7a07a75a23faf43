import { native } from '../addon/native';
import type { DtypeCode } from '../addon/types';
import { checkCount } from '../arguments/count';
import { copyList } from '../arguments/lists';
import type { TypedArray } from '../arguments/types';
import { DtypeError } from '../errors/errors';

/** A group of dtypes, such as `floating`. */
export class DtypeCategory {
  /** @internal */
  constructor(
    readonly name: string,
    /** The group that contains this one. */
    readonly parent: DtypeCategory | null,
  ) {
    Object.freeze(this);
  }

  /** The name. */
  toString(): string {
    if (!(this instanceof DtypeCategory))
      throw new TypeError('[DtypeCategory.toString] Expected a DtypeCategory before the dot.');
    return this.name;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.name;
  }
}

/** Every dtype and category. */
export const generic = new DtypeCategory('generic', null);
/** All dtypes but `bool_`. */
export const number = new DtypeCategory('number', generic);
/** All integers. */
export const integer = new DtypeCategory('integer', number);
/** Integers with a sign. */
export const signedinteger = new DtypeCategory('signedinteger', integer);
/** Integers without a sign. */
export const unsignedinteger = new DtypeCategory('unsignedinteger', integer);
/** Floating and complex dtypes. */
export const inexact = new DtypeCategory('inexact', number);
/** Real floating dtypes. */
export const floating = new DtypeCategory('floating', inexact);
/** Complex dtypes. */
export const complexfloating = new DtypeCategory('complexfloating', inexact);

/**
 * The type of an array's elements. There is one object for each dtype, so `===` compares them.
 *
 * @example
 * ```ts
 * console.log(mx.float16.size); // => 2
 * console.log(mx.zeros([2]).dtype === mx.float32); // => true
 * ```
 */
export class Dtype {
  /** @internal */
  constructor(
    readonly name: string,
    /** Bytes an element. */
    readonly size: number,
    /** The smallest group it belongs to. */
    readonly category: DtypeCategory,
    /** @internal The engine's number for it. */
    readonly code: DtypeCode,
  ) {
    Object.freeze(this);
  }

  /** The name. */
  toString(): string {
    if (!(this instanceof Dtype))
      throw new TypeError('[Dtype.toString] Expected a Dtype before the dot.');
    return this.name;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.name;
  }
}

declare const named: unique symbol;

/**
 * A dtype whose name is known when a program is compiled, such as `mx.float32`. Dtypes of all names
 * can be assigned to each other: `let dtype = mx.float32` may become another one.
 */
export type NamedDtype<Name extends string> = Dtype & {
  readonly [named]?: { readonly dtype?: true } & { readonly [N in Name]?: true };
};

interface TypedArrays {
  bool: Uint8Array;
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  bfloat16: Uint16Array;
  float32: Float32Array;
  float64: Float64Array;
  complex64: Float32Array;
}

type NameOf<D> = D extends { readonly [named]?: infer N } ? keyof NonNullable<N> : never;

/** The typed array in which the values of a dtype leave; of float16 it depends on the runtime. */
export type TypedArrayOf<D extends Dtype> = [NameOf<D> & keyof TypedArrays] extends [never]
  ? TypedArray
  : TypedArrays[NameOf<D> & keyof TypedArrays];

type TypedArrayClass<T extends TypedArray = TypedArray> = new (size: number) => T;

/** The constructor of Float16Array, where the runtime has it. */
const Float16ArrayConstructor = (
  globalThis as { Float16Array?: new (size: number) => ArrayBufferView & { length: number } }
).Float16Array;

const typedArrays: {
  readonly [Name in keyof TypedArrays]: TypedArrayClass<TypedArrays[Name]>;
} & { readonly float16: TypedArrayClass } = {
  bool: Uint8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  // Where the runtime has no Float16Array, the bits.
  float16: (Float16ArrayConstructor as TypedArrayClass | undefined) ?? Uint16Array,
  bfloat16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  complex64: Float32Array,
};

/** In which the values of a dtype leave. */
export function typedArrayClass(dtype: Dtype): TypedArrayClass {
  return typedArrays[dtype.name as keyof typeof typedArrays];
}

/** All of them, by the engine's number. */
const dtypes: Dtype[] = [];
/** The engine's own table: names, sizes and categories, in the order of its numbers. */
const rows = native.dtypes()!;
const categories = [generic, signedinteger, unsignedinteger, floating, complexfloating];

function dtype<const Name extends string>(name: Name): NamedDtype<Name> {
  const code = rows.findIndex(([known]) => known === name);
  const [, size, group] = rows[code]!;
  const category = categories.find((one) => one.name === group)!;
  return (dtypes[code] = new Dtype(name, size, category, code as DtypeCode));
}

/** True or false. */
export const bool_ = dtype('bool');
/** Integers from 0 to 255. */
export const uint8 = dtype('uint8');
/** Integers from 0 to 65,535. */
export const uint16 = dtype('uint16');
/** Integers from 0 to 2^32 - 1. */
export const uint32 = dtype('uint32');
/** Integers from 0 to 2^64 - 1; they leave as bigints beyond 2^53. */
export const uint64 = dtype('uint64');
/** Integers from -128 to 127. */
export const int8 = dtype('int8');
/** Integers from -32,768 to 32,767. */
export const int16 = dtype('int16');
/** Integers from -2^31 to 2^31 - 1. */
export const int32 = dtype('int32');
/** Integers from -2^63 to 2^63 - 1; they leave as bigints beyond 2^53. */
export const int64 = dtype('int64');
/** IEEE half precision: 11 significant bits, up to 65,504. */
export const float16 = dtype('float16');
/** IEEE single precision: what JavaScript numbers become. */
export const float32 = dtype('float32');
/** IEEE double precision; on the CPU only. */
export const float64 = dtype('float64');
/** The range of float32 with 8 significant bits. */
export const bfloat16 = dtype('bfloat16');
/** Two float32: real and imaginary part. */
export const complex64 = dtype('complex64');

/** The dtype with the engine's number. */
export function dtypeFromCode(code: DtypeCode): Dtype {
  return dtypes[code]!;
}

/** Throws a TypeError for what is neither a dtype nor, where they are allowed, a category. */
function checkDtype(value: unknown, name: string, mayBeCategory = false): void {
  if (value instanceof Dtype || (mayBeCategory && value instanceof DtypeCategory)) return;
  throw new TypeError(
    `[${name}] Expected a Dtype, such as mx.float32${mayBeCategory ? ', or a category' : ''}, ` +
      `but got ${value === null ? 'null' : `a ${typeof value}`}.`,
  );
}

function isIn(inner: Dtype | DtypeCategory, outer: DtypeCategory): boolean {
  let group: DtypeCategory | null = inner instanceof Dtype ? inner.category : inner;
  while (group !== null && group !== outer) group = group.parent;
  return group !== null;
}

/**
 * Whether the first is the second or belongs to it.
 *
 * @param arg1 - the dtype or category.
 * @param arg2 - what it may be or belong to.
 *
 * @example
 * ```ts
 * console.log(mx.issubdtype(mx.float16, mx.floating)); // => true
 * console.log(mx.issubdtype(mx.integer, mx.number)); // => true
 * console.log(mx.issubdtype(mx.int8, mx.float32)); // => false
 * ```
 */
export function issubdtype(arg1: Dtype | DtypeCategory, arg2: Dtype | DtypeCategory): boolean {
  checkCount(arguments.length, 2, 'issubdtype');
  for (const arg of [arg1, arg2]) checkDtype(arg, 'issubdtype', true);
  return arg2 instanceof Dtype ? arg1 === arg2 : isIn(arg1, arg2);
}

const kinds: Record<string, (dtype: Dtype) => boolean> = {
  bool: (dtype) => dtype === bool_,
  'signed integer': (dtype) => isIn(dtype, signedinteger),
  'unsigned integer': (dtype) => isIn(dtype, unsignedinteger),
  integral: (dtype) => isIn(dtype, integer),
  'real floating': (dtype) => isIn(dtype, floating),
  'complex floating': (dtype) => isIn(dtype, complexfloating),
  numeric: (dtype) => isIn(dtype, number),
};

/**
 * Whether a dtype is of a kind of the array API standard: a dtype, 'bool', 'signed integer',
 * 'unsigned integer', 'integral', 'real floating', 'complex floating', 'numeric', or a list of
 * these. Throws TypeError for another kind.
 *
 * @param dtype - the dtype.
 * @param kind - a dtype, the name of a kind, or a list of these.
 *
 * @example
 * ```ts
 * console.log(mx.isdtype(mx.uint8, 'integral')); // => true
 * console.log(mx.isdtype(mx.float32, ['bool', mx.float32])); // => true
 * ```
 */
export function isdtype(dtype: Dtype, kind: Dtype | string | readonly (Dtype | string)[]): boolean {
  checkCount(arguments.length, 2, 'isdtype');
  checkDtype(dtype, 'isdtype');
  if (Array.isArray(kind))
    return copyList(kind as readonly (Dtype | string)[], 'isdtype').some((one) =>
      isOfKind(dtype, one),
    );
  return isOfKind(dtype, kind as Dtype | string);
}

function isOfKind(dtype: Dtype, kind: Dtype | string): boolean {
  if (kind instanceof Dtype) return dtype === kind;
  const test = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (test === undefined) {
    throw new TypeError(
      `[isdtype] Unknown kind ${typeof kind === 'string' ? kind : typeof kind}; the kinds are dtypes and ` +
        `${Object.keys(kinds)
          .map((name) => `'${name}'`)
          .join(', ')}.`,
    );
  }
  return test(dtype);
}

/** The dtype in which two meet, by MLX's table. */
export function promoteTypes(a: Dtype, b: Dtype): Dtype {
  return a === b ? a : dtypeFromCode(native.promoteTypes(a.code, b.code)!);
}

export function isFloating(dtype: Dtype): boolean {
  return dtype.category === floating;
}

export function isInteger(dtype: Dtype): boolean {
  return dtype.category === signedinteger || dtype.category === unsignedinteger;
}

/**
 * The smallest and largest value of an integer dtype.
 *
 * @param dtype - the dtype.
 */
export function integerRange(dtype: Dtype): { min: bigint; max: bigint } {
  const bits = BigInt(8 * dtype.size);
  return dtype.category === signedinteger
    ? { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n }
    : { min: 0n, max: (1n << bits) - 1n };
}

/** A number while it is safe as one, else a bigint. */
export function safeInteger(value: bigint): number | bigint {
  const rounded = Number(value);
  return Number.isSafeInteger(rounded) ? rounded : value;
}

/**
 * The limits of an integer dtype. Throws DtypeError for others.
 *
 * @param dtype - the dtype.
 *
 * @example
 * ```ts
 * console.log(mx.iinfo(mx.int8).min); // => -128
 * console.log(mx.iinfo(mx.uint16).max); // => 65535
 * ```
 */
export function iinfo(dtype: Dtype): {
  readonly dtype: Dtype;
  readonly bits: number;
  readonly min: number | bigint;
  readonly max: number | bigint;
} {
  checkCount(arguments.length, 1, 'iinfo');
  checkDtype(dtype, 'iinfo');
  if (!isInteger(dtype)) throw new DtypeError(`[iinfo] ${dtype} is not an integer dtype.`);
  const { min, max } = integerRange(dtype);
  return { dtype, bits: 8 * dtype.size, min: safeInteger(min), max: safeInteger(max) };
}

/**
 * The limits of a floating dtype: the largest number and its opposite, the distance from 1 to the
 * next number (eps), and the smallest number with all its digits. For `complex64` those of its
 * parts, `float32`. Throws DtypeError for others.
 *
 * @param dtype - the dtype.
 *
 * @example
 * ```ts
 * console.log(mx.finfo(mx.float16).max); // => 65504
 * console.log(mx.finfo(mx.float32).eps === 2 ** -23); // => true
 * console.log(mx.finfo(mx.complex64).dtype); // => float32
 * ```
 */
export function finfo(dtype: Dtype): {
  readonly dtype: Dtype;
  readonly bits: number;
  readonly min: number;
  readonly max: number;
  readonly eps: number;
  readonly smallestNormal: number;
} {
  checkCount(arguments.length, 1, 'finfo');
  checkDtype(dtype, 'finfo');
  if (!isIn(dtype, inexact)) throw new DtypeError(`[finfo] ${dtype} is not a floating dtype.`);
  const [code, max, eps] = native.finfo(dtype.code)!;
  const real = dtypeFromCode(code);
  return {
    dtype: real,
    bits: 8 * real.size,
    min: -max,
    max,
    eps,
    // The exponents reach as far down as up, but for one.
    smallestNormal: (2 * (2 - eps)) / max,
  };
}
