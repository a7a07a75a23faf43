import * as mx from '@mlx/core';
import {
  arrayTree,
  tree,
  callback,
  checkCount,
  checkReceivers,
  isPlainObject,
  listOf,
  optional,
  readKind,
  reader,
  type Kind,
} from '@mlx/core/calls';
import { stateSymbol } from './internals';
import { Optimizer } from './optimizer';
import type { ArrayTree } from './tree';

/** Decides by path and gradient whether an optimizer takes a parameter. */
export type ParameterFilter = (path: string, gradient: mx.array) => boolean;

const optimizer: Kind<Optimizer> = {
  text: 'an optimizer',
  fits: (value) => value instanceof Optimizer,
};

const readMultiOptimizer = reader('MultiOptimizer', {
  optimizers: listOf(optimizer, 'a list of optimizers'),
  filters: optional(listOf(callback<ParameterFilter>(), 'a list of functions'), []),
});

/**
 * Several optimizers, each for a part of the parameters. The first filter that accepts a
 * parameter decides; the last optimizer has no filter and takes what is left.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { MultiOptimizer, SGD } from '@mlx/optimizers';
 *
 * const optimizer = new MultiOptimizer(
 *   [new SGD(0.5), new SGD(0.25)],
 *   [(path) => path.endsWith('bias')],
 * );
 * const gradients = { weight: mx.array([1]), bias: mx.array([1]) };
 * const updated = optimizer.applyGradients(gradients, { weight: mx.array([1]), bias: mx.array([1]) });
 * const { weight, bias } = updated;
 * [weight.item(), bias.item()]; // => [0.75, 0.5]
 * ```
 */
export class MultiOptimizer extends Optimizer {
  readonly optimizers: readonly Optimizer[];
  readonly filters: readonly ParameterFilter[];

  static {
    const isReceiver = (value: unknown): boolean => value instanceof MultiOptimizer;
    checkReceivers(this, isReceiver, 'a MultiOptimizer');
  }

  /**
   * @param optimizers - the optimizers.
   * @param filters - one for each optimizer but the last; default [].
   * @throws TypeError if there is not one filter less than optimizers.
   */
  constructor(
    optimizers: readonly Optimizer[],
    filters?: readonly ParameterFilter[] | { filters?: readonly ParameterFilter[] | undefined },
  );
  constructor(...values: unknown[]) {
    super();
    const { optimizers, filters } = readMultiOptimizer(values);
    if (filters.length !== optimizers.length - 1)
      throw new TypeError(
        `[MultiOptimizer] Expected a list of optimizers and one filter less, received ` +
          `${optimizers.length} and ${filters.length}`,
      );
    this.optimizers = optimizers;
    this.filters = filters;
  }

  /** The part of a tree that each optimizer takes. */
  #split(tree: object): object[] {
    if (this.optimizers.length === 1) return [tree];
    const parts: [string, mx.array][][] = this.optimizers.map(() => []);
    for (const [path, gradient] of mx.treeFlatten(tree as ArrayTree)) {
      const i = this.filters.findIndex((filter) => filter(path, gradient));
      (i < 0 ? parts.at(-1) : parts[i])!.push([path, gradient]);
    }
    return parts.map((part) => mx.treeUnflatten(part) as object);
  }

  override init(parameters: object): void {
    checkCount(arguments.length, 1, 'MultiOptimizer.init');
    readKind(arrayTree, parameters, 'MultiOptimizer.init', 'parameters');
    this.#split(parameters).forEach((part, i) => this.optimizers[i]!.init(part));
  }

  override applyGradients<T extends object>(
    gradients: T,
    parameters: object,
  ): mx.MappedTree<T, mx.array>;
  override applyGradients(gradients: object, parameters: object): object {
    checkCount(arguments.length, 2, 'MultiOptimizer.applyGradients');
    readKind(tree, gradients, 'MultiOptimizer.applyGradients', 'gradients');
    readKind(tree, parameters, 'MultiOptimizer.applyGradients', 'parameters');
    return this.#split(gradients)
      .map((part, i) => this.optimizers[i]!.applyGradients(part, parameters))
      .reduce((merged: object, part) => mx.treeMerge(merged, part) as object, {});
  }

  /** The optimizers' states, under `states`. */
  override get state(): Record<string, ArrayTree> {
    return { states: this.optimizers.map((optimizer) => optimizer.state) };
  }

  /** What mx.compile captures: the optimizers themselves, initialised or not. */
  override [stateSymbol](): object {
    return this.optimizers;
  }

  override set state(state: Record<string, ArrayTree>) {
    const states = isPlainObject(state) ? state.states : undefined;
    if (!Array.isArray(states) || states.length !== this.optimizers.length)
      throw new TypeError(
        `[MultiOptimizer] Expected { states } with ${this.optimizers.length} states`,
      );
    states.forEach((own, i) => (this.optimizers[i]!.state = own as Record<string, ArrayTree>));
  }

  /** The first optimizer's steps. */
  override get step(): mx.array {
    return this.optimizers[0]!.step;
  }

  /** The first optimizer's rate; setting it sets it for all. */
  override get learningRate(): mx.array {
    return this.optimizers[0]!.learningRate;
  }

  override set learningRate(value: number | mx.array) {
    for (const optimizer of this.optimizers) optimizer.learningRate = value;
  }
}
