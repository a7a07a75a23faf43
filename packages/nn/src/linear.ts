import * as mx from '@mlx/core';
import { Module } from './module';

/** Returns its input; constructor arguments are ignored, so that it can stand for another layer. */
export class Identity extends Module {
  constructor(..._ignored: unknown[]) {
    super();
  }

  forward(x: mx.array): mx.array {
    return x;
  }
}

/**
 * An affine map of the last axis: `x @ weight.T + bias`. Weights begin uniform in
 * ±1/sqrt(inputDims).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Linear } from '@mlx/nn';
 *
 * const layer = new Linear(3, 2);
 * layer(mx.zeros([5, 3])).shape; // => [5, 2]
 * ```
 */
export class Linear extends Module {
  /** Shape `[outputDims, inputDims]`. */
  weight: mx.array;
  /** Shape `[outputDims]`; absent if the layer was made without. */
  bias?: mx.array;

  /**
   * @param inputDims - size of the input's last axis.
   * @param outputDims - size of the output's last axis.
   * @param bias - whether to add a bias; default true.
   */
  constructor(inputDims: number, outputDims: number, bias = true) {
    super();
    const bound = 1 / Math.sqrt(inputDims);
    this.weight = mx.random.uniform(-bound, bound, [outputDims, inputDims]);
    if (bias) this.bias = mx.random.uniform(-bound, bound, [outputDims]);
  }

  forward(x: mx.array): mx.array {
    const weight = mx.transpose(this.weight);
    return this.bias ? mx.addmm(this.bias, x, weight) : mx.matmul(x, weight);
  }

  protected override extraRepr(): string {
    const [outputDims, inputDims] = this.weight.shape;
    return `inputDims=${inputDims}, outputDims=${outputDims}, bias=${this.bias !== undefined}`;
  }
}
