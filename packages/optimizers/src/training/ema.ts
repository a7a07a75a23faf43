import * as mx from '@mlx/core';
import {
  arrayTree,
  boolean,
  callback,
  checkCount,
  checkReceivers,
  optional,
  readKind,
  reader,
  within,
} from '@mlx/core/calls';
import { internals, stateSymbol } from '../internals';
import { keep } from '../keep';
import { kept } from '../kinds';
import { updatable, type Updatable } from '../optimizer';
import type { ArrayTree } from '../tree';
import { membersOf, widened } from './state';

/** Options of {@link EMA}. */
export interface EMAOptions {
  /** How much of the average each update keeps; default: 0.999. */
  decay?: number | undefined;
  /**
   * Whether to keep less at first, (1 + n) / (10 + n) at update n, so that the first weights, which
   * know nothing, are soon forgotten; default: false.
   */
  warmup?: boolean | undefined;
}

const readEMA = reader('EMA', {
  model: updatable,
  decay: kept(0.999),
  warmup: optional(boolean, false),
});

/**
 * The exponential moving average of a model's weights, which often does better than the weights
 * themselves. It is held in float32 where the weights have less; what is no floating array is the
 * model's.
 *
 * average ← decay · average + (1 - decay) · weights
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import * as nn from '@mlx/nn';
 * import { EMA } from '@mlx/optimizers';
 *
 * const model = new nn.Linear(1, 1, false);
 * model.weight = mx.array([[4]]);
 * const average = new EMA(model, 0.75);
 * model.weight = mx.array([[8]]);
 * average.update(); // after each step of the optimizer
 * average.use(() => model.weight.item()); // => 5
 * model.weight.item(); // => 8
 * ```
 */
export class EMA {
  readonly decay: number;
  readonly warmup: boolean;
  readonly #model: Updatable;
  #state: { updates: mx.array; weights: object };

  static {
    checkReceivers(this, (value) => value instanceof EMA && #state in value, 'an EMA');
  }

  /**
   * @param model - whose weights are averaged, from the present ones on.
   * @param decay - how much of the average each update keeps; default 0.999.
   * @param warmup - whether to keep less at first; default false.
   */
  constructor(model: Updatable, decay?: number, warmup?: boolean);
  constructor(model: Updatable, options: EMAOptions);
  constructor(model: Updatable, decay: number, options: EMAOptions);
  constructor(...values: unknown[]) {
    const { model, decay, warmup } = readEMA(values);
    this.decay = decay;
    this.warmup = warmup;
    this.#model = model;
    this.#state = {
      updates: mx.array(0, mx.uint32),
      weights: mx.treeMap<object>(
        (weight: mx.array) => internals.share(widened(weight)),
        this.#weightsOf('EMA'),
      ),
    };
  }

  /** The model's present weights, for what the person called `name`. */
  #weightsOf(name: string): object {
    return readKind(arrayTree, this.#model.parameters(), name, 'model.parameters()');
  }

  /** Takes the model's present weights in. */
  update(): void {
    checkCount(arguments.length, 0, 'EMA.update');
    const state = this.#state;
    // What the last update left is there mostly; a chain of averages that nobody looks at would
    // hold the weights of every step.
    if (!internals.isTraced()) void mx.asyncEval(state);
    const updates = mx.add(state.updates, mx.array(1, mx.uint32));
    const counted = mx.astype(updates, mx.float32);
    const decay = this.warmup
      ? mx.minimum(this.decay, mx.divide(mx.add(counted, 1), mx.add(counted, 10)))
      : mx.array(this.decay);
    const share = mx.subtract(1, decay);
    state.updates = keep(state.updates, updates);
    state.weights = this.#mapAverages('EMA.update', (weight, average) => {
      if (!mx.issubdtype(weight.dtype, mx.inexact)) return weight;
      const difference = mx.subtract(widened(weight), average);
      return keep(average, mx.add(average, mx.multiply(share, difference)));
    });
  }

  /** The averages in the dtypes of the weights, as a tree that `model.update` takes. */
  weights(): object {
    checkCount(arguments.length, 0, 'EMA.weights');
    return this.#mapAverages('EMA.weights', (weight, average) =>
      weight.dtype === average.dtype ? internals.share(average) : mx.astype(average, weight.dtype),
    );
  }

  #mapAverages(name: string, fn: (weight: mx.array, average: mx.array) => mx.array): object {
    const weights = this.#weightsOf(name);
    return within(name, () => mx.treeMap<object>(fn, weights, [this.#state.weights]));
  }

  /**
   * What a function returns while the model has the averages in place of its weights, which come
   * back after it, and after the promise if it returns one.
   *
   * @param fn - what to call meanwhile; it may be async.
   */
  use<Result>(fn: () => Result): Result {
    checkCount(arguments.length, 1, 'EMA.use');
    readKind(callback<() => unknown>(), fn, 'EMA.use', 'fn');
    const weights = this.#weightsOf('EMA.use');
    const restore = (): void => void this.#model.update(weights as never);
    this.#model.update(this.weights() as never);
    let result: Result;
    try {
      result = fn();
    } catch (error) {
      restore();
      throw error;
    }
    if (!(result instanceof Promise)) {
      restore();
      return result;
    }
    return result.finally(restore) as Result;
  }

  /** What is to be saved and set again: the averages and how many updates there were. */
  get state(): { updates: mx.array; weights: ArrayTree } {
    const snapshot = mx.treeMap(internals.share, this.#state) as EMA['state'];
    return Object.defineProperty(snapshot, stateSymbol, { value: () => this.#state });
  }

  /** The state itself, for mx.compile, which replaces its arrays. */
  [stateSymbol](): object {
    return this.#state;
  }

  set state(state: Record<string, ArrayTree>) {
    const { updates } = membersOf(state, ['updates'], 'EMA.state');
    readKind(arrayTree, state.weights, 'EMA.state', 'weights');
    this.#state = mx.treeMap(internals.share, { updates, weights: state.weights });
  }
}
