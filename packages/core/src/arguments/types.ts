import type { MLXArray } from '../array/array';
import type { Complex } from '../array/complex';
import type { Device, Stream } from '../devices/device';
import type { Dtype } from '../dtypes/dtype';

/** A value of one element. */
export type Scalar = number | boolean | bigint | Complex;

/** The typed arrays of JavaScript; Float16Array where the runtime has it. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** A type that the caller states or its default, never one taken from where the value goes. */
export type Stated<T> = [T][T extends unknown ? 0 : never];

/** Lists in lists of values. */
export type NestedArray<T> = T | readonly NestedArray<T>[];

/** Whatever can stand for an array. */
export type ArrayLike = MLXArray | Scalar | TypedArray | readonly ArrayLike[];

/** One axis, several, or null for all. */
export type Axes = number | readonly number[] | null;

/** Where an operation runs. */
export type StreamOrDevice = Stream | Device;

/** The option that every operation takes. */
export interface StreamOptions {
  /** Where the operation runs; by default on the default device's default stream. */
  stream?: StreamOrDevice | undefined;
}

/** The last positional argument of every operation, or options with it. */
export type StreamArgument = StreamOrDevice | StreamOptions;

/** The option of operations that make an array. */
export interface DtypeOptions extends StreamOptions {
  /** The dtype of the result. */
  dtype?: Dtype | null | undefined;
}
