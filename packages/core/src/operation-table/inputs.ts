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
const extremes = [NaN, Infinity, -Infinity, -0, 0, 65504, -3e38, 1e-40, 1e300];

/** The sample's own inputs with every other value replaced by one at the edge of its dtype. */
export function generateExtreme(sample: Sample, dtype: mx.Dtype): Contents[] {
  const whole = mx.issubdtype(dtype, mx.integer) ? mx.iinfo(dtype) : null;
  const edges = whole ? [Number(whole.min), Number(whole.max), 0, 1] : extremes;
  return generate(sample, dtype).map((contents, i) =>
    sample.inputs[i]!.dtype !== undefined || dtype === mx.bool_
      ? contents
      : {
          ...contents,
          values: contents.values.map((value, j) =>
            (j + i) % 2 ? edges[((j >> 1) + 2 * i + j) % edges.length]! : value,
          ),
        },
  );
}

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

const each = (a: mx.array, index: string): string[] => a.shape.map(() => index);

/** Ways to lie in memory: each makes an array of the same values with other strides. */
export const layouts: Readonly<Record<string, (a: mx.array) => mx.array>> = {
  transposed: (a) => mx.contiguous(a.T).T,
  'every second': (a) =>
    a.shape.reduce((wide, _, axis) => mx.repeat(wide, 2, axis), a).index('...', ...each(a, '::2')),
  backwards: (a) =>
    mx.contiguous(a.index('...', ...each(a, '::-1'))).index('...', ...each(a, '::-1')),
};

/** The first slice for all slices, with a stride of 0. */
export function broadcast(a: mx.array): mx.array {
  return a.ndim === 0 || a.shape[0] === 0 ? a : mx.broadcastTo(a.index('0:1'), a.shape);
}
