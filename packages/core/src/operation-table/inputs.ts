import * as mx from '../index';
import type { Input, Sample } from './operation';
import { seeded, type Random } from './values';

/** Values in row-major order; complex ones as real and imaginary parts in turn. */
export interface Contents {
  readonly values: readonly number[];
  readonly shape: readonly number[];
  readonly dtype: mx.Dtype;
}

const isComplex = (dtype: mx.Dtype): boolean => dtype === mx.complex64;
const isFloating = (dtype: mx.Dtype): boolean => mx.issubdtype(dtype, mx.inexact);
const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function fit(value: number, dtype: mx.Dtype): number {
  if (dtype === mx.bool_) return value > 0 ? 1 : 0;
  if (isFloating(dtype)) return value;
  const whole = Math.round(value);
  return mx.issubdtype(dtype, mx.unsignedinteger) ? Math.abs(whole) : whole;
}

function contentsOf(input: Input, dtype: mx.Dtype, random: Random): Contents {
  const real = input.values(random, count(input.shape)).map((value) => fit(value, dtype));
  const { shape } = input;
  if (!isComplex(dtype)) return { values: real, shape, dtype };
  const imaginary = input.values(random, real.length);
  return { values: real.flatMap((re, i) => [re, imaginary[i]! / 2]), shape, dtype };
}

/** The inputs of a sample for a dtype, the same on each call. */
export function generate(sample: Sample, dtype: mx.Dtype): Contents[] {
  const random = seeded(sample.inputs.length * 7919 + count(sample.inputs[0]?.shape ?? []));
  return sample.inputs.map((one) => contentsOf(one, one.dtype ?? dtype, random));
}

/** Random values like an array's, for tangents and cotangents. */
export function directionLike(a: mx.array, random: Random): mx.array {
  const length = a.size * (isComplex(a.dtype) ? 2 : 1);
  const values = Array.from({ length }, () => Math.round((2 * random() - 1) * 64) / 64);
  return toArray({ values, shape: a.shape, dtype: a.dtype });
}

export function toArray({ values, shape, dtype }: Contents): mx.array {
  if (!isComplex(dtype))
    return mx.array(Float64Array.from(values), mx.float64).astype(dtype).reshape(shape);
  const pairs = mx.array(Float32Array.from(values), mx.float32);
  return pairs.view(mx.complex64).reshape(shape);
}

/** The contents with another order or number of elements along the axes. */
function rearrange(
  contents: Contents,
  shape: readonly number[],
  source: (index: readonly number[]) => readonly number[] | null,
): Contents {
  const parts = isComplex(contents.dtype) ? 2 : 1;
  const values: number[] = [];
  for (let i = 0; i < count(shape); i++) {
    const index = new Array<number>(shape.length);
    let rest = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    const from = source(index);
    let place = 0;
    from?.forEach((at, axis) => (place = place * contents.shape[axis]! + at));
    for (let part = 0; part < parts; part++)
      values.push(from === null ? 1 : contents.values[place * parts + part]!);
  }
  return { ...contents, values, shape };
}

/** Arrays of the same contents that lie in memory in other ways. */
export const layouts: Readonly<Record<string, (contents: Contents) => mx.array>> = {
  transposed: (contents) => {
    const reversed = [...contents.shape].reverse();
    return toArray(rearrange(contents, reversed, (index) => [...index].reverse())).transpose();
  },
  'every second': (contents) => {
    const wide = contents.shape.map((size) => 2 * size + 1);
    const inside = rearrange(contents, wide, (index) =>
      index.every((at) => at % 2 === 1) ? index.map((at) => (at - 1) / 2) : null,
    );
    return toArray(inside).index(...wide.map(() => '1::2'));
  },
  backwards: (contents) => {
    const { shape } = contents;
    const flipped = rearrange(contents, shape, (index) =>
      index.map((at, axis) => shape[axis]! - 1 - at),
    );
    return toArray(flipped).index(...shape.map(() => '::-1'));
  },
};

/** Contents that are constant along the first axis, and the array that says so with a stride of 0. */
export function broadcast(contents: Contents): [Contents, mx.array] {
  const { shape } = contents;
  if (shape.length === 0 || shape[0] === 0) return [contents, toArray(contents)];
  const one = rearrange(contents, [1, ...shape.slice(1)], (index) => index);
  const whole = rearrange(one, shape, ([, ...rest]) => [0, ...rest]);
  return [whole, mx.broadcastTo(toArray(one), shape)];
}
