import * as mx from '@mlx/core';
import { Module } from './module';

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
export class Dropout extends Module {
  readonly #p: number;

  /**
   * @param p - the probability of 0, at least 0 and less than 1; default 0.5.
   * @throws RangeError for another probability.
   */
  constructor(p = 0.5) {
    super();
    if (!(p >= 0 && p < 1))
      throw new RangeError(`[Dropout] The dropout probability ${p} is not in [0, 1)`);
    this.#p = p;
  }

  forward(x: mx.array): mx.array {
    if (this.#p === 0 || !this.training) return x;
    const keep = mx.random.bernoulli(1 - this.#p, x.shape);
    return mx.multiply(mx.multiply(x, keep), 1 / (1 - this.#p));
  }

  protected override extraRepr(): string {
    return `p=${this.#p}`;
  }
}
