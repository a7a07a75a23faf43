import * as mx from '@mlx/core';
import {
  array,
  boolean,
  bounded,
  choice,
  listOf,
  number,
  operation,
  optional,
  reader,
  type Kind,
} from '@mlx/core/calls';
import { floating, widened } from './floating';
import { takesInputs } from './inputs';
import { Module } from './module';

const factor = bounded(number, 'a positive number', (value) => value > 0 && value < Infinity);
const factors = listOf(factor, 'a list of positive numbers');

/** A factor for all spatial axes, or a list with one for each. */
const scaleFactor: Kind<number | readonly number[]> = {
  text: 'a positive number or a list of them',
  fits: (value) => typeof value === 'number' || Array.isArray(value),
  read: (value, name, parameter) =>
    (Array.isArray(value) ? factors : factor).read!(value, name, parameter),
};

const interpolation = {
  alignCorners: optional(boolean, false),
  antialias: optional(boolean, false),
};

const interpolated = { x: array, scaleFactor, ...interpolation };

/** Options of {@link upsampleLinear} and {@link upsampleCubic}. */
export interface InterpolationOptions {
  /** Whether the corners' centers stay, or the corners; default: false. */
  alignCorners?: boolean | undefined;
  /** Whether to average when it gets smaller; default: false. */
  antialias?: boolean | undefined;
}

/** For each element of an output axis, what it takes of the input axis. */
type Taps = { readonly index: number; readonly weight: number }[];

type Filter = (distance: number) => number;

const triangle: Filter = (x) => Math.max(0, 1 - Math.abs(x));

/** The cubic convolution kernel (Keys 1981, doi:10.1109/TASSP.1981.1163711). */
function cubic(a: number): Filter {
  return (distance) => {
    const x = Math.abs(distance);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((x - 5) * x + 8) * a * x - 4 * a : 0;
  };
}

/** Where the elements of the output lie on the input's axis. */
function positions(size: number, scale: number, alignCorners: boolean): number[] {
  const outputs = Math.floor(size * scale);
  if (alignCorners) {
    const step = outputs > 1 ? (size - 1) / (outputs - 1) : 0;
    return Array.from({ length: outputs }, (_, i) => i * step);
  }
  // Centers of squares whose first corners lie on each other, as in PyTorch.
  return Array.from({ length: outputs }, (_, i) => (i + 0.5) / scale - 0.5);
}

/** Interpolation from neighbours within `support`; beyond the edge the last element repeats. */
function interpolationTaps(
  size: number,
  scale: number,
  alignCorners: boolean,
  support: number,
  filter: Filter,
): Taps[] {
  // As in PyTorch, what linear interpolation leaves as large as it was stays as it is.
  const isSame = support === 1 && Math.floor(size * scale) === size;
  return positions(size, scale, alignCorners || isSame).map((position) => {
    const at = support === 1 ? Math.min(Math.max(position, 0), size - 1) : position;
    const first = Math.floor(at) - support + 1;
    return Array.from({ length: 2 * support }, (_, k) => ({
      index: Math.min(Math.max(first + k, 0), size - 1),
      weight: filter(at - (first + k)),
    }));
  });
}

/** Averages as wide as the output's steps, so that nothing between them is skipped. */
function antialiasedTaps(
  size: number,
  scale: number,
  alignCorners: boolean,
  support: number,
  filter: Filter,
): Taps[] {
  const outputs = Math.floor(size * scale);
  const step = alignCorners && outputs > 1 ? (size - 1) / (outputs - 1) : 1 / scale;
  const width = Math.max(step, 1);
  return Array.from({ length: outputs }, (_, i) => {
    const center = step * (i + 0.5);
    const first = Math.max(Math.floor(center - support * width + 0.5), 0);
    const last = Math.min(Math.floor(center + support * width + 0.5), size);
    const taps = Array.from({ length: last - first }, (_unused, k) => ({
      index: first + k,
      weight: filter((first + k - center + 0.5) / width),
    }));
    const total = taps.reduce((sum, { weight }) => sum + weight, 0);
    return taps.map(({ index, weight }) => ({ index, weight: weight / total }));
  });
}

/** The most positions of an axis whose places are computed, one after another. */
const mostPositions = 2 ** 21;
const mostWeights = 2 ** 28;

