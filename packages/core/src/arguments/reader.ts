import type { StreamCode } from '../addon/types';
import { isDevice, isStream, streamCode } from '../devices/device';
import { checkStreamIsLast } from './count';
import {
  describe,
  isPlainObject,
  kindsByName,
  readKind,
  type Kind,
  type KindName,
  type KindTypes,
} from './kinds';
import { copyList } from './lists';
import type { Axes, StreamOrDevice } from './types';

/** The parameters of a function, in order, with their kinds; those that must be given come first. */
export type Specification = Readonly<Record<string, KindName | Kind<unknown>>>;

/** The values given for a function's parameters, or their defaults. */
export type Given<S extends Specification> = {
  [K in keyof S]: S[K] extends KindName
    ? KindTypes[S[K]] | undefined
    : S[K] extends Kind<infer T>
      ? T
      : never;
};

/**
 * Makes the reader of a function's arguments. They may come by position, in an options object at
 * the end, or, after those that must be given, anywhere if their kind fits only one parameter.
 * `undefined` means the default; unknown options, values of a wrong kind and too many are a
 * TypeError.
 */
export function reader<const S extends Specification>(
  name: string,
  specification: S,
): (values: readonly unknown[]) => Given<S> {
  const names = Object.keys(specification);
  const kinds = Object.values(specification).map((kind) =>
    typeof kind === 'string' ? kindsByName[kind] : kind,
  );
  const needed = kinds.filter((kind) => kind.fallback === undefined).length;
  const list = names.join(', ');

  function set(given: Record<string, unknown>, at: number, value: unknown): void {
    const parameter = names[at]!;
    if (Object.hasOwn(given, parameter))
      throw new TypeError(`[${name}] The parameter ${parameter} was given twice.`);
    const kind = kinds[at]!;
    if (value === null && kind.nullIsDefault && !kind.fits(null)) return;
    given[parameter] = readKind(kind, value, name, parameter);
  }

  function readOptions(given: Record<string, unknown>, options: Record<string, unknown>): void {
    for (const [key, value] of Object.entries(options)) {
      const at = names.indexOf(key);
      if (at < 0)
        throw new TypeError(
          `[${name}] Unknown option ${key}; ` +
            (names.length > 0 ? `the options are ${list}.` : 'it takes no options.'),
        );
      if (value !== undefined) set(given, at, value);
    }
  }

  /** The one optional parameter that a value fits and that isn't given, or -1. */
  function onlyPlace(given: Record<string, unknown>, value: unknown): number {
    let found = -1;
    for (let i = needed; i < names.length; i++) {
      if (Object.hasOwn(given, names[i]!) || !kinds[i]!.fits(value)) continue;
      if (found >= 0) return -1;
      found = i;
    }
    return found;
  }

  function readPositional(given: Record<string, unknown>, values: readonly unknown[]): void {
    let next = 0;
    for (const value of values) {
      // A parameter that was found by its kind is no longer a place.
      while (next < names.length && Object.hasOwn(given, names[next]!)) next++;
      const isPlace = next < names.length;
      if (isPlace && (value === undefined || next < needed || kinds[next]!.fits(value))) {
        if (value !== undefined) set(given, next, value);
        next++;
        continue;
      }
      if (value === undefined) continue;
      const at = value === null ? -1 : onlyPlace(given, value);
      if (at >= 0) {
        set(given, at, value);
      } else if (isPlace) {
        set(given, next, value);
        next++;
      } else {
        throw new TypeError(
          `[${name}] Too many arguments; ` + (list === '' ? 'it takes none.' : `it takes ${list}.`),
        );
      }
    }
  }

  /** Whether an object at the end holds options, and is not itself what its place takes. */
  function areOptions(last: unknown, place: number): last is Record<string, unknown> {
    if (!isPlainObject(last)) return false;
    if (place >= names.length || !kinds[place]!.fits(last)) return true;
    const keys = Object.keys(last);
    // Where nothing more must be given, what stands beside an option is a misspelt one.
    if (place >= needed) return keys.some((key) => names.includes(key));
    // Members of a tree may have an option's name: all that must be given has to be there.
    const missing = names.slice(place, needed);
    return (
      keys.length > 0 &&
      keys.every((key) => names.includes(key)) &&
      missing.every((parameter) => keys.includes(parameter))
    );
  }

  const defaults = Object.fromEntries(
    names.flatMap((parameter, i) => {
      const { fallback } = kinds[i]!;
      return fallback === undefined ? [] : [[parameter, fallback.value]];
    }),
  );
  const nothing = Object.freeze({ ...defaults }) as Given<S>;
  // What is undefined by default needs no entry.
  const filled = names.filter((parameter) => defaults[parameter] !== undefined);

  function complete(given: Record<string, unknown>): Given<S> {
    for (const parameter of filled)
      if (!Object.hasOwn(given, parameter)) given[parameter] = defaults[parameter];
    return given as Given<S>;
  }

  /** The usual call: a value of its kind in each place. Undefined if it is another one. */
  function readInPlace(values: readonly unknown[]): Record<string, unknown> | undefined {
    const count = values.length;
    if (count < needed || count > names.length) return undefined;
    const given: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const value = values[i];
      const kind = kinds[i]!;
      if (value === undefined || !kind.fits(value)) return undefined;
      const parameter = names[i]!;
      given[parameter] = kind.read === undefined ? value : kind.read(value, name, parameter);
    }
    return given;
  }

  return (values) => {
    if (values.length === 0 && needed === 0) return nothing;
    const last = values[values.length - 1];
    if (!isPlainObject(last)) {
      const inPlace = readInPlace(values);
      if (inPlace !== undefined) return complete(inPlace);
    }
    const given: Record<string, unknown> = {};
    if (areOptions(last, values.length - 1)) {
      readPositional(given, values.slice(0, -1));
      readOptions(given, last);
    } else {
      readPositional(given, values);
    }
    for (let i = 0; i < needed; i++) {
      const parameter = names[i]!;
      if (!Object.hasOwn(given, parameter))
        throw new TypeError(
          `[${name}] The argument ${parameter} is required: ${kinds[i]!.text}.` +
            (names.length > 1 ? ` It takes ${list}.` : ''),
        );
    }
    return complete(given);
  };
}

