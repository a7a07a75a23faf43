import { native } from '../addon/native';
import type {
  AnyOperation,
  ArrayId,
  ManyOperation,
  NativeFunction,
  Operation,
  OperationValues,
  StreamCode,
} from '../addon/types';
import { dtypeFromCode, type Dtype } from '../dtypes/dtype';
import { checked, throwNativeError, within } from '../errors/errors';
import { anyScopeOpen, enterScope } from '../evaluation/scope';
import type { ArrayMethods } from './methods';

const nativeShape = native.shape;
const nativeDtype = native.dtype;
const nativeAttach = native.attach;
const nativeShare = native.share;

/** Marks arrays of every copy of this package, so that mixing copies gets a clear error. */
export const copySymbol = Symbol.for('mlx.array');

/** The error for a method or getter that was taken from its class and given something else. */
export function notAnArray(name: string): TypeError {
  return new TypeError(
    `[${name}] Expected an array of this copy of @mlx/core as the object before the dot.`,
  );
}

// The text of a function is what the error of structuredClone shows.
const refuseCopies = (): string =>
  'An array stays in its thread: send a.toTypedArray() and make an array of it there.';

// What other modules may do with the private field; the class below assigns them.

/** Whether a value is an array of this copy of the package. */
export let isArray: (value: unknown) => value is array;
/**
 * The slot number, for the addon. The array must be reachable until the addon has read the
 * number: get all numbers after all arrays were made, and call at once.
 */
export let idOf: (a: array) => ArrayId;
/** Calls an operation on one array. */
export let callUnary: (
  operation: Operation<[ArrayId]>,
  a: array,
  stream: StreamCode | undefined,
) => array;
/** Calls an operation on two arrays. */
export let callBinary: (
  operation: Operation<[ArrayId, ArrayId]>,
  a: array,
  b: array,
  stream: StreamCode | undefined,
) => array;
/** Calls an operation whose arguments are ready for the addon; the stream goes last. */
export let call: <F extends AnyOperation>(
  operation: F,
  stream: StreamCode | undefined,
  ...values: OperationValues<F>
) => array;
/** Calls a function of the addon that makes an array without a stream. */
export let make: <Values extends readonly unknown[]>(
  run: NativeFunction<[object, ...Values], ArrayId>,
  ...values: Values
) => array;
/** The dtype, or undefined for a released array: whoever uses it next says so under its own name. */
export let heldDtype: (a: array) => Dtype | undefined;
/** The array object for a slot that has none yet. */
export let adopt: (id: ArrayId) => array;
/** The sizes of the axes, or undefined for a released array. */
export let heldShape: (a: array) => readonly number[] | undefined;
/** Another array object with the same values, which later changes of the first don't reach. */
export let share: (a: array) => array;

/** An operation whose values were checked against its type where it was called. */
function untyped(operation: unknown): Operation<readonly unknown[]> {
  return operation as Operation<readonly unknown[]>;
}

/**
 * An n-dimensional array of one dtype. Operations on it build a graph; its values appear when
 * they are looked at or evaluated.
 *
 * Its private field is the number of a slot in the addon's table. Reading the field is also the
 * check that a value is an array of this copy of the package.
 */
class array {
  #id = 0 as ArrayId;
  /** A copy by structuredClone or postMessage would be an empty object; a function has none. */
  protected readonly notCloneable = refuseCopies;

  /** The sizes of the axes. */
  get shape(): number[] {
    if (!isArray(this)) throw notAnArray('shape');
    return checked(nativeShape(this.#id), nativeShape);
  }

  /** The type of the elements. */
  get dtype(): Dtype {
    if (!isArray(this)) throw notAnArray('dtype');
    return dtypeFromCode(checked(nativeDtype(this.#id), nativeDtype));
  }

  /** The number of axes. */
  get ndim(): number {
    if (!isArray(this)) throw notAnArray('ndim');
    return checked(native.ndim(this.#id), native.ndim);
  }

  /** The number of elements. */
  get size(): number {
    if (!isArray(this)) throw notAnArray('size');
    return checked(native.size(this.#id), native.size);
  }

  /** Bytes an element. */
  get itemsize(): number {
    if (!isArray(this)) throw notAnArray('itemsize');
    return within('itemsize', () => this.dtype.size);
  }

  /** Bytes of all elements. */
  get nbytes(): number {
    if (!isArray(this)) throw notAnArray('nbytes');
    return within('nbytes', () => this.size * this.dtype.size);
  }

  static {
    isArray = (value): value is array =>
      typeof value === 'object' && value !== null && #id in value;
    idOf = (a) => a.#id;
    callUnary = (operation, a, stream) => {
      const target = anyScopeOpen() ? enterScope(stream) : stream;
      const result = new array();
      const id = operation(result, a.#id, target);
      if (id === undefined) throwNativeError(operation);
      result.#id = id;
      return result;
    };
    callBinary = (operation, a, b, stream) => {
      const target = anyScopeOpen() ? enterScope(stream) : stream;
      const result = new array();
      const id = operation(result, a.#id, b.#id, target);
      if (id === undefined) throwNativeError(operation);
      result.#id = id;
      return result;
    };
    call = (operation, stream, ...values) => {
      const target = anyScopeOpen() ? enterScope(stream) : stream;
      const result = new array();
      const id = untyped(operation)(result, ...values, target);
      if (id === undefined) throwNativeError(operation);
      result.#id = id;
      return result;
    };
    heldDtype = (a) => {
      const code = nativeDtype(a.#id);
      return code === undefined ? undefined : dtypeFromCode(code);
    };
    heldShape = (a) => nativeShape(a.#id);
    adopt = (id) => {
      const result = new array();
      checked(nativeAttach(id, result));
      result.#id = id;
      return result;
    };
    make = (run, ...values) => {
      if (anyScopeOpen()) enterScope(undefined);
      const result = new array();
      result.#id = checked(run(result, ...values));
      return result;
    };
    share = (a) => make(nativeShare, a.#id);
  }
}

// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- methods.ts installs these
interface array extends ArrayMethods {}

// Types print the class's own name, which is what people write; here it would hide behind variables.
export { array as MLXArray };

/** Calls a native function that makes arrays other than as an operation's result. */
export function callNative<Values extends readonly unknown[], Result>(
  run: NativeFunction<Values, Result>,
  ...values: Values
): Result {
  if (anyScopeOpen()) enterScope(undefined);
  return checked(run(...values));
}

/** Calls an operation with several results. */
export function callMany<Values extends readonly unknown[], Ids extends readonly ArrayId[]>(
  operation: ManyOperation<Values, Ids>,
  stream: StreamCode | undefined,
  ...values: Values
): { [Index in keyof Ids]: array } {
  const target = anyScopeOpen() ? enterScope(stream) : stream;
  return adoptAll(checked(operation(...values, target), operation));
}

/** The array objects for slots that have none yet. */
export function adoptAll<Ids extends readonly ArrayId[]>(
  ids: Ids,
): { [Index in keyof Ids]: array } {
  return ids.map(adopt) as { [Index in keyof Ids]: array };
}
