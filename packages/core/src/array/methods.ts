import { native } from '../addon/native';
import { ownFolder } from '../addon/own-file';
import { checkCount, checkStreamIsLast, refuseArguments } from '../arguments/count';
import { copyList } from '../arguments/lists';
import { toArray } from '../arguments/operands';
import { reader } from '../arguments/reader';
import { refuseAssignments } from '../arguments/receivers';
import type {
  ArrayLike,
  Axes,
  NestedArray,
  Scalar,
  Stated,
  StreamArgument,
  StreamOptions,
  TypedArray,
} from '../arguments/types';
import type { Dtype, TypedArrayOf } from '../dtypes/dtype';
import { DtypeError, EngineError, ShapeError, checked, relabelled, within } from '../errors/errors';
import { IndexedUpdate, assign, readIndex, writeIndex, type Index } from '../indexing';
import { varianceAsVar } from '../ops/aliases';
import * as arithmetic from '../ops/arithmetic';
import * as axes from '../ops/axes';
import * as cast from '../ops/cast';
import * as comparison from '../ops/comparison';
import * as complexParts from '../ops/complex-parts';
import * as diagonals from '../ops/diagonals';
import * as joining from '../ops/joining';
import * as logic from '../ops/logic';
import { matmul } from '../ops/matmul';
import * as reduce from '../ops/reduce';
import type { ArgReduceOptions, MomentOptions, ReduceOptions } from '../ops/reduce';
import * as reshaping from '../ops/reshaping';
import * as scan from '../ops/scan';
import type { ScanOptions, SumScanOptions } from '../ops/scan';
import { round } from '../ops/selection';
import * as trigonometric from '../ops/trigonometric';
import * as unary from '../ops/unary';
import { MLXArray, copySymbol, idOf, isArray, notAnArray } from './array';
import type { Complex } from './complex';
import { toJson, toPrimitive, toTag } from './implicit-conversions';
import { print } from './printing';
import { checkIteration, readData, readItem, readList, readTypedArray } from './to-javascript';

/** A method that is the function of the same name with the array as first argument. */
interface UnaryMethod {
  (stream?: StreamArgument): MLXArray;
}
interface BinaryMethod {
  (b: ArrayLike, stream?: StreamArgument): MLXArray;
}
interface ReduceMethod {
  (axis?: Axes | boolean, keepdims?: boolean, stream?: StreamArgument): MLXArray;
  (options: ReduceOptions): MLXArray;
  (axis: Axes, options: ReduceOptions): MLXArray;
}
interface MomentMethod {
  (axis?: Axes | boolean, keepdims?: boolean, ddof?: number, stream?: StreamArgument): MLXArray;
  (options: MomentOptions): MLXArray;
  (axis: Axes, options: MomentOptions): MLXArray;
}
interface ArgReduceMethod {
  (axis?: number | null | boolean, keepdims?: boolean, stream?: StreamArgument): MLXArray;
  (options: ArgReduceOptions): MLXArray;
  (axis: number | null, options: ArgReduceOptions): MLXArray;
}
interface ScanMethod<Options> {
  (axis?: number | null, reverse?: boolean, inclusive?: boolean, stream?: StreamArgument): MLXArray;
  (options: Options): MLXArray;
  (axis: number | null, options: Options): MLXArray;
}

/** An AbortSignal, for programs too that are compiled without the types of Node or of browsers. */
interface Abortable {
  readonly aborted: boolean;
}

