import * as mx from '@mlx/core';
import * as activations from '.';
import {
  array,
  choice,
  integer,
  nonNegativeInteger,
  number,
  optional,
  reader,
  within,
} from '@mlx/core/calls';
import { takesInputs } from '../inputs';
import { Module } from '../module';

/** What the layers that apply a function share. */
abstract class ActivationLayer extends Module {
  static {
    takesInputs(this, { x: array });
  }

  protected abstract activate(x: mx.array): mx.array;

  /** @param x - the array, of any shape; the result has the same. */
  forward(x: mx.ArrayLike): mx.array;
  forward(x: mx.array): mx.array {
    return this.activate(x);
  }
}

/** What the layers without settings share. */
abstract class PlainLayer extends ActivationLayer {
  constructor();
  constructor(...values: unknown[]) {
    super();
    if (values.length > 0) reader(new.target.name, {})(values);
  }
}

/** Applies {@link activations.relu | relu}. */
export class ReLU extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.relu(x);
  }
}

/** Applies {@link activations.relu2 | relu2}. */
export class ReLU2 extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.relu2(x);
  }
}

/** Applies {@link activations.relu6 | relu6}. */
export class ReLU6 extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.relu6(x);
  }
}

/** Applies {@link activations.sigmoid | sigmoid}. */
export class Sigmoid extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.sigmoid(x);
  }
}

/** Applies {@link activations.tanh | tanh}. */
export class Tanh extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.tanh(x);
  }
}

/** Applies {@link activations.softplus | softplus}. */
export class Softplus extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.softplus(x);
  }
}

/** Applies {@link activations.softsign | softsign}. */
export class Softsign extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.softsign(x);
  }
}

/** Applies {@link activations.silu | silu}. */
export class SiLU extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.silu(x);
  }
}

/** Applies {@link activations.selu | selu}. */
export class SELU extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.selu(x);
  }
}

/** Applies {@link activations.mish | mish}. */
export class Mish extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.mish(x);
  }
}

/** Applies {@link activations.logSigmoid | logSigmoid}. */
export class LogSigmoid extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.logSigmoid(x);
  }
}

/** Applies {@link activations.hardswish | hardswish}. */
export class Hardswish extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.hardswish(x);
  }
}

/** Applies {@link activations.hardTanh | hardTanh}. */
export class HardTanh extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.hardTanh(x);
  }
}

/** Applies {@link activations.softmax | softmax}. */
export class Softmax extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.softmax(x);
  }
}

/** Applies {@link activations.logSoftmax | logSoftmax}. */
export class LogSoftmax extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.logSoftmax(x);
  }
}

/** Applies {@link activations.softmin | softmin}. */
export class Softmin extends PlainLayer {
  protected activate(x: mx.array): mx.array {
    return activations.softmin(x);
  }
}

const readGLU = reader('GLU', { axis: optional(integer, -1) });

/** Applies {@link activations.glu | glu}. */
export class GLU extends ActivationLayer {
  readonly #axis: number;

  /** @param axis - the axis that is halved; default -1. */
  constructor(axis?: number | { axis?: number | undefined });
  constructor(...values: unknown[]) {
    super();
    this.#axis = readGLU(values).axis;
  }

  protected activate(x: mx.array): mx.array {
    return activations.glu(x, this.#axis);
  }
}

const readLeakyReLU = reader('LeakyReLU', { negativeSlope: optional(number, 0.01) });

/** Applies {@link activations.leakyRelu | leakyRelu}. */
export class LeakyReLU extends ActivationLayer {
  readonly #negativeSlope: number;

  /** @param negativeSlope - the slope of negative values; default 0.01. */
  constructor(negativeSlope?: number | { negativeSlope?: number | undefined });
  constructor(...values: unknown[]) {
    super();
    this.#negativeSlope = readLeakyReLU(values).negativeSlope;
  }

  protected activate(x: mx.array): mx.array {
    return activations.leakyRelu(x, this.#negativeSlope);
  }
}

const readELU = reader('ELU', { alpha: optional(number, 1) });

/** Applies {@link activations.elu | elu}. */
export class ELU extends ActivationLayer {
  readonly #alpha: number;

  /** @param alpha - minus the limit of negative values; default 1. */
  constructor(alpha?: number | { alpha?: number | undefined });
  constructor(...values: unknown[]) {
    super();
    this.#alpha = readELU(values).alpha;
  }

