import * as mx from '@mlx/core';
import { dtype, nullable, operation, optional, reader } from '@mlx/core/calls';
import { checkMethods } from '../inputs';
import { Module } from '../module';
import { moduleLike } from '../module-like';
import { saveMembers } from '../trained-members';
import { group, groupOrAll } from './arguments';
import { shardTree } from './shard';

/** Options of modules whose parameters are divided among processes. */
export interface FullyShardOptions {
  /** The processes; default: all. */
  group?: mx.distributed.Group | null | undefined;
  /** The dtype in which the module computes; default: that of its parameters. */
  computeDtype?: mx.Dtype | null | undefined;
}

const computeDtype = optional(nullable(dtype), null);
const readFullyShardedModule = reader('FullyShardedModule', {
  module: moduleLike,
  group,
  computeDtype,
});

/**
 * A module of whose parameters each process holds a part, along their first axis. They are gathered
 * while it computes, and each process gets its part of the gradients' mean: it stores and updates
 * that alone.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { FullyShardedModule, Linear } from '@mlx/nn';
 *
 * const layer = new FullyShardedModule(new Linear(3, 4));
 * layer(mx.zeros([5, 3])).shape; // => [5, 4]
 * ```
 */
export class FullyShardedModule<M extends Module = Module> extends Module {
  /** The module with this process's part of the parameters. */
  module: M;
  readonly #group: mx.distributed.Group;
  readonly #computeDtype: mx.Dtype | null;

  static {
    checkMethods(this);
  }

  /**
   * @param module - the module, whose parameters are replaced by their parts.
   * @param group - the processes; default: all.
   * @param computeDtype - the dtype in which the module computes; default: that of its parameters.
   * @throws ShapeError if the first axis of a parameter can't be divided among the processes.
   */
  constructor(module: M, group?: mx.distributed.Group | null, computeDtype?: mx.Dtype | null);
  constructor(module: M, options: FullyShardOptions);
  constructor(...values: unknown[]) {
    super();
    const { module, group, computeDtype } = readFullyShardedModule(values);
    this.#group = groupOrAll(group);
    this.#computeDtype = computeDtype;
    const parts = shardTree(
      'FullyShardedModule',
      module.parameters(),
      (path, weight) => {
        if (weight.ndim > 0) return 0;
        throw new mx.ShapeError(
          `[FullyShardedModule] The scalar ${path} can't be divided among processes.`,
        );
      },
      this.#group,
    );
    this.module = module.update(parts) as M;
  }

  /** @param args - what the module takes. */
  forward(...args: Parameters<M['forward']>): ReturnType<M['forward']> {
    return this.#withWhole(() => this.module.forward(...args) as ReturnType<M['forward']>);
  }

  /**
   * What the `asLinear` of the module computes: of an embedding, the products with all vectors.
   *
   * @param args - what it takes.
   */
  asLinear(...args: unknown[]): mx.array {
    const { asLinear } = this.module as unknown as { asLinear?: (...args: unknown[]) => mx.array };
    if (typeof asLinear !== 'function')
      throw new TypeError('[FullyShardedModule.asLinear] The module has no method asLinear.');
    return this.#withWhole(() => asLinear.apply(this.module, args));
  }

  /** Runs something while the module has whole parameters. */
  #withWhole<T>(run: () => T): T {
    const restore = saveMembers(this.module, 'FullyShardedModule', Module.validParameterFilter);
    try {
      this.module.apply((part) => this.#gather(part));
      return run();
    } finally {
      restore();
    }
  }

  /** The parts of all processes; the gradient's mean goes back to each by parts. */
  #gather(part: mx.array): mx.array {
    const group = this.#group;
    const { dtype } = part;
    // Integers, such as packed weights, are computed with as they are.
    const compute = mx.issubdtype(dtype, mx.floating) ? (this.#computeDtype ?? dtype) : dtype;
    const gather = mx.customFunction((own: mx.array): mx.array =>
      mx.distributed.allGather(mx.astype(own, compute), group),
    );
    gather.vjp((_, cotangent) => {
      const sum = mx.distributed.sumScatter(mx.astype(cotangent, dtype), group);
      return mx.divide(sum, group.size());
    });
    return gather(part);
  }
}

/**
 * A module of whose parameters each process holds a part, as a {@link FullyShardedModule}. In a
 * group of one, and for a module without parameters, it is the module itself.
 *
 * @param module - the module, whose parameters are replaced by their parts.
 *
 * @example
 * ```ts
 * import * as nn from '@mlx/nn';
 *
 * const layer = new nn.Linear(3, 4);
 * nn.fullyShard(layer) === layer; // => true
 * ```
 */
export function fullyShard<M extends Module>(
  module: M,
  options?: FullyShardOptions,
): M | FullyShardedModule<M>;
export function fullyShard(...values: unknown[]): Module {
  return run(values);
}
const run = operation(
  'fullyShard',
  { module: moduleLike, group, computeDtype },
  ({ module, group: given, computeDtype }): Module => {
    const group = groupOrAll(given);
    const isEmpty = mx.treeFlatten(module.parameters()).length === 0;
    if ((group.size() === 1 && computeDtype === null) || isEmpty) return module;
    return new FullyShardedModule(module, group, computeDtype);
  },
);