/** The methods of arrays: the functions of the same names with the array as first argument. */
export interface ArrayMethods {
  abs: UnaryMethod;
  conj: UnaryMethod;
  cos: UnaryMethod;
  exp: UnaryMethod;
  log: UnaryMethod;
  log10: UnaryMethod;
  log1p: UnaryMethod;
  log2: UnaryMethod;
  reciprocal: UnaryMethod;
  rsqrt: UnaryMethod;
  sin: UnaryMethod;
  sqrt: UnaryMethod;
  square: UnaryMethod;
  negative: UnaryMethod;
  bitwiseInvert: UnaryMethod;
  add: BinaryMethod;
  subtract: BinaryMethod;
  multiply: BinaryMethod;
  divide: BinaryMethod;
  floorDivide: BinaryMethod;
  remainder: BinaryMethod;
  power: BinaryMethod;
  matmul: BinaryMethod;
  equal: BinaryMethod;
  notEqual: BinaryMethod;
  less: BinaryMethod;
  lessEqual: BinaryMethod;
  greater: BinaryMethod;
  greaterEqual: BinaryMethod;
  bitwiseAnd: BinaryMethod;
  bitwiseOr: BinaryMethod;
  bitwiseXor: BinaryMethod;
  leftShift: BinaryMethod;
  rightShift: BinaryMethod;
  maximum: BinaryMethod;
  minimum: BinaryMethod;
  all: ReduceMethod;
  any: ReduceMethod;
  sum: ReduceMethod;
  prod: ReduceMethod;
  max: ReduceMethod;
  min: ReduceMethod;
  mean: ReduceMethod;
  logsumexp: ReduceMethod;
  cumsum: ScanMethod<SumScanOptions>;
  cumprod: ScanMethod<SumScanOptions>;
  cummax: ScanMethod<ScanOptions>;
  cummin: ScanMethod<ScanOptions>;
  logcumsumexp: ScanMethod<ScanOptions>;
  var: MomentMethod;
  variance: MomentMethod;
  std: MomentMethod;
  argmax: ArgReduceMethod;
  argmin: ArgReduceMethod;
  round(decimals?: number, stream?: StreamArgument): MLXArray;
  round(options: StreamOptions & { decimals?: number }): MLXArray;
  astype(dtype: Dtype, stream?: StreamArgument): MLXArray;
  view(dtype: Dtype, stream?: StreamArgument): MLXArray;
  reshape(shape: readonly number[], stream?: StreamArgument): MLXArray;
  reshape(...shape: number[]): MLXArray;
  transpose(axes?: readonly number[] | null, stream?: StreamArgument): MLXArray;
  transpose(...axes: number[]): MLXArray;
  flatten(startAxis?: number, endAxis?: number, stream?: StreamArgument): MLXArray;
  flatten(options: StreamOptions & { startAxis?: number; endAxis?: number }): MLXArray;
  squeeze(axis?: Axes, stream?: StreamArgument): MLXArray;
  moveaxis(source: number, destination: number, stream?: StreamArgument): MLXArray;
  swapaxes(axis1: number, axis2: number, stream?: StreamArgument): MLXArray;
  split(
    indicesOrSections: number | readonly number[],
    axis?: number,
    stream?: StreamArgument,
  ): MLXArray[];
  diag(k?: number, stream?: StreamArgument): MLXArray;
  diagonal(offset?: number, axis1?: number, axis2?: number, stream?: StreamArgument): MLXArray;

  /** The array with its axes reversed. */
  readonly T: MLXArray;
  /** The real parts. */
  readonly real: MLXArray;
  /** The imaginary parts. */
  readonly imag: MLXArray;
  /** The size of the first axis. Throws TypeError for a scalar. */
  readonly length: number;

