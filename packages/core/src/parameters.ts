import { isArray } from './array';
import { isComplex } from './complex';
import { isDevice, isStream, streamCode } from './device';
import { Dtype } from './dtype';
import { isArrayLike } from './operand';
import type { ArrayLike, Axes, StreamOrDevice } from './types';

/** What the kinds of optional parameters take. */
interface KindTypes {
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
}

type Kind = keyof KindTypes;

function isIntegers(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => Number.isInteger(one));
}

// null stands for the default where MLX has None.
const fits: Record<Kind, (value: unknown) => boolean> = {
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  order: (value) => typeof value === 'number' || typeof value === 'string' || value === null,
  axis: (value) => Number.isInteger(value) || value === null,
  axes: (value) => Number.isInteger(value) || value === null || isIntegers(value),
  shape: (value) => Number.isInteger(value) || isIntegers(value),
  list: (value) => Array.isArray(value),
  sizesOrPair: (value) =>
    Number.isInteger(value) ||
    isIntegers(value) ||
    (Array.isArray(value) && value.length === 2 && value.every(isIntegers)),
  dtype: (value) => value instanceof Dtype || value === null,
  array: (value) => isArrayLike(value) || value === null,
  key: (value) => isArray(value) || value === null,
  mask: (value) => isArrayLike(value) || typeof value === 'string' || value === null,
};

const kindNames: Record<Kind, string> = {
  integer: 'an integer',
  number: 'a number',
  boolean: 'a boolean',
  string: 'a string',
  order: 'a number, a string or null',
  axis: 'an integer or null',
  axes: 'an integer, a list of integers or null',
  shape: 'an integer or a list of integers',
  list: 'a list',
  sizesOrPair: 'an integer, a list of integers or a list for each end',
  dtype: 'a Dtype',
  array: 'an array',
  key: 'an array made by random.key, or null',
  mask: 'an array, a mode or null',
};

/** The optional parameters of a function, in order, with their kinds. */
type Specification = Readonly<Record<string, Kind>>;

/** The values given for a function's parameters, and the addon's number of the stream. */
export type Given<S extends Specification> = {
  [K in keyof S]?: KindTypes[S[K]] | undefined;
} & { stream?: number | undefined };

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Also the plain objects of other realms.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'an array';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Dtype) return `the dtype ${value.name}`;
  if (isComplex(value)) return 'a complex number';
  return typeof value === 'object' || typeof value === 'function'
    ? `a value of type ${typeof value}`
    : `${typeof value} ${String(value)}`;
}

function toStreamCode(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (isStream(value) || isDevice(value)) return streamCode(value);
  throw new TypeError(`[${name}] stream must be a Stream or a Device, but got ${describe(value)}.`);
}

const nothing = Object.freeze({});

/**
 * Makes the reader of a function's optional arguments. They may come by position, in an options
 * object at the end, or anywhere if their kind fits only one parameter. `undefined` means the
 * default; unknown options and values of a wrong kind are a TypeError.
 */
export function parameters<const S extends Specification>(
  name: string,
  specification: S,
): (values: readonly unknown[]) => Given<S> {
  const names = Object.keys(specification);
  const kinds = Object.values(specification);

  function set(given: Record<string, unknown>, parameter: string, value: unknown): void {
    if (Object.hasOwn(given, parameter))
      throw new TypeError(`[${name}] The parameter ${parameter} was given twice.`);
    given[parameter] = value;
  }

  function readOptions(given: Record<string, unknown>, options: Record<string, unknown>): void {
    for (const [key, value] of Object.entries(options)) {
      if (key === 'stream') {
        set(given, 'stream', toStreamCode(value, name));
        continue;
      }
      if (!Object.hasOwn(specification, key))
        throw new TypeError(
          `[${name}] Unknown option ${key}; the options are ${[...names, 'stream'].join(', ')}.`,
        );
      if (value === undefined) continue;
      const kind = specification[key]!;
      if (value !== null && !fits[kind](value)) throwKind(key, kind, value);
      set(given, key, value);
    }
  }

  function throwKind(parameter: string, kind: Kind, value: unknown): never {
    throw new TypeError(
      `[${name}] ${parameter} must be ${kindNames[kind]}, but got ${describe(value)}.`,
    );
  }

  function readPositional(given: Record<string, unknown>, values: readonly unknown[]): void {
    let next = 0;
    for (const value of values) {
      if (isStream(value) || isDevice(value)) {
        set(given, 'stream', streamCode(value));
        continue;
      }
      // A parameter that was found by its kind is no longer a place.
      while (next < names.length && Object.hasOwn(given, names[next]!)) next++;
      if (value === undefined) {
        next++;
        continue;
      }
      if (next < names.length && fits[kinds[next]!](value)) {
        given[names[next]!] = value;
        next++;
        continue;
      }
      const others = names.filter(
        (other, i) => !Object.hasOwn(given, other) && fits[kinds[i]!](value) && value !== null,
      );
      if (others.length === 1) {
        given[others[0]!] = value;
      } else if (next < names.length) {
        if (value !== null) throwKind(names[next]!, kinds[next]!, value);
        next++;
      } else {
        throw new TypeError(
          `[${name}] Too many arguments; after the required ones it takes ` +
            `${[...names, 'stream'].join(', ')}.`,
        );
      }
    }
  }

  return (values) => {
    if (values.length === 0) return nothing as Given<S>;
    const given: Record<string, unknown> = {};
    const last = values[values.length - 1];
    if (isPlainObject(last)) {
      readPositional(given, values.slice(0, -1));
      readOptions(given, last);
    } else {
      readPositional(given, values);
    }
    return given as Given<S>;
  };
}

/** The addon's number for the stream of a function that has no other optional parameter. */
export function readStream(
  value: StreamOrDevice | object | undefined,
  name: string,
): number | undefined {
  if (value === undefined) return undefined;
  if (isStream(value) || isDevice(value)) return streamCode(value);
  return streamOnly(name)([value]).stream;
}

const streamReaders = new Map<string, (values: readonly unknown[]) => Given<Record<never, Kind>>>();

function streamOnly(name: string): (values: readonly unknown[]) => Given<Record<never, Kind>> {
  let reader = streamReaders.get(name);
  if (reader === undefined) streamReaders.set(name, (reader = parameters(name, {})));
  return reader;
}

/** A required value that may also have come as an option. */
export function required<T>(value: T | null | undefined, name: string, parameter: string): T {
  if (value === undefined || value === null)
    throw new TypeError(`[${name}] The argument ${parameter} is required.`);
  return value;
}

/** A list of axes, or undefined for all. */
export function axisList(axes: Axes | undefined): readonly number[] | undefined {
  if (axes === undefined || axes === null) return undefined;
  return typeof axes === 'number' ? [axes] : axes;
}

/** A shape from a number or a list; throws TypeError unless its numbers are integers of 32 bits. */
export function shapeList(shape: unknown, name: string): readonly number[] {
  const list: readonly unknown[] = Array.isArray(shape) ? shape : [shape];
  for (const one of list) {
    if (typeof one !== 'number' || !Number.isInteger(one))
      throw new TypeError(`[${name}] A shape is a list of integers, but got ${describe(one)}.`);
    if (one !== (one | 0))
      throw new RangeError(`[${name}] The dimension ${one} does not fit 32 bits.`);
  }
  return list as readonly number[];
}