  protected activate(x: mx.array): mx.array {
    return activations.elu(x, this.#alpha);
  }
}

const readCELU = reader('CELU', { alpha: optional(number, 1) });

/** Applies {@link activations.celu | celu}. */
export class CELU extends ActivationLayer {
  readonly #alpha: number;

  /** @param alpha - minus the limit of negative values; default 1. */
  constructor(alpha?: number | { alpha?: number | undefined });
  constructor(...values: unknown[]) {
    super();
    this.#alpha = readCELU(values).alpha;
  }

  protected activate(x: mx.array): mx.array {
    return activations.celu(x, this.#alpha);
  }
}

const readSoftshrink = reader('Softshrink', { lambd: optional(number, 0.5) });

/** Applies {@link activations.softshrink | softshrink}. */
export class Softshrink extends ActivationLayer {
  readonly #lambd: number;

  /** @param lambd - how far values move towards 0; default 0.5. */
  constructor(lambd?: number | { lambd?: number | undefined });
  constructor(...values: unknown[]) {
    super();
    this.#lambd = readSoftshrink(values).lambd;
  }

  protected activate(x: mx.array): mx.array {
    return activations.softshrink(x, this.#lambd);
  }
}

const readHardShrink = reader('HardShrink', { lambd: optional(number, 0.5) });

/** Applies {@link activations.hardShrink | hardShrink}. */
export class HardShrink extends ActivationLayer {
  readonly #lambd: number;

  /** @param lambd - up to which size values become 0; default 0.5. */
  constructor(lambd?: number | { lambd?: number | undefined });
  constructor(...values: unknown[]) {
    super();
    this.#lambd = readHardShrink(values).lambd;
  }

  protected activate(x: mx.array): mx.array {
    return activations.hardShrink(x, this.#lambd);
  }
}

const readStep = reader('Step', { threshold: optional(number, 0) });

/** Applies {@link activations.step | step}. */
export class Step extends ActivationLayer {
  readonly #threshold: number;

  /** @param threshold - where the step is; default 0. */
  constructor(threshold?: number | { threshold?: number | undefined });
  constructor(...values: unknown[]) {
    super();
    this.#threshold = readStep(values).threshold;
  }

  protected activate(x: mx.array): mx.array {
    return activations.step(x, this.#threshold);
  }
}

/** Options of {@link PReLU}. */
export interface PReLUOptions {
  /** 1, or the size of the input's last axis; default: 1. */
  numParameters?: number | undefined;
  /** The slopes at the beginning; default: 0.25. */
  init?: number | undefined;
}

const readPReLU = reader('PReLU', {
  numParameters: optional(nonNegativeInteger, 1),
  init: optional(number, 0.25),
});

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
export class PReLU extends ActivationLayer {
  /** Shape `[numParameters]`. */
  weight: mx.array;

  /**
   * @param numParameters - 1 (default) or the size of the input's last axis.
   * @param init - the slopes at the beginning; default 0.25.
   */
  constructor(numParameters?: number, init?: number);
  constructor(options: PReLUOptions);
  constructor(numParameters: number, options: PReLUOptions);
  constructor(...values: unknown[]) {
    super();
    const { numParameters, init } = readPReLU(values);
    this.weight = within('PReLU', () => mx.full([numParameters], init));
  }

  protected activate(x: mx.array): mx.array {
    return activations.prelu(x, this.weight);
  }
}

const gelus = {
  none: activations.gelu,
  precise: activations.geluApprox,
  tanh: activations.geluApprox,
  fast: activations.geluFastApprox,
} as const;

const readGELU = reader('GELU', {
  approx: optional(choice('none', 'precise', 'tanh', 'fast'), 'none'),
});

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
export class GELU extends ActivationLayer {
  readonly #approximation: keyof typeof gelus;

  /**
   * @param approx - `'none'` (default), `'precise'` or `'tanh'` for geluApprox, `'fast'` for
   *   geluFastApprox.
   * @throws TypeError for another name.
   */
  constructor(approx?: keyof typeof gelus | { approx?: keyof typeof gelus | undefined });
  constructor(...values: unknown[]) {
    super();
    this.#approximation = readGELU(values).approx;
  }

  protected activate(x: mx.array): mx.array {
    return gelus[this.#approximation](x);
  }

  protected override extraRepr(): string {
    return `approx='${this.#approximation}'`;
  }
}