  /**
   * The only element; throws TypeError when there are more. Evaluates. Its type is number unless
   * it is said otherwise, as in `a.item<boolean>()`.
   */
  item<T extends Scalar = number>(): Stated<T>;
  /**
   * The values as nested lists. Evaluates. Their type is lists of numbers of any depth unless it is
   * said otherwise, as in `a.tolist<number[][]>()`.
   */
  tolist<T extends NestedArray<Scalar> = NestedArray<number>>(): Stated<T>;
  /**
   * The values in row-major order, in a TypedArray of the dtype. Evaluates.
   *
   * @param dtype - the dtype that the values are cast to first; default: the array's.
   */
  toTypedArray(): TypedArray;
  toTypedArray<D extends Dtype>(dtype: D): TypedArrayOf<D>;
  /**
   * The values in row-major order once they are computed, leaving this thread free.
   *
   * @param dtype - the dtype that the values are cast to first; default: the array's.
   * @param signal - rejects the promise when it aborts, while the work goes on; default: none.
   */
  data(signal?: Abortable): Promise<TypedArray>;
  data<D extends Dtype>(dtype: D, signal?: Abortable): Promise<TypedArrayOf<D>>;
  /** The text that is printed: `array([1, 2], dtype=float32)`. Evaluates. */
  toString(): string;
  /** The values as nested lists for JSON.stringify; integers beyond the safe ones as text. */
  toJSON(): unknown;
  /** The text for `${a}`; for operators such as `a * 2` and `a > 0` it throws TypeError. */
  [Symbol.toPrimitive](hint: string): string;
  /** The slices along the first axis. */
  [Symbol.iterator](): IterableIterator<MLXArray>;
  /** Releases the memory at once; using the array afterwards is an error. */
  dispose(): void;
  /** What `using` calls: the same as `dispose()`. */
  [Symbol.dispose](): void;

  /**
   * The part that indices select: integers, slices, text like '1:', null, arrays of integers.
   *
   * @param indices - for one axis after another: an integer, a Slice or its text, null for a new
   *   axis, '...', or an array of integers or booleans.
   */
  index(...indices: Index[]): MLXArray;
  /**
   * Writes a value, broadcast, to the part that the indices select; this object changes.
   *
   * @param indices - one index, or a list of them, as index takes them.
   * @param value - what is written, broadcast.
   */
  indexPut_(indices: Index | readonly Index[], value: ArrayLike): this;
  /**
   * The part that indices select, to be combined with values: `a.at(0).add(1)`.
   *
   * @param indices - as index takes them.
   */
  at(...indices: Index[]): IndexedUpdate;
  /**
   * Gives this object the value of another array of the same shape and dtype.
   *
   * @param b - the new value, of the same shape and dtype.
   */
  assign_(b: MLXArray): this;
}

type Method = (this: MLXArray, ...rest: never[]) => unknown;

function install(methods: Record<string | symbol, unknown>): void {
  for (const key of Reflect.ownKeys(methods)) {
    const value = methods[key];
    Object.defineProperty(MLXArray.prototype, key, { value, writable: true, configurable: true });
  }
}

/** Installs methods that no function checks the array for. */
function installChecked(methods: Record<string | symbol, Method>): void {
  const checkedMethods: Record<string | symbol, unknown> = {};
  for (const key of Reflect.ownKeys(methods)) {
    const method = methods[key]!;
    const name = typeof key === 'symbol' ? 'array' : key;
    checkedMethods[key] = function (this: MLXArray, ...rest: never[]) {
      if (!isArray(this)) throw notAnArray(name);
      try {
        return method.apply(this, rest);
      } catch (error) {
        // What fails while computing goes on naming the operation that computes.
        throw error instanceof EngineError ? error : relabelled(error, name);
      }
    };
  }
  install(checkedMethods);
}

function installGetters(getters: Record<string, (a: MLXArray) => unknown>): void {
  for (const [key, get] of Object.entries(getters)) {
    Object.defineProperty(MLXArray.prototype, key, {
      get(this: MLXArray) {
        if (!isArray(this)) throw notAnArray(key);
        return within(key, () => get(this));
      },
      configurable: true,
    });
  }
}

/** Methods that pass everything on to the function of the same name. */
function forward(...names: [object, string[]][]): Record<string, Method> {
  const methods: Record<string, Method> = {};
  for (const [family, list] of names) {
    for (const name of list) {
      const run = (family as Record<string, (a: MLXArray, ...rest: never[]) => unknown>)[name]!;
      methods[name] = function (this: MLXArray, ...rest: never[]) {
        return run(this, ...rest);
      };
    }
  }
  return methods;
}

