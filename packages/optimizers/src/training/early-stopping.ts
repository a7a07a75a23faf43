import * as mx from '@mlx/core';
import {
  checkCount,
  checkReceivers,
  choice,
  nonNegative,
  number,
  optional,
  positiveInteger,
  readKind,
  reader,
} from '@mlx/core/calls';
import type { ArrayTree } from '../tree';
import { scalarsOf } from './state';

/** Options of {@link EarlyStopping}. */
export interface EarlyStoppingOptions {
  /** How much better a value must be than the best so far to count; default: 0. */
  minDelta?: number | undefined;
  /** Whether smaller values are better, as of losses, or larger ones; default: 'min'. */
  mode?: 'min' | 'max' | undefined;
}

const readEarlyStopping = reader('EarlyStopping', {
  patience: positiveInteger,
  minDelta: optional(nonNegative, 0),
  mode: optional(choice('min', 'max'), 'min'),
});

/**
 * Tells when a training gets no better: after `patience` values in a row none of which is better
 * than the best before. NaN is no better than anything.
 *
 * @example
 * ```ts
 * import { EarlyStopping } from '@mlx/optimizers';
 *
 * const stopping = new EarlyStopping(2);
 * const seen: boolean[] = [];
 * for (const loss of [3, 2, 2.5, 2.25, 1]) {
 *   seen.push(stopping.update(loss)); // whether it is the best so far, and worth saving
 *   if (stopping.shouldStop) break;
 * }
 * seen; // => [true, true, false, false]
 * stopping.best; // => 2
 * ```
 */
export class EarlyStopping {
  readonly patience: number;
  readonly minDelta: number;
  readonly mode: 'min' | 'max';
  #best: number;
  #waited = 0;

  static {
    const isReceiver = (value: unknown): boolean =>
      value instanceof EarlyStopping && #waited in value;
    checkReceivers(this, isReceiver, 'an EarlyStopping');
  }

  /**
   * @param patience - how many values may be no better.
   * @param minDelta - how much better a value must be to count; default 0.
   * @param mode - 'min' if smaller values are better, or 'max'; default 'min'.
   */
  constructor(patience: number, minDelta?: number, mode?: 'min' | 'max');
  constructor(patience: number, options: EarlyStoppingOptions);
  constructor(...values: unknown[]) {
    const { patience, minDelta, mode } = readEarlyStopping(values);
    this.patience = patience;
    this.minDelta = minDelta;
    this.mode = mode;
    this.#best = mode === 'min' ? Infinity : -Infinity;
  }

  /** The best value so far; infinite before the first. */
  get best(): number {
    return this.#best;
  }

  /** Whether so many values were no better that training may stop. */
  get shouldStop(): boolean {
    return this.#waited >= this.patience;
  }

  /**
   * Takes in a value, such as a validation loss; returns whether it is the best so far.
   *
   * @param value - the value, such as the loss of an epoch.
   */
  update(value: number): boolean {
    checkCount(arguments.length, 1, 'EarlyStopping.update');
    readKind(number, value, 'EarlyStopping.update', 'value');
    const gain = this.mode === 'min' ? this.#best - value : value - this.#best;
    const isBest = gain > this.minDelta;
    this.#waited = isBest ? 0 : this.#waited + 1;
    if (isBest) this.#best = value;
    return isBest;
  }

  /** What is to be saved and set again: the best value and how many were no better since. */
  get state(): { best: mx.array; waited: mx.array } {
    return {
      best: mx.array(this.#best, mx.float64),
      waited: mx.array(this.#waited, mx.uint32),
    };
  }

  set state(state: Record<string, ArrayTree>) {
    const { best, waited } = scalarsOf(state, ['best', 'waited'], 'EarlyStopping.state');
    this.#best = best;
    this.#waited = waited;
  }
}
