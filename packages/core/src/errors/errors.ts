import { native } from '../addon/native';

/**
 * Shapes that don't fit each other or the operation.
 *
 * @example
 * ```ts
 * try {
 *   mx.add(mx.zeros([2]), mx.zeros([3]));
 * } catch (error) {
 *   console.log(error instanceof mx.ShapeError); // => true
 * }
 * ```
 */
export class ShapeError extends RangeError {
  override name = 'ShapeError';
}

/**
 * A dtype that an operation can't take.
 *
 * @example
 * ```ts
 * try {
 *   mx.bitwiseAnd(mx.array([1.5]), mx.array([2.5]));
 * } catch (error) {
 *   console.log(error instanceof mx.DtypeError); // => true
 * }
 * ```
 */
export class DtypeError extends TypeError {
  override name = 'DtypeError';
}

/**
 * What fails while computing: out of memory, a device fault, a file.
 *
 * @example
 * ```ts
 * try {
 *   mx.load('no-such-file.safetensors');
 * } catch (error) {
 *   console.log(error instanceof mx.EngineError); // => true
 * }
 * ```
 */
export class EngineError extends Error {
  override name = 'EngineError';
}

/** [kind, message], as the addon tells of an error. */
export type ErrorRecord = readonly [number, string];

// The numbers are those of ErrorKind in native/addon/errors.h.
const errorClasses = [TypeError, RangeError, ShapeError, DtypeError, EngineError] as const;

/** What a message begins with: the operation's name in brackets. */
const leadingName = /^\[[\w.: ]+\] */;

/** Kinds of the engine's that users know by what calls them most. */
const kindNames: Readonly<Record<string, string>> = {
  '[gather]': '[take]',
  '[gather_axis]': '[takeAlongAxis]',
  '[scatter]': '[at]',
  '[scatter_axis]': '[putAlongAxis]',
};

/** The engine names operations in snake_case; users know them in camelCase. */
function inCamelCase(message: string): string {
  return message.replace(
    /^\[[^\]]*\]|\b(?:set|all|sum|recv)_[a-z_]+/g,
    (name) =>
      kindNames[name] ?? name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
  );
}

/** The error object for a record of the addon, made here so that it belongs to this realm. */
export function errorFromRecord(record: ErrorRecord, name?: string): Error {
  const ErrorClass = errorClasses[record[0]] ?? EngineError;
  const message = inCamelCase(record[1]);
  return new ErrorClass(name === undefined ? message : withName(message, name));
}

function withName(message: string, name: string): string {
  return `[${name}] ${message.replace(leadingName, '')}`;
}

/** The addon has one flat table: what it calls linalgSolve, users know as linalg.solve. */
function publicName(operation: { readonly name: string }): string {
  return operation.name.replace(
    /^(linalg|fft|random|fast|distributed)([A-Z])/,
    (_, space: string, letter: string) => `${space}.${letter.toLowerCase()}`,
  );
}

/**
 * Throws the error that the addon met last. After a call of an operation it begins with the
 * operation's name: the engine's own functions may have called each other.
 */
export function throwNativeError(operation?: { readonly name: string }): never {
  const record = native.takeError()!;
  throw errorFromRecord(record, operation === undefined ? undefined : publicName(operation));
}

/** Names under which the addon speaks of its own arguments. */
const namesOfArguments = /^\[(array|mlx)\] /;

/**
 * The result of a native function for what the person called `name`. What fails while computing
 * goes on naming the operation that computes.
 */
export function checkedFor<T>(name: string, result: T | undefined): T {
  if (result !== undefined) return result;
  const record = native.takeError()!;
  throw errorFromRecord(record, namesOfArguments.test(record[1]) ? name : undefined);
}

/** The result of a native function that isn't an array; errors get the operation's name, if given. */
export function checked<T>(result: T | undefined, operation?: { readonly name: string }): T {
  if (result === undefined) throwNativeError(operation);
  return result;
}

/**
 * Runs what a function is made of. An error that names one of its parts names the function
 * instead; what callers' own code throws passes as it is.
 */
export function within<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw relabelled(error, name);
  }
}

/** A function under another name, which is what its errors begin with. */
export function renamed<F extends (...values: never[]) => unknown>(name: string, fn: F): F {
  const run = (...values: never[]): unknown => within(name, () => fn(...values));
  return Object.defineProperty(run, 'name', { value: name }) as unknown as F;
}

/** The error, beginning with another name if it begins with one. */
export function relabelled(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || !leadingName.test(error.message)) return error;
  const { message, stack } = error;
  error.message = withName(message, name);
  if (stack !== undefined) error.stack = stack.replace(message, error.message);
  return error;
}