// The operators are called most, so they stand in full: no rest arguments.
install({
  add(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'add');
    return arithmetic.add(this, b, stream);
  },
  subtract(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'subtract');
    return arithmetic.subtract(this, b, stream);
  },
  multiply(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'multiply');
    return arithmetic.multiply(this, b, stream);
  },
  divide(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'divide');
    return arithmetic.divide(this, b, stream);
  },
  floorDivide(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'floorDivide');
    return arithmetic.floorDivide(this, b, stream);
  },
  remainder(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'remainder');
    return arithmetic.remainder(this, b, stream);
  },
  power(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'power');
    return arithmetic.power(this, b, stream);
  },
  matmul(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'matmul');
    return matmul(this, b, stream);
  },
  equal(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'equal');
    return comparison.equal(this, b, stream);
  },
  notEqual(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'notEqual');
    return comparison.notEqual(this, b, stream);
  },
  less(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'less');
    return comparison.less(this, b, stream);
  },
  lessEqual(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'lessEqual');
    return comparison.lessEqual(this, b, stream);
  },
  greater(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'greater');
    return comparison.greater(this, b, stream);
  },
  greaterEqual(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'greaterEqual');
    return comparison.greaterEqual(this, b, stream);
  },
  bitwiseAnd(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'bitwiseAnd');
    return logic.bitwiseAnd(this, b, stream);
  },
  bitwiseOr(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'bitwiseOr');
    return logic.bitwiseOr(this, b, stream);
  },
  bitwiseXor(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'bitwiseXor');
    return logic.bitwiseXor(this, b, stream);
  },
  leftShift(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'leftShift');
    return logic.leftShift(this, b, stream);
  },
  rightShift(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'rightShift');
    return logic.rightShift(this, b, stream);
  },
  maximum(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'maximum');
    return arithmetic.maximum(this, b, stream);
  },
  minimum(this: MLXArray, b: ArrayLike, stream?: StreamArgument) {
    checkStreamIsLast(arguments.length, 2, 'minimum');
    return arithmetic.minimum(this, b, stream);
  },
});

install(
  forward(
    [unary, ['abs', 'exp', 'log', 'log10', 'log1p', 'log2', 'negative', 'reciprocal', 'rsqrt']],
    [unary, ['sqrt', 'square', 'bitwiseInvert']],
    [trigonometric, ['cos', 'sin']],
    [reduce, ['all', 'any', 'sum', 'prod', 'max', 'min', 'mean', 'logsumexp']],
    [reduce, ['variance', 'std', 'argmax', 'argmin']],
    [scan, ['cumsum', 'cumprod', 'cummax', 'cummin', 'logcumsumexp']],
    [{ round }, ['round']],
    [cast, ['astype', 'view']],
    [reshaping, ['flatten', 'squeeze']],
    [axes, ['moveaxis', 'swapaxes']],
    [joining, ['split']],
    [diagonals, ['diag', 'diagonal']],
    [complexParts, ['conj']],
    [{ var: varianceAsVar }, ['var']],
  ),
);

/** Numbers given one by one as one list: `a.reshape(2, 3)` is `a.reshape([2, 3])`. */
function gather(values: readonly unknown[]): unknown[] {
  const count = values.findIndex((value) => typeof value !== 'number');
  if (count === 0) return [...values];
  return count < 0 ? [values] : [values.slice(0, count), ...values.slice(count)];
}

/** The array in the dtype in which its values are asked for. */
function inDtype(a: MLXArray, rest: readonly unknown[], name: string): MLXArray {
  if (rest.length === 0) return a;
  const { dtype } = reader(name, { dtype: 'dtype' })(rest);
  return dtype === undefined || dtype === null ? a : cast.astype(a, dtype);
}