/** Weighted sums along an axis: few taps are gathered, many are a product with their matrix. */
function resample(x: mx.array, axis: number, taps: Taps[]): mx.array {
  const count = Math.max(...taps.map((own) => own.length));
  const weightShape = x.shape.map((_size, i) => (i === axis ? taps.length : 1));
  if (count <= 4) {
    let sum: mx.array | undefined;
    for (let k = 0; k < count; ++k) {
      const indices = mx.array(
        taps.map((own) => own[k]?.index ?? 0),
        mx.int32,
      );
      const weights = mx.array(
        taps.map((own) => own[k]?.weight ?? 0),
        x.dtype,
      );
      const part = mx.multiply(mx.take(x, indices, axis), mx.reshape(weights, weightShape));
      sum = sum ? mx.add(sum, part) : part;
    }
    return sum!;
  }
  const size = x.shape[axis]!;
  if (taps.length * size > mostWeights)
    throw new RangeError(
      `[Upsample] A matrix of ${taps.length} x ${size} weights would be needed; at most ` +
        `${mostWeights} are made.`,
    );
  const matrix = new Float32Array(taps.length * size);
  taps.forEach((own, i) => own.forEach((tap) => (matrix[i * size + tap.index]! += tap.weight)));
  const weights = mx.astype(mx.reshape(mx.array(matrix), [taps.length, size]), x.dtype);
  return mx.moveaxis(mx.matmul(mx.moveaxis(x, axis, -1), mx.transpose(weights)), -1, axis);
}

function spatialScales(
  name: string,
  x: mx.array,
  scaleFactor: number | readonly number[],
): number[] {
  if (x.ndim < 3)
    throw new mx.ShapeError(
      `[${name}] Expected an input [batch, ...spatial, channels] but received shape ` +
        `(${x.shape.join(',')})`,
    );
  const axes = x.ndim - 2;
  const scales =
    typeof scaleFactor === 'number' ? new Array<number>(axes).fill(scaleFactor) : [...scaleFactor];
  if (scales.length !== axes)
    throw new RangeError(
      `[${name}] Expected ${axes} scale factors for an input of shape (${x.shape.join(',')}), but ` +
        `got [${scales.join(', ')}].`,
    );
  x.shape.slice(1, -1).forEach((size, i) => {
    const outputs = Math.floor(size * scales[i]!);
    if (!(outputs >= 1))
      throw new RangeError(`[${name}] A scale factor of ${scales[i]} leaves nothing of ${size}`);
    if (Math.max(size, outputs) > mostPositions)
      throw new RangeError(
        `[${name}] A scale factor of ${scales[i]} makes ${outputs} of ${size} positions; at most ` +
          `${mostPositions} are taken.`,
      );
  });
  return scales;
}

/**
 * Enlarges the spatial axes of `[batch, ...spatial, channels]` by repeating elements.
 *
 * @param scaleFactor - one for all spatial axes, or one for each.
 * @param x - shape [batch, ...sizes, channels].
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { upsampleNearest } from '@mlx/nn';
 *
 * upsampleNearest(mx.array([[[1], [2]]]), 2).tolist(); // => [[[1], [1], [2], [2]]]
 * ```
 */
export function upsampleNearest(x: mx.ArrayLike, scaleFactor: number | readonly number[]): mx.array;
export function upsampleNearest(...values: unknown[]): mx.array {
  return repeatElements(values);
}
const nearest = { x: array, scaleFactor };
const repeatElements = operation('upsampleNearest', nearest, ({ x, scaleFactor }) => {
  const scales = spatialScales('upsampleNearest', x, scaleFactor);
  return scales.reduce((y, scale, i) => {
    const axis = i + 1;
    if (Number.isInteger(scale)) return mx.repeat(y, scale, axis);
    const size = y.shape[axis]!;
    const outputs = Math.floor(size * scale);
    const indices = Array.from({ length: outputs }, (_, k) =>
      outputs === size ? k : Math.min(Math.floor(k / scale), size - 1),
    );
    return mx.take(y, mx.array(indices, mx.int32), axis);
  }, x);
});

function upsampleBy(
  name: string,
  x: mx.array,
  scaleFactor: number | readonly number[],
  tapsOf: (size: number, scale: number) => Taps[],
): mx.array {
  const scaled = spatialScales(name, x, scaleFactor).reduce(
    (y, scale, i) => (scale === 1 ? y : resample(y, i + 1, tapsOf(y.shape[i + 1]!, scale))),
    widened(x),
  );
  return mx.astype(scaled, floating(x).dtype);
}

/**
 * Scales the spatial axes of `[batch, ...spatial, channels]` by linear interpolation.
 *
 * @param scaleFactor - one for all spatial axes, or one for each.
 * @param alignCorners - whether the corners' centers stay, or the corners; default false.
 * @param antialias - whether to average when it gets smaller; default false.
 * @param x - shape [batch, ...sizes, channels].
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { upsampleLinear } from '@mlx/nn';
 *
 * upsampleLinear(mx.array([[[0], [3]]]), 2, true).tolist(); // => [[[0], [1], [2], [3]]]
 * ```
 */
