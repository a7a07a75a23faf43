import * as mx from '../index';
import type { Options } from './operation';

type Result = mx.array | readonly mx.array[];

export function listOf(result: Result): mx.array[] {
  return result instanceof mx.array ? [result] : [...result];
}

/** The values as bytes, in row-major order. */
export function bytesOf(a: mx.array): Buffer {
  const values = a.toTypedArray();
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** The values as numbers; complex ones as real and imaginary parts in turn. */
export function numbersOf(a: mx.array): Float64Array {
  if (a.dtype === mx.complex64) return Float64Array.from(a.toTypedArray() as Float32Array);
  return a.astype(mx.float64).toTypedArray() as Float64Array;
}

const kindOf = (a: mx.array): string => `${a.dtype}(${a.shape.join()})`;

function checkKinds(got: readonly mx.array[], want: readonly mx.array[]): void {
  const [ours, theirs] = [got.map(kindOf).join(), want.map(kindOf).join()];
  if (ours !== theirs) throw new Error(`${ours} instead of ${theirs}`);
}

export function checkSameBits(got: Result, want: Result): void {
  const [ours, theirs] = [listOf(got), listOf(want)];
  checkKinds(ours, theirs);
  ours.forEach((a, i) => {
    if (bytesOf(a).equals(bytesOf(theirs[i]!))) return;
    const [x, y] = [numbersOf(a), numbersOf(theirs[i]!)];
    const at = x.findIndex((value, j) => !Object.is(value, y[j]));
    throw new Error(`element ${at} of output ${i} is ${x[at]} instead of ${y[at]}`);
  });
}

const epsilons = new Map<mx.Dtype, number>([
  [mx.float16, 2 ** -10],
  [mx.bfloat16, 2 ** -7],
  [mx.float32, 2 ** -23],
  [mx.complex64, 2 ** -23],
  [mx.float64, 2 ** -52],
]);

/** Half types' least numbers are large enough to matter. */
const smallest = new Map<mx.Dtype, number>([[mx.float16, 2 ** -24]]);

export function largest(values: Float64Array): number {
  let found = 0;
  for (const value of values) if (Number.isFinite(value)) found = Math.max(found, Math.abs(value));
  return found;
}

export function checkWithin(
  got: Float64Array,
  want: Float64Array,
  bound: (i: number) => number,
  what: string,
): void {
  for (let i = 0; i < want.length; i++) {
    const [x, y] = [got[i]!, want[i]!];
    if (Object.is(x, y) || x === y || Math.abs(x - y) <= bound(i)) continue;
    throw new Error(`element ${i} of ${what} is ${x} instead of ${y} ± ${bound(i)}`);
  }
}

/** Equal up to rounding to the dtype of what was computed; integers exactly. */
export function checkClose(
  got: Result,
  want: Result,
  {
    ulps,
    relativeTo,
    magnitude = 0,
  }: { ulps: number; relativeTo: Options['relativeTo'] | 'modulus'; magnitude?: number },
): void {
  const [ours, theirs] = [listOf(got), listOf(want)];
  if (ours.length !== theirs.length)
    throw new Error(`${ours.length} outputs instead of ${theirs.length}`);
  ours.forEach((a, i) => {
    const other = theirs[i]!;
    if (a.shape.join() !== other.shape.join())
      throw new Error(`shape (${a.shape.join()}) instead of (${other.shape.join()})`);
    const epsilon = epsilons.get(a.dtype);
    if (epsilon === undefined) return checkSameBits(a, other.astype(a.dtype));
    const [x, y] = [numbersOf(a), numbersOf(other)];
    const whole = Math.max(largest(y), magnitude);
    const scale = (j: number): number => {
      if (relativeTo === 'largest') return whole;
      const modulus =
        relativeTo === 'modulus' && a.dtype === mx.complex64
          ? Math.hypot(y[j & ~1]!, y[j | 1]!)
          : 0;
      return Number.isFinite(modulus) ? Math.max(modulus, Math.abs(y[j]!)) : Math.abs(y[j]!);
    };
    const bound = (j: number): number =>
      Math.max(ulps * epsilon * scale(j), smallest.get(a.dtype) ?? 0);
    checkWithin(x, y, bound, `output ${i}`);
  });
}

/** Adds what was called to the message of an error. */
export function within(context: string, body: () => void): void {
  try {
    body();
  } catch (error) {
    throw new Error(`${context}: ${(error as Error).message}`, { cause: error });
  }
}
