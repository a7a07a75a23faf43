import { native } from '../addon/native';
import type { ArrayId, Operation, StreamCode } from '../addon/types';
import {
  MLXArray,
  call,
  callBinary,
  callUnary,
  copySymbol,
  heldDtype,
  idOf,
  isArray,
} from '../array/array';
import { isComplex } from '../array/complex';
import { arrayFromValue } from '../array/from-javascript';
import {
  bool_,
  complex64,
  float32,
  int64,
  integerRange,
  isInteger,
  type Dtype,
} from '../dtypes/dtype';
import { within } from '../errors/errors';
import type { ArrayLike, Scalar } from './types';

// Scalars beside arrays cross in memory shared with the addon and need no array object: entry i
// is named -1 - i. The layout is ScalarArgument of native/addon/environment.h.
const scalarBuffer = native.scalarBuffer()!;
const scalarNumbers = new Float64Array(scalarBuffer);
const scalarIntegers = new BigInt64Array(scalarBuffer);
const scalarCount = scalarNumbers.length / 3;
const integerMark = 256;
let lastScalar = 0;

/** An array, or the number of a scalar in shared memory. */
export type Operand = MLXArray | ArrayId;

function checkFits(value: number | bigint, dtype: Dtype, name: string): void {
  const { min, max } = integerRange(dtype);
  if (value < min || value > max)
    throw new RangeError(
      `[${name}] ${value} does not fit ${dtype}, whose range is ${min} to ${max}.`,
    );
}

/** The dtype that a scalar takes beside an array's, or by itself. */
export function scalarDtype(value: Scalar, beside: Dtype | undefined, name: string): Dtype {
  if (typeof value === 'number') {
    if (beside === undefined || beside === bool_) return float32;
    if (!isInteger(beside)) return beside;
    if (!Number.isInteger(value)) return float32;
    checkFits(value, beside, name);
    return beside;
  }
  if (typeof value === 'boolean') return beside ?? bool_;
  if (typeof value === 'bigint') {
    const dtype = beside === undefined || beside === bool_ ? int64 : beside;
    if (isInteger(dtype)) checkFits(value, dtype, name);
    return dtype;
  }
  return complex64;
}

export function isScalar(value: unknown): value is Scalar {
  const type = typeof value;
  return type === 'number' || type === 'boolean' || type === 'bigint' || isComplex(value);
}

function writeScalar(value: Scalar, dtype: Dtype): ArrayId {
  lastScalar = (lastScalar + 1) % scalarCount;
  const at = 3 * lastScalar;
  let code: number = dtype.code;
  if (typeof value === 'number') {
    scalarNumbers[at] = value;
    scalarNumbers[at + 1] = 0;
  } else if (typeof value === 'bigint') {
    if (isInteger(dtype)) {
      scalarIntegers[at] = BigInt.asIntN(64, value);
      code += integerMark;
    } else {
      scalarNumbers[at] = Number(value);
    }
    scalarNumbers[at + 1] = 0;
  } else if (typeof value === 'boolean') {
    scalarNumbers[at] = value ? 1 : 0;
    scalarNumbers[at + 1] = 0;
  } else {
    scalarNumbers[at] = value.re;
    scalarNumbers[at + 1] = value.im;
  }
  scalarNumbers[at + 2] = code;
  return (-1 - lastScalar) as ArrayId;
}

/** Throws for an array of another copy of the package, which is a mere object to this one. */
export function refuseForeign(value: unknown, name: string): void {
  if (typeof value !== 'object' || value === null || isArray(value) || !(copySymbol in value))
    return;
  const own = String((MLXArray.prototype as unknown as { [copySymbol]: unknown })[copySymbol]);
  const other = String((value as { [copySymbol]: unknown })[copySymbol]);
  if (value instanceof MLXArray)
    throw new TypeError(
      `[${name}] Expected an array, but got an object that only inherits from one, or its proxy.`,
    );
  throw new TypeError(
    `[${name}] This array belongs to another copy of @mlx/core: ${other}, while this one is ` +
      `${own}. Run \`npm dedupe\`, so that all packages share one.`,
  );
}

/** The error for a value that is no array. */
function kindError(value: unknown, name: string): TypeError {
  refuseForeign(value, name);
  const kind = value === null ? 'null' : typeof value;
  return new TypeError(
    `[${name}] Expected an array, a number, boolean, bigint, Complex, a list of these or a ` +
      `TypedArray, but got ${kind}.`,
  );
}

/** Whether a value can stand for an array. */
export function isArrayLike(value: unknown): value is ArrayLike {
  return isArray(value) || isScalar(value) || Array.isArray(value) || ArrayBuffer.isView(value);
}

/** The value as an array; lists and scalars take the dtype, if one is named, from the start. */
export function toArray(value: unknown, name: string, dtype?: Dtype): MLXArray {
  if (isArray(value)) return value;
  if (!isArrayLike(value)) throw kindError(value, name);
  return arrayFromValue(value, dtype, name);
}

/** The same for functions that look at the array first: a released one is refused by their name. */
export function toHeldArray(value: unknown, name: string, dtype?: Dtype): MLXArray {
  const a = toArray(value, name, dtype);
  if (heldDtype(a) === undefined) within(name, () => a.dtype);
  return a;
}

/** The addon's number of an array that may be missing; lists and scalars take the dtype. */
export function optionalId(
  value: ArrayLike | null | undefined,
  name: string,
  dtype?: Dtype,
): ArrayId | undefined {
  return value === undefined || value === null ? undefined : idOf(toArray(value, name, dtype));
}

/** An array, or a scalar as it is: lists become arrays before scalars look what stands beside. */
export function arrayOrScalar(value: unknown, name: string): MLXArray | Scalar {
  return isScalar(value) ? value : toArray(value, name);
}

/** The value as an operand beside an array of a dtype. */
export function toOperand(value: unknown, beside: Dtype | undefined, name: string): Operand {
  if (isArray(value)) return value;
  if (isScalar(value)) return writeScalar(value, scalarDtype(value, beside, name));
  return toArray(value, name);
}

/** The number of an operand for the addon; read all at once, right before the call. */
export function operandId(operand: Operand): ArrayId {
  return typeof operand === 'number' ? operand : idOf(operand);
}

/** Runs an operation on one array or what stands for one. */
export function unary(
  operation: Operation<[ArrayId]>,
  name: string,
  a: unknown,
  stream: StreamCode | undefined,
): MLXArray {
  return callUnary(operation, isArray(a) ? a : toArray(a, name), stream);
}

/** The dtype of the first array among the values: what scalars beside it take. */
export function commonDtype(values: readonly unknown[]): Dtype | undefined {
  for (const value of values) if (isArray(value)) return heldDtype(value);
  return undefined;
}

/** Runs an operation on two arrays or what stands for them. */
export function binary(
  operation: Operation<[ArrayId, ArrayId]>,
  name: string,
  a: unknown,
  b: unknown,
  stream: StreamCode | undefined,
): MLXArray {
  if (isArray(a) && isArray(b)) return callBinary(operation, a, b, stream);
  const left = arrayOrScalar(a, name);
  const right = arrayOrScalar(b, name);
  const beside = commonDtype([left, right]);
  const first = toOperand(left, beside, name);
  const second = toOperand(right, beside, name);
  return call(operation, stream, operandId(first), operandId(second));
}
