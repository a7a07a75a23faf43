import * as mx from '@mlx/core';
import {
  arrayTree,
  checkCount,
  checkReceivers,
  positiveInteger,
  readKind,
  reader,
  within,
} from '@mlx/core/calls';
import { internals } from '../internals';
import type { ArrayTree } from '../tree';
import { scalarsOf, widened } from './state';

const readGradientAccumulation = reader('GradientAccumulation', { steps: positiveInteger });

/**
 * The mean gradient of several batches, for an optimizer's step on more items than fit into memory
 * at once. The sum is held in float32 where gradients have less, and computed batch by batch.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { GradientAccumulation, SGD } from '@mlx/optimizers';
 *
 * const accumulation = new GradientAccumulation(2);
 * const optimizer = new SGD(1);
 * let parameters: object = { w: mx.array([5]) };
 * for (const gradient of [1, 3]) {
 *   const mean = accumulation.add({ w: mx.array([gradient]) });
 *   if (mean) parameters = optimizer.applyGradients(mean, parameters);
 * }
 * (parameters as { w: mx.array }).w.tolist(); // => [3]
 * ```
 */
export class GradientAccumulation {
  readonly steps: number;
  #added = 0;
  #sum: object | null = null;

  static {
    const isReceiver = (value: unknown): boolean =>
      value instanceof GradientAccumulation && #sum in value;
    checkReceivers(this, isReceiver, 'a GradientAccumulation');
  }

  /** @param steps - how many batches make one step of the optimizer. */
  constructor(steps: number | { steps: number });
  constructor(...values: unknown[]) {
    this.steps = readGradientAccumulation(values).steps;
  }

  /**
   * Takes a batch's gradients in; returns the mean when it is the last of a step, else null.
   *
   * @param gradients - a tree of a batch's gradients.
   */
  add<T extends object>(gradients: T): T | null {
    checkCount(arguments.length, 1, 'GradientAccumulation.add');
    const name = 'GradientAccumulation.add';
    readKind(arrayTree, gradients, name, 'gradients');
    if (internals.isTraced())
      throw new TypeError(`[${name}] It counts the batches, which a compiled function does not.`);
    const sum = this.#sum;
    const next = within(name, () =>
      sum === null
        ? mx.treeMap<object>(widened, gradients)
        : mx.treeMap<object>(
            (gradient: mx.array, before: mx.array) => mx.add(before, widened(gradient)),
            gradients,
            [sum],
          ),
    );
    this.#added += 1;
    if (this.#added < this.steps) {
      this.#sum = next;
      // Until it is computed, it holds all that a batch's gradients are computed from.
      void mx.asyncEval(next);
      return null;
    }
    this.#added = 0;
    this.#sum = null;
    return mx.treeMap<object>(
      (gradient: mx.array, total: mx.array) =>
        mx.astype(mx.divide(total, this.steps), gradient.dtype),
      gradients,
      [next],
    ) as T;
  }

  /** What is to be saved and set again: the sum, if there is one, and how many batches are in it. */
  get state(): { added: mx.array; sum?: ArrayTree } {
    const added = mx.array(this.#added, mx.uint32);
    return this.#sum === null
      ? { added }
      : { added, sum: mx.treeMap<ArrayTree>(internals.share, this.#sum) };
  }

  set state(state: Record<string, ArrayTree>) {
    const name = 'GradientAccumulation.state';
    const { added } = scalarsOf(state, ['added'], name);
    const { sum } = state;
    if (sum !== undefined) readKind(arrayTree, sum, name, 'sum');
    this.#added = added;
    this.#sum = sum === undefined ? null : mx.treeMap(internals.share, sum);
  }
}