/** {@link reader} of an operation's optional arguments, whose last one is the stream. */
export function parameters<const S extends Specification>(
  name: string,
  specification: S,
): (values: readonly unknown[]) => Given<S & { readonly stream: 'stream' }> {
  return reader(name, { ...specification, stream: 'stream' });
}

/**
 * The addon's number for the stream of a function that has no other optional parameter. Of a
 * function with a fixed number of parameters it also gets how many arguments came, and how many
 * there may be.
 */
export function readStream(
  value: StreamOrDevice | object | undefined,
  name: string,
  count = 0,
  most = count,
): StreamCode | undefined {
  checkStreamIsLast(count, most, name);
  if (value === undefined) return undefined;
  if (isStream(value) || isDevice(value)) return streamCode(value);
  return streamOnly(name)([value]).stream;
}

type StreamReader = (values: readonly unknown[]) => { stream: StreamCode | undefined };
const streamReaders = new Map<string, StreamReader>();

function streamOnly(name: string): StreamReader {
  let read = streamReaders.get(name);
  if (read === undefined) streamReaders.set(name, (read = reader(name, { stream: 'stream' })));
  return read;
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
  const list: readonly unknown[] = Array.isArray(shape) ? copyList(shape, name) : [shape];
  for (const one of list) {
    if (typeof one !== 'number' || !Number.isInteger(one))
      throw new TypeError(`[${name}] A shape is a list of integers, but got ${describe(one)}.`);
    if (one !== (one | 0))
      throw new RangeError(`[${name}] The dimension ${one} does not fit 32 bits.`);
  }
  return list as readonly number[];
}