export function upsampleLinear(
  x: mx.ArrayLike,
  scaleFactor: number | readonly number[],
  alignCorners?: boolean,
  antialias?: boolean,
): mx.array;
export function upsampleLinear(
  x: mx.ArrayLike,
  scaleFactor: number | readonly number[],
  options: InterpolationOptions,
): mx.array;
export function upsampleLinear(
  x: mx.ArrayLike,
  scaleFactor: number | readonly number[],
  alignCorners: boolean,
  options: InterpolationOptions,
): mx.array;
export function upsampleLinear(...values: unknown[]): mx.array {
  return interpolateLinear(values);
}
const interpolateLinear = operation('upsampleLinear', interpolated, (given) => {
  const { x, scaleFactor, alignCorners, antialias } = given;
  return upsampleBy('upsampleLinear', x, scaleFactor, (size, scale) =>
    antialias
      ? antialiasedTaps(size, scale, alignCorners, 1, triangle)
      : interpolationTaps(size, scale, alignCorners, 1, triangle),
  );
});

/**
 * Scales the spatial axes of `[batch, ...spatial, channels]` by cubic interpolation.
 *
 * @param scaleFactor - one for all spatial axes, or one for each.
 * @param alignCorners - whether the corners' centers stay, or the corners; default false.
 * @param antialias - whether to average when it gets smaller; default false.
 * @param x - shape [batch, ...sizes, channels].
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { upsampleCubic } from '@mlx/nn';
 *
 * upsampleCubic(mx.ones([1, 4, 4, 3]), 2.5).shape; // => [1, 10, 10, 3]
 * ```
 */
export function upsampleCubic(
  x: mx.ArrayLike,
  scaleFactor: number | readonly number[],
  alignCorners?: boolean,
  antialias?: boolean,
): mx.array;
export function upsampleCubic(
  x: mx.ArrayLike,
  scaleFactor: number | readonly number[],
  options: InterpolationOptions,
): mx.array;
export function upsampleCubic(
  x: mx.ArrayLike,
  scaleFactor: number | readonly number[],
  alignCorners: boolean,
  options: InterpolationOptions,
): mx.array;
export function upsampleCubic(...values: unknown[]): mx.array {
  return interpolateCubic(values);
}
const interpolateCubic = operation('upsampleCubic', interpolated, (given) => {
  const { x, scaleFactor, alignCorners, antialias } = given;
  return upsampleBy('upsampleCubic', x, scaleFactor, (size, scale) =>
    antialias
      ? antialiasedTaps(size, scale, alignCorners, 2, cubic(-0.5))
      : interpolationTaps(size, scale, alignCorners, 2, cubic(-0.75)),
  );
});

/** How {@link Upsample} fills in elements. */
export type UpsampleMode = 'nearest' | 'linear' | 'cubic';

/** Options of {@link Upsample}. */
export interface UpsampleOptions extends InterpolationOptions {
  /** How elements are filled in; default: 'nearest'. */
  mode?: UpsampleMode | undefined;
}

const readUpsample = reader('Upsample', {
  scaleFactor,
  mode: optional(choice('nearest', 'linear', 'cubic'), 'nearest'),
  ...interpolation,
});

/**
 * Scales the spatial axes of `[batch, ...spatial, channels]`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Upsample } from '@mlx/nn';
 *
 * new Upsample(2)(mx.ones([1, 4, 4, 3])).shape; // => [1, 8, 8, 3]
 * ```
 */
export class Upsample extends Module {
  static {
    takesInputs(this, { x: array });
  }

  readonly #scaleFactor: number | readonly number[];
  readonly #mode: UpsampleMode;
  readonly #alignCorners: boolean;
  readonly #antialias: boolean;

  /**
   * @param scaleFactor - one for all spatial axes, or one for each.
   * @param mode - `'nearest'` (default), `'linear'` or `'cubic'`.
   * @param alignCorners - whether the corners' centers stay, or the corners; default false.
   * @param antialias - whether to average when it gets smaller; default false.
   * @throws TypeError for another mode.
   */
  constructor(
    scaleFactor: number | readonly number[],
    mode?: UpsampleMode,
    alignCorners?: boolean,
    antialias?: boolean,
  );
  constructor(scaleFactor: number | readonly number[], options: UpsampleOptions);
  constructor(
    scaleFactor: number | readonly number[],
    mode: UpsampleMode,
    options: UpsampleOptions,
  );
  constructor(...values: unknown[]) {
    super();
    const { scaleFactor, mode, alignCorners, antialias } = readUpsample(values);
    this.#scaleFactor = scaleFactor;
    this.#mode = mode;
    this.#alignCorners = alignCorners;
    this.#antialias = antialias;
  }

  /**
   * @param x - shape [batch, ...sizes, channels]; the result is [batch, ...new sizes, channels].
   */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    if (this.#mode === 'nearest') return upsampleNearest(x, this.#scaleFactor);
    const scale = this.#mode === 'linear' ? upsampleLinear : upsampleCubic;
    return scale(x, this.#scaleFactor, this.#alignCorners, this.#antialias);
  }

  protected override extraRepr(): string {
    return (
      `scaleFactor=${String(this.#scaleFactor)}, mode='${this.#mode}', ` +
      `alignCorners=${this.#alignCorners}`
    );
  }
}
