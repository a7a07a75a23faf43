import * as mx from '../index';
import { between, below, type Values } from './values';

/** One array that an operation takes. */
export interface Input {
  readonly shape: readonly number[];
  readonly values: Values;
  /** Set where it isn't the dtype under test: indices, masks, keys. */
  readonly dtype?: mx.Dtype;
}

export type Call = (...inputs: mx.array[]) => mx.array | readonly mx.array[];

/** One way to call an operation. */
export interface Sample {
  readonly call: Call;
  readonly inputs: readonly Input[];
}

export interface Options {
  /** What the inputs without a dtype of their own are tested with. */
  readonly dtypes: readonly mx.Dtype[];
  /** Whether inputs of the dtype under test have derivatives. */
  readonly differentiable: boolean;
  /** Whether a narrow dtype gives what a wide one gives, rounded. */
  readonly widens: boolean;
  /** How many units in the last place narrower dtypes and mapped calls may be away. */
  readonly ulps: number;
  /** What the units are relative to: each element, or the result's largest. */
  readonly relativeTo: 'element' | 'largest';
}

/** One row of the table. */
export interface Operation extends Options {
  /** Its path in @mlx/core; methods stand below `array`. */
  readonly name: string;
  readonly samples: readonly Sample[];
}

export const halves = [mx.float16, mx.bfloat16];
export const floats = [mx.float32, mx.float64, ...halves];
export const signed = [mx.int8, mx.int16, mx.int32, mx.int64];
export const unsigned = [mx.uint8, mx.uint16, mx.uint32, mx.uint64];
export const integers = [...signed, ...unsigned];
export const reals = [...floats, ...integers];
export const numbers = [...reals, mx.complex64];
export const all = [...numbers, mx.bool_];
export const inexact = [...floats, mx.complex64];

const defaults: Options = {
  dtypes: floats,
  differentiable: true,
  widens: true,
  ulps: 4,
  relativeTo: 'element',
};

export function operation(
  name: string,
  samples: readonly Sample[],
  options: Partial<Options> = {},
): Operation {
  return { ...defaults, ...options, name, samples };
}

export function sample(call: Call, ...inputs: (Input | readonly number[])[]): Sample {
  return {
    call,
    inputs: inputs.map((one) => ('shape' in one ? one : input(one))),
  };
}

/** An input of the dtype under test. */
export function input(shape: readonly number[], values: Values = between(-2, 2)): Input {
  return { shape, values };
}

/** Indices from 0 to size - 1. */
export function indices(shape: readonly number[], size: number): Input {
  return { shape, values: below(size), dtype: mx.int32 };
}

export function mask(shape: readonly number[]): Input {
  return { shape, values: between(-1, 1), dtype: mx.bool_ };
}

/** The state that a random draw starts from. */
export const key: Input = { shape: [2], values: below(1 << 20), dtype: mx.uint32 };

/** The function of @mlx/core at a path such as `linalg.inv`. */
export function named(path: string): (...args: unknown[]) => mx.array {
  let found: unknown = mx;
  for (const part of path.split('.')) found = (found as Record<string, unknown>)[part];
  if (typeof found !== 'function') throw new Error(`@mlx/core has no function ${path}.`);
  return found as (...args: unknown[]) => mx.array;
}

/** The operation called with each list of further arguments. */
export function withArguments(
  path: string,
  inputs: readonly (Input | readonly number[])[],
  ...lists: readonly (readonly unknown[])[]
): Sample[] {
  return lists.map((list) => sample((...arrays) => named(path)(...arrays, ...list), ...inputs));
}
