import * as mx from '@mlx/core';
import { array, optional, reader } from '@mlx/core/calls';
import { takesInputs } from './inputs';
import { dropProbability } from './kinds';
import { Module } from './module';

/** Options of the dropout layers. */
export interface DropoutOptions {
  /** The probability that a value becomes 0, at least 0 and less than 1; default: 0.5. */
  p?: number | undefined;
}

const readerOf = (name: string) => reader(name, { p: optional(dropProbability, 0.5) });

const readDropout = readerOf('Dropout');
const readDropout2d = readerOf('Dropout2d');
const readDropout3d = readerOf('Dropout3d');

/** What the dropout layers share: which axes are dropped together. */
abstract class DropoutBase extends Module {
  readonly #p: number;
  /** The shape of the mask for an input, which it is broadcast to. */
  readonly #maskShape: (x: mx.array) => number[];

  static {
    takesInputs(this, { x: array });
  }

  constructor(p: number, maskShape: (x: mx.array) => number[]) {
    super();
    this.#maskShape = maskShape;
    this.#p = p;
  }

  /** @param x - the array; the result has its shape, and is the same in evaluation. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    if (this.#p === 0 || !this.training) return x;
    const keep = mx.random.bernoulli(1 - this.#p, this.#maskShape(x));
    return mx.multiply(mx.multiply(x, keep), 1 / (1 - this.#p));
  }

  protected override extraRepr(): string {
    return `p=${this.#p}`;
  }
}

/**
 * While training, sets each value to 0 with probability p and scales the others by 1 / (1 - p);
 * while evaluating, changes nothing.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Dropout } from '@mlx/nn';
 *
 * new Dropout(0.5).eval()(mx.ones([3])).tolist(); // => [1, 1, 1]
 * ```
 */
export class Dropout extends DropoutBase {
  /**
   * @param p - the probability of 0, at least 0 and less than 1; default 0.5.
   * @throws RangeError for another probability.
   */
  constructor(p?: number | DropoutOptions);
  constructor(...values: unknown[]) {
    super(readDropout(values).p, (x) => x.shape);
  }
}

/** The shape of one value for each channel of each image. */
function channelShape(x: mx.array, spatialAxes: number, name: string): number[] {
  if (x.ndim !== spatialAxes + 1 && x.ndim !== spatialAxes + 2)
    throw new mx.ShapeError(
      `[${name}] Expected ${spatialAxes + 1} or ${spatialAxes + 2} axes but received shape ` +
        `(${x.shape.join(',')})`,
    );
  const { shape } = x;
  for (let axis = 0; axis < spatialAxes; ++axis) shape[shape.length - 2 - axis] = 1;
  return shape;
}

/**
 * {@link Dropout} of whole channels: inputs are `[batch, height, width, channels]` or
 * `[height, width, channels]`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Dropout2d } from '@mlx/nn';
 *
 * new Dropout2d(0.5).eval()(mx.ones([1, 1, 1, 2])).tolist(); // => [[[[1, 1]]]]
 * ```
 */
export class Dropout2d extends DropoutBase {
  /**
   * @param p - the probability that a channel becomes 0, at least 0 and less than 1; default 0.5.
   * @throws RangeError for another probability.
   */
  constructor(p?: number | DropoutOptions);
  constructor(...values: unknown[]) {
    super(readDropout2d(values).p, (x) => channelShape(x, 2, 'Dropout2d'));
  }
}

/**
 * {@link Dropout} of whole channels: inputs are `[batch, depth, height, width, channels]` or
 * `[depth, height, width, channels]`.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Dropout3d } from '@mlx/nn';
 *
 * new Dropout3d(0.5).eval()(mx.ones([1, 1, 1, 2])).tolist(); // => [[[[1, 1]]]]
 * ```
 */
export class Dropout3d extends DropoutBase {
  /**
   * @param p - the probability that a channel becomes 0, at least 0 and less than 1; default 0.5.
   * @throws RangeError for another probability.
   */
  constructor(p?: number | DropoutOptions);
  constructor(...values: unknown[]) {
    super(readDropout3d(values).p, (x) => channelShape(x, 3, 'Dropout3d'));
  }
}
