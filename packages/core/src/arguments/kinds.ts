import type { StreamCode } from '../addon/types';
import { copySymbol, heldShape, isArray, type MLXArray } from '../array/array';
import { isComplex } from '../array/complex';
import { isDevice, isStream, streamCode } from '../devices/device';
import { Dtype, int32 } from '../dtypes/dtype';
import { checkDepth, copyList, lengthOf, mostElements, mostValues } from './lists';
import { isArrayLike, toArray } from './operands';
import type { ArrayLike, Axes } from './types';

/** What a parameter takes. Without `fallback` it must be given. */
export interface Kind<T> {
  /** How messages call it, such as "a positive integer". */
  readonly text: string;
  /** Whether a value is of this kind, be it in bounds or not: it finds the parameter of a value. */
  fits(value: unknown): boolean;
  /** What the function gets for a value that fits; throws RangeError if it is out of bounds. */
  read?(value: unknown, name: string, parameter: string): T;
  /** The value of a parameter that isn't given. */
  readonly fallback?: { readonly value: T };
  /** Whether null means the same as nothing given. */
  readonly nullIsDefault?: boolean;
}

/** Whether a value is a list each of whose elements, holes too, passes a test. */
export function isListOf<T>(
  value: unknown,
  test: (one: unknown) => one is T,
): value is readonly T[];
export function isListOf(value: unknown, test: (one: unknown) => boolean): boolean;
export function isListOf(value: unknown, test: (one: unknown) => boolean): boolean {
  if (!Array.isArray(value)) return false;
  // A proxy or a sparse list may promise more than anyone can look at.
  const { length } = value;
  if (!(length <= mostElements)) return false;
  for (let i = 0; i < length; i++) if (!test(value[i])) return false;
  return true;
}

function isIntegers(value: unknown): value is readonly number[] {
  return isListOf(value, Number.isInteger);
}

/** What is no list, or a copy of a list of integers, or of lists of them. */
function copyIntegers<T>(value: T, name: string, parameter: string): T {
  if (!Array.isArray(value)) return value;
  const copy = copyList(value as unknown[], name);
  for (const one of copy)
    if (!Number.isInteger(one) && !isIntegers(one))
      throw new TypeError(`[${name}] ${parameter} holds ${describe(one)}, which is no integer.`);
  return copy.map((one) => copyIntegers(one, name, parameter)) as T;
}

/** Whether a value is an object made by a literal, also in another realm. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** How messages call a value that was received. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (isArray(value)) {
    const shape = heldShape(value);
    return shape ? `an array of shape (${shape.join(',')})` : 'an array that was released';
  }
  if (Array.isArray(value))
    return isIntegers(value) && value.length < 9 ? `[${value.join(', ')}]` : 'a list';
  if (value instanceof Dtype) return `the dtype ${value.name}`;
  if (isComplex(value)) return 'a complex number';
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' && typeof value !== 'function') return String(value);
  if (isPlainObject(value)) return 'an object';
  if (typeof value === 'object' && copySymbol in value)
    return 'an array of another copy of @mlx/core';
  if (typeof value === 'function' && !(Symbol.for('mlx.tree') in value))
    return isCallable(value) ? 'a function' : 'a class';
  const { constructor } = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } };
  return typeof constructor?.name === 'string' && constructor.name !== ''
    ? `a value of class ${constructor.name}`
    : `a value of type ${typeof value}`;
}

function outOfBounds(name: string, parameter: string, text: string, value: unknown): never {
  throw new RangeError(`[${name}] ${parameter} must be ${text}, but got ${describe(value)}.`);
}

/** A kind of which only values that pass a test are in bounds. */
export function bounded<T>(kind: Kind<T>, text: string, test: (value: T) => boolean): Kind<T> {
  return {
    text,
    fits: kind.fits,
    read(value, name, parameter) {
      const result = kind.read ? kind.read(value, name, parameter) : (value as T);
      return test(result) ? result : outOfBounds(name, parameter, text, value);
    },
  };
}

/** A parameter that may be left out. */
export function optional<T, const D extends T>(kind: Kind<T>, value: D): Kind<T> {
  return { ...kind, fallback: { value } };
}

