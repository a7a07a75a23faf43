import * as mx from '@mlx/core';
import {
  arrayTree,
  array,
  bounded,
  checkCount,
  checkReceivers,
  dtype as anyDtype,
  isArray,
  nonNegative,
  nullable,
  number,
  optional,
  positiveInteger,
  readKind,
  reader,
  type Kind,
} from '@mlx/core/calls';
import { clipGradNorm } from './clip-grad-norm';
import { internals, stateSymbol } from './internals';
import { keep } from './keep';
import { checkPairs, Optimizer, updatable, type Updatable } from './optimizer';
import { membersOf, widened } from './training/state';
import type { ArrayTree } from './tree';

/** A model that says which of its parameters are trained: a Module of @mlx/nn does. */
export interface Trainable extends Updatable {
  trainableParameters?(): object;
}

/** Options of {@link MixedPrecision}. */
export interface MixedPrecisionOptions {
  /** What the model computes in, float16 or bfloat16; default: bfloat16. */
  dtype?: mx.Dtype | undefined;
  /** What the loss is multiplied with at first; default: 2^15 for float16, 1 for bfloat16. */
  lossScale?: number | undefined;
  /** After how many steps without overflow the scale doubles; default: 2000. */
  growthInterval?: number | undefined;
  /** The largest norm of the unscaled gradients, which longer ones are scaled to; default: none. */
  maxNorm?: number | null | undefined;
}

const half: Kind<mx.Dtype> = {
  text: 'float16 or bfloat16',
  fits: anyDtype.fits,
  read(value, name, parameter) {
    if (value === mx.float16 || value === mx.bfloat16) return value as mx.Dtype;
    throw new mx.DtypeError(
      `[${name}] ${parameter} must be ${this.text}, but got ${String(value)}.`,
    );
  },
};

const largestScale = 2 ** 24;

const readMixedPrecision = reader('MixedPrecision', {
  optimizer: {
    text: 'an optimizer',
    fits: (value: unknown) => value instanceof Optimizer,
  } as Kind<Optimizer>,
  dtype: optional(half, mx.bfloat16),
  lossScale: optional(
    nullable(bounded(number, 'a number from 1 to 2^24', (x) => x >= 1 && x <= largestScale)),
    null,
  ),
  growthInterval: optional(positiveInteger, 2000),
  maxNorm: optional(nullable(nonNegative), null),
});

interface State {
  /** By their paths. */
  masters: Record<string, mx.array>;
  lossScale: mx.array;
  /** Since the scale changed, without overflow. */
  goodSteps: mx.array;
}

/**
 * Trains a model in float16 or bfloat16 by an optimizer that sees float32: it steps on float32
 * copies of the weights, the masters, in which small changes add up, and rounds them into the model.
 *
 * Gradients of float16 vanish below 6e-8, so the loss is multiplied with a scale before they are
 * taken. A step whose gradients overflow is left out and halves the scale; after many without, it
 * doubles. See Micikevicius et al. 2018, arXiv:1710.03740.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import * as nn from '@mlx/nn';
 * import { MixedPrecision, SGD } from '@mlx/optimizers';
 *
 * const model = new nn.Linear(2, 1);
 * const optimizer = new MixedPrecision(new SGD(0.5), { dtype: mx.float16 });
 * optimizer.prepare(model); // the weights become float16
 * const step = nn.valueAndGrad(model, (x: mx.array) => {
 *   const loss = mx.mean(model(x).square());
 *   return [optimizer.scaleLoss(loss), loss];
 * });
 * const [[, loss], gradients] = step(mx.ones([1, 2], mx.float16));
 * optimizer.update(model, gradients);
 * [loss!.dtype.name, model.weight.dtype.name]; // => ['float16', 'float16']
 * ```
 */
export class MixedPrecision extends Optimizer {
  readonly optimizer: Optimizer;
  readonly dtype: mx.Dtype;
  readonly growthInterval: number;
  readonly maxNorm: number | null;
  /** Gradients of bfloat16 reach as far as those of float32. */
  readonly #scales: boolean;
  #state: State;

  static {
    const isReceiver = (value: unknown): boolean =>
      value instanceof MixedPrecision && #state in value;
    checkReceivers(this, isReceiver, 'a MixedPrecision');
  }

