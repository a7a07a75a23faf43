import { native } from './native';

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

/** The engine names operations in snake_case; users know them in camelCase. */
function inCamelCase(message: string): string {
  return message.replace(/^\[[^\]]*\]/, (prefix) =>
    prefix.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
  );
}

/** The error object for a record of the addon, made here so that it belongs to this realm. */
export function errorFromRecord(record: ErrorRecord): Error {
  const ErrorClass = errorClasses[record[0]] ?? EngineError;
  return new ErrorClass(inCamelCase(record[1]));
}

/** Throws the error that the addon met last. */
export function throwNativeError(): never {
  throw errorFromRecord(native.takeError() as ErrorRecord);
}

/** The result of a native function that isn't an array. */
export function checked<T>(result: unknown): T {
  if (result === undefined) throwNativeError();
  return result as T;
}