/** A parameter that may be null. */
export function nullable<T>(kind: Kind<T>): Kind<T | null> {
  return {
    text: `${kind.text} or null`,
    fits: (value) => value === null || kind.fits(value),
    read: (value, name, parameter) =>
      value === null || !kind.read ? (value as T | null) : kind.read(value, name, parameter),
  };
}

export const boolean: Kind<boolean> = {
  text: 'a boolean',
  fits: (value) => typeof value === 'boolean',
};

export const number: Kind<number> = {
  text: 'a number',
  fits: (value) => typeof value === 'number',
};

export const integer: Kind<number> = {
  text: 'an integer',
  fits: (value) => Number.isInteger(value),
};

export const string: Kind<string> = {
  text: 'a string',
  fits: (value) => typeof value === 'string',
};

const largestSize = 2 ** 31 - 1;

/** The size of an axis that has elements. */
export const positiveInteger = bounded(
  integer,
  'a positive integer',
  (value) => value > 0 && value <= largestSize,
);

export const nonNegativeInteger = bounded(
  integer,
  'a non-negative integer',
  (value) => value >= 0 && value <= largestSize,
);

export const nonNegative = bounded(number, 'a non-negative number', (value) => value >= 0);

export const dtype: Kind<Dtype> = {
  text: 'a Dtype',
  fits: (value) => value instanceof Dtype,
};

/** Whatever can stand for an array; the function gets the array. */
export const array: Kind<MLXArray> = {
  text: 'an array, a number, a list or a TypedArray',
  fits: isArrayLike,
  read: (value, name) => toArray(value, name),
};

function areIntegers(value: unknown, name: string, depth = 0): boolean {
  if (!Array.isArray(value)) return Number.isInteger(value);
  checkDepth(depth, name);
  const length = lengthOf(value, name, mostValues);
  for (let i = 0; i < length; i++) if (!areIntegers(value[i], name, depth + 1)) return false;
  return true;
}

/** Like {@link array}, but integers in lists are indices: int32 instead of float32. */
export const indices: Kind<MLXArray> = {
  text: array.text,
  fits: isArrayLike,
  read: (value, name) => toArray(value, name, areIntegers(value, name) ? int32 : undefined),
};

/** Whether a value can be called, as classes can't be without `new`. */
export function isCallable(value: unknown): value is (...values: never[]) => unknown {
  if (typeof value !== 'function') return false;
  // Of what has a prototype, only functions in JavaScript's own style can give it another.
  const prototype = Object.getOwnPropertyDescriptor(value, 'prototype');
  return prototype?.writable !== false || !/^class\b/.test(Function.prototype.toString.call(value));
}

/** Throws for what can't be called. */
export function requireFunction(value: unknown, name: string): void {
  if (!isCallable(value))
    throw new TypeError(`[${name}] Expected a function, but got ${describe(value)}.`);
}

/** A function that is called later. */
export function callback<F extends (...values: never[]) => unknown>(): Kind<F> {
  return { text: 'a function', fits: isCallable };
}

/** One of several words. */
export function choice<const Word extends string>(...words: readonly Word[]): Kind<Word> {
  const quoted = words.map((word) => `'${word}'`);
  const text = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  return {
    text,
    fits: (value) => typeof value === 'string',
    read(value, name, parameter) {
      if ((words as readonly unknown[]).includes(value)) return value as Word;
      throw new TypeError(`[${name}] ${parameter} must be ${text}, but got ${describe(value)}.`);
    },
  };
}

/** A list of any length, each of whose values is of a kind. */
export function listOf<T>(kind: Kind<T>, text: string): Kind<readonly T[]> {
  return {
    text,
    fits: (value) => Array.isArray(value),
    read: (value, name, parameter) =>
      copyList(value as unknown[], name).map((one, i) =>
        readKind(kind, one, name, `${parameter}[${i}]`),
      ),
  };
}