installChecked({
  reshape(this: MLXArray, ...shape: unknown[]) {
    return reshaping.reshape(this, ...(gather(shape) as [readonly number[]]));
  },
  transpose(this: MLXArray, ...order: unknown[]) {
    const given = order.length === 0 ? [] : gather(order);
    return axes.transpose(this, ...(given as [readonly number[]]));
  },
  item(this: MLXArray, ...rest: unknown[]): number | boolean | bigint | Complex {
    refuseArguments(rest, 'item');
    return readItem(this);
  },
  tolist(this: MLXArray, ...rest: unknown[]) {
    refuseArguments(rest, 'tolist');
    return readList(this);
  },
  toTypedArray(this: MLXArray, ...rest: unknown[]) {
    return readTypedArray(inDtype(this, rest, 'toTypedArray'));
  },
  data(this: MLXArray, ...rest: unknown[]) {
    const last = rest.at(-1);
    const signal = last instanceof AbortSignal ? last : undefined;
    return readData(inDtype(this, signal ? rest.slice(0, -1) : rest, 'data'), signal);
  },
  toString(this: MLXArray, ...rest: unknown[]) {
    refuseArguments(rest, 'toString');
    return print(this);
  },
  index(this: MLXArray, ...indices: unknown[]) {
    return readIndex(this, indices);
  },
  indexPut_(this: MLXArray, indices: unknown, value: ArrayLike) {
    checkCount(arguments.length, 2, 'indexPut_');
    const list: readonly unknown[] = Array.isArray(indices)
      ? copyList(indices, 'indexPut_')
      : [indices];
    assign(this, writeIndex(this, list, value, 'set', 'indexPut_'));
    return this;
  },
  at(this: MLXArray, ...indices: Index[]) {
    return new IndexedUpdate(this, indices);
  },
  assign_(this: MLXArray, b: ArrayLike) {
    checkCount(arguments.length, 1, 'assign_');
    const source = isArray(b) ? b : toArray(b, 'assign_', this.dtype);
    const [own, other] = [this.shape, source.shape];
    if (own.length !== other.length || own.some((size, i) => size !== other[i]))
      throw new ShapeError(
        `[assign_] An array of shape (${other.join(',')}) does not fit shape (${own.join(',')}).`,
      );
    if (this.dtype !== source.dtype)
      throw new DtypeError(`[assign_] An array of ${source.dtype} does not fit ${this.dtype}.`);
    assign(this, source);
    return this;
  },
  dispose(this: MLXArray, ...rest: unknown[]) {
    refuseArguments(rest, 'dispose');
    checked(native.release([idOf(this)]));
  },
  [Symbol.dispose](this: MLXArray) {
    checked(native.release([idOf(this)]));
  },
  [Symbol.toPrimitive](this: MLXArray, hint: string) {
    return toPrimitive(this, hint);
  },
  toJSON(this: MLXArray) {
    return toJson(this);
  },
});

install({
  [Symbol.for('nodejs.util.inspect.custom')](this: MLXArray) {
    // An object that only inherits from an array's prototype has no value to print.
    if (!isArray(this)) return '[array]';
    return checked(native.isReleased(idOf(this))) ? 'array(released)' : print(this);
  },
});

installGetters({
  T: (a) => axes.transpose(a),
  real: (a) => complexParts.real(a),
  imag: (a) => complexParts.imag(a),
  length: (a) => {
    const shape = a.shape;
    if (shape.length === 0) throw new TypeError('[length] A scalar has no length.');
    return shape[0];
  },
});

refuseAssignments(MLXArray.prototype, '', {
  shape: 'a.reshape(shape) is an array of another shape',
  dtype: 'a.astype(dtype) is an array of another dtype',
  T: 'a.assign_(b) gives an array the value of another',
  real: 'make a complex array anew',
  imag: 'make a complex array anew',
});

function* slices(this: MLXArray): IterableIterator<MLXArray> {
  const length = this.length;
  checkIteration(length);
  for (let i = 0; i < length; i++) yield readIndex(this, [i]);
}

// A scalar has no iterator at all: jest compares what has one by its elements.
Object.defineProperty(MLXArray.prototype, Symbol.iterator, {
  get(this: MLXArray) {
    return isArray(this) && native.ndim(idOf(this)) === 0 ? undefined : slices;
  },
  configurable: true,
});

Object.defineProperty(MLXArray.prototype, Symbol.toStringTag, {
  get(this: MLXArray) {
    return toTag(this);
  },
  configurable: true,
});

Object.defineProperty(MLXArray.prototype, copySymbol, { value: ownFolder });