  /**
   * @param optimizer - steps on the masters.
   * @param dtype - what the model computes in; default bfloat16.
   * @param lossScale - what the loss is multiplied with at first; default 2^15 for float16, 1 for
   * bfloat16.
   * @param growthInterval - after how many good steps the scale doubles; default 2000.
   * @param maxNorm - the largest norm of the unscaled gradients; default none.
   */
  constructor(optimizer: Optimizer, options?: MixedPrecisionOptions);
  constructor(optimizer: Optimizer, dtype: mx.Dtype, options?: MixedPrecisionOptions);
  constructor(...values: unknown[]) {
    super();
    const { optimizer, dtype, lossScale, growthInterval, maxNorm } = readMixedPrecision(values);
    this.optimizer = optimizer;
    this.dtype = dtype;
    this.growthInterval = growthInterval;
    this.maxNorm = maxNorm;
    this.#scales = dtype === mx.float16 || (lossScale ?? 1) !== 1;
    this.#state = {
      masters: {},
      lossScale: mx.array(lossScale ?? (dtype === mx.float16 ? 2 ** 15 : 1)),
      goodSteps: mx.array(0, mx.int32),
    };
  }

  /**
   * Keeps the trained weights of a model as masters and rounds them in it. What is not trained, such
   * as running statistics, stays as it is.
   *
   * @param model - the model, whose weights become of the working dtype.
   *
   * @returns the model.
   */
  prepare<M extends Trainable>(model: M): M {
    checkCount(arguments.length, 1, 'MixedPrecision.prepare');
    readKind(updatable, model, 'MixedPrecision.prepare', 'model');
    const given = model.trainableParameters?.() ?? model.parameters();
    const weights = readKind(arrayTree, given, 'MixedPrecision.prepare', 'model.parameters()');
    this.init(weights);
    const round = (weight: mx.array): mx.array =>
      mx.issubdtype(weight.dtype, mx.floating) ? mx.astype(weight, this.dtype) : weight;
    model.update(mx.treeMap<object>(round, weights) as never);
    return model;
  }

  /** What the loss is multiplied with, a scalar. */
  get lossScale(): mx.array {
    return this.#state.lossScale;
  }

  /**
   * The loss to take gradients of, in float32: `update` divides them by the scale again.
   *
   * @param loss - the loss, a scalar.
   */
  scaleLoss(loss: mx.array): mx.array {
    checkCount(arguments.length, 1, 'MixedPrecision.scaleLoss');
    const given = readKind(array, loss, 'MixedPrecision.scaleLoss', 'loss');
    return this.#scales ? mx.multiply(widened(given), this.#state.lossScale) : given;
  }

  override init(parameters: object): void {
    checkCount(arguments.length, 1, 'MixedPrecision.init');
    readKind(arrayTree, parameters, 'MixedPrecision.init', 'parameters');
    this.#state.masters = {};
    this.#mastersOf(parameters);
  }

  /** The masters of parameters, as a tree like theirs; those that lack are made. */
  #mastersOf(parameters: object): object {
    const { masters } = this.#state;
    let isNew = false;
    const tree = mx.treeMapWithPath<object>((path: string, parameter: mx.array) => {
      isNew ||= !(path in masters);
      return (masters[path] ??= internals.share(widened(parameter)));
    }, parameters);
    if (isNew) this.optimizer.init(tree);
    return tree;
  }

  override applyGradients<T extends object>(
    gradients: T,
    parameters: object,
  ): mx.MappedTree<T, mx.array>;
  override applyGradients(gradients: object, parameters: object): object {
    checkCount(arguments.length, 2, 'MixedPrecision.applyGradients');
    checkPairs(gradients, parameters, 'MixedPrecision');
    const pick = (_gradient: mx.array, parameter: mx.array): mx.array => parameter;
    const masters = this.#mastersOf(mx.treeMap<object>(pick, gradients, [parameters]));
    const { lossScale } = this.#state;
    const unscaled = mx.treeMap<object>(
      (gradient: mx.array) =>
        this.#scales ? mx.divide(widened(gradient), lossScale) : widened(gradient),
      gradients,
    );
    const isFinite = this.#scales ? allFinite(unscaled) : null;
    const clipped = this.maxNorm === null ? unscaled : clipGradNorm(unscaled, this.maxNorm)[0];
    const before = isFinite && snapshot(this.optimizer);
    const updated = this.optimizer.applyGradients(clipped, masters);
    if (isFinite) {
      takeBack(this.optimizer, before, isFinite);
      this.#adaptScale(isFinite);
    }
    return mx.treeMapWithPath<object>(
      (path: string, fresh: mx.array, master: mx.array, parameter: mx.array) => {
        const chosen = isFinite ? mx.where(isFinite, fresh, master) : fresh;
        const kept = keep(master, chosen);
        this.#state.masters[path] = kept;
        return kept.dtype === parameter.dtype
          ? internals.share(kept)
          : mx.astype(kept, parameter.dtype);
      },
      updated,
      [masters, parameters],
    );
  }

  /** Halves the scale after an overflow; doubles it after enough steps without. */
  #adaptScale(isFinite: mx.array): void {
    const { lossScale, goodSteps } = this.#state;
    const counted = mx.where(isFinite, mx.add(goodSteps, 1), 0);
    const grows = mx.greaterEqual(counted, this.growthInterval);
    const factor = mx.where(isFinite, mx.where(grows, 2, 1), 0.5);
    const scale = mx.clip(mx.multiply(lossScale, factor), 1, largestScale);
    this.#state.lossScale = keep(lossScale, scale);
    this.#state.goodSteps = keep(goodSteps, mx.where(grows, 0, counted).astype(mx.int32));
  }

  /** The masters, the scale, and the optimizer's own state under `optimizer`. */
  override get state(): Record<string, ArrayTree> {
    const { masters, lossScale, goodSteps } = mx.treeMap<State>(internals.share, this.#state);
    const tree = mx.treeUnflatten(masters) as ArrayTree;
    const shown = { optimizer: this.optimizer.state, masters: tree, lossScale, goodSteps };
    return Object.defineProperty(shown, stateSymbol, { value: () => this[stateSymbol]() });
  }

  /** What mx.compile captures. */
  override [stateSymbol](): object {
    return [this.#state, this.optimizer];
  }

  override set state(state: Record<string, ArrayTree>) {
    const name = 'MixedPrecision.state';
    const { lossScale, goodSteps } = membersOf(state, ['lossScale', 'goodSteps'], name);
    const masters = readKind(arrayTree, state.masters ?? {}, name, 'masters');
    this.optimizer.state = state.optimizer as Record<string, ArrayTree>;
    this.#state = mx.treeMap<State>(internals.share, {
      masters: mx.treeFlatten<mx.array>(masters, '', null, {}),
      lossScale,
      goodSteps,
    });
  }

  /** The optimizer's steps; those that were left out don't count. */
  override get step(): mx.array {
    return this.optimizer.step;
  }

  /** The optimizer's rate. */
  override get learningRate(): mx.array {
    return this.optimizer.learningRate;
  }

  override set learningRate(value: number | mx.array) {
    this.optimizer.learningRate = value;
  }
}

function allFinite(gradients: object): mx.array {
  return mx.treeReduce<mx.array>(
    (all: mx.array, gradient: mx.array) => mx.logicalAnd(all, mx.all(mx.isfinite(gradient))),
    gradients,
    mx.array(true),
  );
}

type Node = Record<string, unknown>;

/** What stands for a node of an optimizer's state: of an optimizer in it, its own state. */
function stateOf(node: unknown): Node {
  return (node instanceof Optimizer ? node[stateSymbol]() : node) as Node;
}

/** The state of an optimizer, which its next step doesn't change. */
function snapshot(node: unknown): unknown {
  if (isArray(node)) return internals.share(node);
  return Object.fromEntries(
    Object.entries(stateOf(node)).map(([key, inner]) => [key, snapshot(inner)]),
  );
}

/** Where the gradients were not finite, the state is again what it was before the step. */
function takeBack(node: unknown, before: unknown, isFinite: mx.array): void {
  const state = stateOf(node);
  for (const [key, fresh] of Object.entries(state)) {
    const old = (before as Node)[key];
    if (!isArray(fresh)) takeBack(fresh, old, isFinite);
    else if (isArray(old)) state[key] = keep(fresh, mx.where(isFinite, fresh, old));
  }
}