/** Two values of a kind. */
export function pairOf<T>(kind: Kind<T>, text: string): Kind<[T, T]> {
  const list = listOf(kind, text);
  return {
    text,
    fits: list.fits,
    read(value, name, parameter) {
      if ((value as unknown[]).length !== 2) outOfBounds(name, parameter, text, value);
      return list.read!(value, name, parameter) as [T, T];
    },
  };
}

/** One value for all of several axes, or a list with one for each; the function gets the list. */
export function perAxis(kind: Kind<number>, axes: number): Kind<number[]> {
  const text = axes === 1 ? kind.text : `${kind.text} or a list of ${axes} of them`;
  return {
    text,
    fits: (value) => typeof value === 'number' || Array.isArray(value),
    read(value, name, parameter) {
      const values: unknown[] = Array.isArray(value)
        ? copyList(value as unknown[], name)
        : new Array(axes).fill(value);
      if (values.length !== axes) outOfBounds(name, parameter, text, value);
      return values.map((one) => readKind({ ...kind, text }, one, name, parameter));
    },
  };
}

/** A value for a parameter; throws TypeError if it is of another kind. */
export function readKind<T>(kind: Kind<T>, value: unknown, name: string, parameter: string): T {
  if (!kind.fits(value))
    throw new TypeError(`[${name}] ${parameter} must be ${kind.text}, but got ${describe(value)}.`);
  return kind.read ? kind.read(value, name, parameter) : (value as T);
}

const stream: Kind<StreamCode> = {
  text: 'a Stream or a Device',
  fits: (value) => isStream(value) || isDevice(value),
  read: (value) => streamCode(value as Parameters<typeof streamCode>[0]),
};

/** The kinds that operations name in a word, and what they take. null is the default in them. */
export interface KindTypes {
  integer: number;
  number: number;
  boolean: boolean;
  string: string;
  order: number | string | null;
  axis: number | null;
  axes: Axes;
  shape: number | readonly number[];
  list: readonly unknown[];
  sizesOrPair: number | readonly number[] | readonly (readonly number[])[];
  dtype: Dtype | null;
  array: ArrayLike | null;
  key: ArrayLike | null;
  mask: ArrayLike | string | null;
  stream: StreamCode;
}

export type KindName = keyof KindTypes;

function word<T>(kind: Kind<T>): Kind<T | undefined> {
  return { ...kind, fallback: { value: undefined }, nullIsDefault: true };
}

/** By the words of {@link KindTypes}: parameters that may be left out. */
export const kindsByName: { readonly [K in KindName]: Kind<KindTypes[K] | undefined> } = {
  integer: word(integer),
  number: word(number),
  boolean: word(boolean),
  string: word(string),
  order: word({
    text: 'a number, a string or null',
    fits: (value) => typeof value === 'number' || typeof value === 'string' || value === null,
  }),
  axis: word(nullable(integer)),
  axes: word({
    text: 'an integer, a list of integers or null',
    fits: (value) => Number.isInteger(value) || value === null || isIntegers(value),
    read: copyIntegers<Axes>,
  }),
  shape: word({
    text: 'an integer or a list of integers',
    fits: (value) => Number.isInteger(value) || isIntegers(value),
    read: copyIntegers<number | readonly number[]>,
  }),
  list: word({
    text: 'a list',
    fits: (value) => Array.isArray(value),
    read: (value, name) => copyList(value as readonly unknown[], name),
  }),
  sizesOrPair: word({
    text: 'an integer, a list of integers or a list for each end',
    fits: (value) =>
      Number.isInteger(value) ||
      isIntegers(value) ||
      (isListOf(value, isIntegers) && value.length === 2),
    read: copyIntegers<KindTypes['sizesOrPair']>,
  }),
  dtype: word({ text: 'a Dtype', fits: (value) => value instanceof Dtype || value === null }),
  array: word({ text: 'an array', fits: (value) => isArrayLike(value) || value === null }),
  key: word({
    text: 'an array made by random.key, or null',
    fits: (value) => isArray(value) || value === null,
  }),
  mask: word({
    text: 'an array, a mode or null',
    fits: (value) => isArrayLike(value) || typeof value === 'string' || value === null,
  }),
  stream: word(stream),
};
