import * as mx from '@mlx/core';
import * as activations from './activations';
import { Module } from './module';

/** Applies {@link activations.relu | relu}. */
export class ReLU extends Module {
  forward(x: mx.array): mx.array {
    return activations.relu(x);
  }
}

/** Applies {@link activations.relu2 | relu2}. */
export class ReLU2 extends Module {
  forward(x: mx.array): mx.array {
    return activations.relu2(x);
  }
}

/** Applies {@link activations.relu6 | relu6}. */
export class ReLU6 extends Module {
  forward(x: mx.array): mx.array {
    return activations.relu6(x);
  }
}

/** Applies {@link activations.sigmoid | sigmoid}. */
export class Sigmoid extends Module {
  forward(x: mx.array): mx.array {
    return activations.sigmoid(x);
  }
}

/** Applies {@link activations.tanh | tanh}. */
export class Tanh extends Module {
  forward(x: mx.array): mx.array {
    return activations.tanh(x);
  }
}

/** Applies {@link activations.softplus | softplus}. */
export class Softplus extends Module {
  forward(x: mx.array): mx.array {
    return activations.softplus(x);
  }
}

/** Applies {@link activations.softsign | softsign}. */
export class Softsign extends Module {
  forward(x: mx.array): mx.array {
    return activations.softsign(x);
  }
}

/** Applies {@link activations.silu | silu}. */
export class SiLU extends Module {
  forward(x: mx.array): mx.array {
    return activations.silu(x);
  }
}

/** Applies {@link activations.selu | selu}. */
export class SELU extends Module {
  forward(x: mx.array): mx.array {
    return activations.selu(x);
  }
}

/** Applies {@link activations.mish | mish}. */
export class Mish extends Module {
  forward(x: mx.array): mx.array {
    return activations.mish(x);
  }
}

/** Applies {@link activations.logSigmoid | logSigmoid}. */
export class LogSigmoid extends Module {
  forward(x: mx.array): mx.array {
    return activations.logSigmoid(x);
  }
}

/** Applies {@link activations.hardswish | hardswish}. */
export class Hardswish extends Module {
  forward(x: mx.array): mx.array {
    return activations.hardswish(x);
  }
}

/** Applies {@link activations.hardTanh | hardTanh}. */
export class HardTanh extends Module {
  forward(x: mx.array): mx.array {
    return activations.hardTanh(x);
  }
}

/** Applies {@link activations.softmax | softmax}. */
export class Softmax extends Module {
  forward(x: mx.array): mx.array {
    return activations.softmax(x);
  }
}

/** Applies {@link activations.logSoftmax | logSoftmax}. */
export class LogSoftmax extends Module {
  forward(x: mx.array): mx.array {
    return activations.logSoftmax(x);
  }
}

/** Applies {@link activations.softmin | softmin}. */
export class Softmin extends Module {
  forward(x: mx.array): mx.array {
    return activations.softmin(x);
  }
}

/** Applies {@link activations.glu | glu}. */
export class GLU extends Module {
  readonly #axis: number;

  /** @param axis - the axis that is halved; default -1. */
  constructor(axis = -1) {
    super();
    this.#axis = axis;
  }

  forward(x: mx.array): mx.array {
    return activations.glu(x, this.#axis);
  }
}

/** Applies {@link activations.leakyRelu | leakyRelu}. */
export class LeakyReLU extends Module {
  readonly #negativeSlope: number;

  /** @param negativeSlope - the slope of negative values; default 0.01. */
  constructor(negativeSlope = 0.01) {
    super();
    this.#negativeSlope = negativeSlope;
  }

  forward(x: mx.array): mx.array {
    return activations.leakyRelu(x, this.#negativeSlope);
  }
}

/** Applies {@link activations.elu | elu}. */
export class ELU extends Module {
  readonly #alpha: number;

  /** @param alpha - minus the limit of negative values; default 1. */
  constructor(alpha = 1) {
    super();
    this.#alpha = alpha;
  }

  forward(x: mx.array): mx.array {
    return activations.elu(x, this.#alpha);
  }
}

/** Applies {@link activations.celu | celu}. */
export class CELU extends Module {
  readonly #alpha: number;

  /** @param alpha - minus the limit of negative values; default 1. */
  constructor(alpha = 1) {
    super();
    this.#alpha = alpha;
  }

  forward(x: mx.array): mx.array {
    return activations.celu(x, this.#alpha);
  }
}

/** Applies {@link activations.softshrink | softshrink}. */
export class Softshrink extends Module {
  readonly #lambd: number;

  /** @param lambd - how far values move towards 0; default 0.5. */
  constructor(lambd = 0.5) {
    super();
    this.#lambd = lambd;
  }

  forward(x: mx.array): mx.array {
    return activations.softshrink(x, this.#lambd);
  }
}

/** Applies {@link activations.hardShrink | hardShrink}. */
export class HardShrink extends Module {
  readonly #lambd: number;

  /** @param lambd - up to which size values become 0; default 0.5. */
  constructor(lambd = 0.5) {
    super();
    this.#lambd = lambd;
  }

  forward(x: mx.array): mx.array {
    return activations.hardShrink(x, this.#lambd);
  }
}

/** Applies {@link activations.step | step}. */
export class Step extends Module {
  readonly #threshold: number;

  /** @param threshold - where the step is; default 0. */
  constructor(threshold = 0) {
    super();
    this.#threshold = threshold;
  }

  forward(x: mx.array): mx.array {
    return activations.step(x, this.#threshold);
  }
}

/**
 * Applies {@link activations.prelu | prelu} with a learned slope for each channel, or one for all.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { PReLU } from '@mlx/nn';
 *
 * new PReLU()(mx.array([-4, 2])).tolist(); // => [-1, 2]
 * ```
 */
export class PReLU extends Module {
  /** Shape `[numParameters]`. */
  weight: mx.array;

  /**
   * @param numParameters - 1 (default) or the size of the input's last axis.
   * @param init - the slopes at the beginning; default 0.25.
   */
  constructor(numParameters = 1, init = 0.25) {
    super();
    this.weight = mx.full([numParameters], init);
  }

  forward(x: mx.array): mx.array {
    return activations.prelu(x, this.weight);
  }
}

const gelus = {
  none: activations.gelu,
  precise: activations.geluApprox,
  tanh: activations.geluApprox,
  fast: activations.geluFastApprox,
} as const;

/**
 * Applies {@link activations.gelu | gelu} or one of its approximations.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { GELU } from '@mlx/nn';
 *
 * new GELU('tanh')(mx.array([0])).tolist(); // => [0]
 * ```
 */
export class GELU extends Module {
  readonly #approximation: keyof typeof gelus;

  /**
   * @param approx - `'none'` (default), `'precise'` or `'tanh'` for geluApprox, `'fast'` for
   *   geluFastApprox.
   * @throws TypeError for another name.
   */
  constructor(approx: keyof typeof gelus = 'none') {
    super();
    if (!Object.hasOwn(gelus, approx))
      throw new TypeError(
        `[GELU] Unknown approximation '${String(approx)}'; known are ` +
          Object.keys(gelus)
            .map((name) => `'${name}'`)
            .join(', '),
      );
    this.#approximation = approx;
  }

  forward(x: mx.array): mx.array {
    return gelus[this.#approximation](x);
  }

  protected override extraRepr(): string {
    return `approx='${this.#approximation}'`;
  }
}
