import * as mx from '@mlx/core';
import {
  arrayTree,
  tree as anyTree,
  Walk,
  checkCount,
  checkReceivers,
  describe,
  isArray,
  isCallable,
  isPlainObject,
  nullable,
  operationError,
  optional,
  readKind,
  reader,
  string,
  within,
  type Kind,
} from '@mlx/core/calls';
import { internals, stateSymbol } from './internals';
import { keep } from './keep';
import { schedule } from './kinds';
import type { ArrayTree } from './tree';

export type { ArrayTree };

/** What an optimizer keeps for one parameter, by name. */
export type ParameterState = Record<string, mx.array>;

/** What `update` needs of a model: a Module of @mlx/nn has it. */
export interface Updatable {
  parameters(): object;
  update(parameters: never): unknown;
}

/** A number, or a function from the step to one. */
export type Schedule = number | mx.array | ((step: mx.array) => mx.array | number);

type State = Record<string, unknown>;

const schedulers: Kind<Record<string, (step: mx.array) => mx.array | number>> = {
  text: 'an object of functions of the step',
  fits: (value) => isPlainObject(value) && Object.values(value).every(isCallable),
};

/** What has parameters() and update(). */
export const updatable: Kind<Updatable> = {
  text: 'something with parameters() and update(), such as a module',
  fits(value) {
    const { parameters, update } = (value ?? {}) as Record<string, unknown>;
    return typeof parameters === 'function' && typeof update === 'function';
  },
};

const readOptimizer = reader('Optimizer', { schedulers: optional(nullable(schedulers), null) });

/**
 * Base of all optimizers. A subclass says what it keeps for a parameter (`initSingle`) and how one
 * parameter changes (`applySingle`).
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { Optimizer, type ParameterState } from '@mlx/optimizers';
 *
 * class SignDescent extends Optimizer {
 *   constructor(learningRate: number) {
 *     super();
 *     this.schedule('learningRate', learningRate);
 *   }
 *   initSingle(): void {}
 *   applySingle(gradient: mx.array, parameter: mx.array, _state: ParameterState): mx.array {
 *     return mx.subtract(parameter, mx.multiply(this.learningRate, mx.sign(gradient)));
 *   }
 * }
 * const updated = new SignDescent(0.5).applyGradients(
 *   { w: mx.array([3, -3]) },
 *   { w: mx.array([1, 1]) },
 * );
 * updated.w.tolist(); // => [0.5, 1.5]
 * ```
 */
export abstract class Optimizer {
  #state: State = { step: mx.array(0, mx.uint64) };
  #initialized = false;
  readonly #schedules = new Map<string, (step: mx.array) => mx.array | number>();
  /** The arrays that updates made and bound to each model's members, by path. */
  readonly #bound = new WeakMap<object, Map<string, mx.array>>();

  static {
    checkReceivers(this, (value) => value instanceof Optimizer && #state in value, 'an optimizer', {
      step: 'state sets it, with what belongs to it',
    });
  }

  /** @param schedulers - functions from the step to a setting, by the setting's name. */
  constructor(schedulers?: Record<string, (step: mx.array) => mx.array | number> | null);
  constructor(...values: unknown[]) {
    const { schedulers } = readOptimizer(values);
    for (const [name, schedule] of Object.entries(schedulers ?? {}))
      this.#schedules.set(name, schedule);
  }

  /**
   * Fills in what the optimizer keeps for a parameter, all zeros mostly.
   *
   * @param _parameter - the parameter.
   * @param _state - gets what is kept, by name.
   */
  initSingle(_parameter: mx.array, _state: ParameterState): void {
    throw new TypeError(`[${this.constructor.name}] A subclass of Optimizer needs initSingle`);
  }

  /**
   * The parameter after one step; updates `state`.
   *
   * @param _gradient - the gradient.
   * @param _parameter - the parameter before.
   * @param _state - what is kept for it, by name.
   */
  applySingle(_gradient: mx.array, _parameter: mx.array, _state: ParameterState): mx.array {
    throw new TypeError(`[${this.constructor.name}] A subclass of Optimizer needs applySingle`);
  }

  /**
   * Makes a setting part of the state, computed anew each step if a function is given.
   *
   * @param name - the name of the setting.
   * @param value - a number, or a function of the step.
   */
  protected schedule(name: string, value: Schedule): void {
    readKind(string, name, `${this.constructor.name}.schedule`, 'name');
    readKind(schedule, value, this.constructor.name, name);
    if (typeof value === 'function') {
      this.#schedules.set(name, value);
      this.#state[name] = this.#scheduled(name, value);
    } else {
      this.#state[name] = asArray(value);
    }
  }

  #scheduled(name: string, value: (step: mx.array) => mx.array | number): mx.array {
    const result: unknown = value(this.step);
    if (typeof result !== 'number' && !isArray(result))
      throw new TypeError(
        `[${this.constructor.name}] The schedule of ${name} must return a number or an array, but ` +
          `got ${describe(result)}.`,
      );
    return asArray(result);
  }

  /** The steps taken, a uint64 scalar. */
  get step(): mx.array {
    return this.#state.step as mx.array;
  }

  /** The rate of the next step, a scalar. */
  get learningRate(): mx.array {
    return this.#state.learningRate as mx.array;
  }

  set learningRate(value: number | mx.array) {
    if (typeof value !== 'number' && !isArray(value))
      throw new TypeError(
        `[${this.constructor.name}.learningRate] Expected a number or an array, but got ` +
          `${describe(value)}.`,
      );
    this.#schedules.delete('learningRate');
    this.#state.learningRate = asArray(value);
  }

  /**
   * The whole state as a tree: `step`, `learningRate` and what is kept for each parameter. The
   * arrays are handles of their own, which further steps don't change.
   */
  get state(): Record<string, ArrayTree> {
    const snapshot = mx.treeMap(internals.share, this.#state) as Record<string, ArrayTree>;
    // Among the state that mx.compile captures, it stands for the state itself.
    return Object.defineProperty(snapshot, stateSymbol, { value: () => this.#state });
  }

  /** The state itself, for mx.compile, which replaces its arrays. */
  [stateSymbol](): object {
    return this.#state;
  }

  set state(state: Record<string, ArrayTree>) {
    const name = `${this.constructor.name}.state`;
    if (!isPlainObject(state))
      throw new TypeError(`[${name}] Expected a tree of arrays, but got ${describe(state)}.`);
    readKind(arrayTree, state, name, 'The state');
    // Settings that the tree lacks stay.
    const settings = Object.entries(this.#state).filter(([key]) => this.#isSetting(key));
    this.#state = {
      ...Object.fromEntries(settings),
      ...(mx.treeMap(internals.share, state) as State),
    };
    this.#initialized = Object.keys(state).some((key) => !this.#isSetting(key));
  }

  #nextStep(): mx.array {
    const one = mx.array(1, mx.uint64);
    if (internals.isTraced()) return mx.add(this.step, one);
    // Nothing else computes the counter, and a chain of additions would grow with every step. The
    // CPU has it at once; a GPU would come to it after all that it was given before.
    const step = mx.add(this.step, one, mx.cpu);
    mx.eval(step);
    return step;
  }

  #isSetting(key: string): boolean {
    return key === 'step' || this.#state[key] instanceof mx.array;
  }

  /**
   * Prepares the state for a tree of parameters; the first step does it otherwise.
   *
   * @param parameters - a tree of arrays.
   */
  init(parameters: object): void {
    checkCount(arguments.length, 1, 'Optimizer.init');
    const name = `${this.constructor.name}.init`;
    readKind(arrayTree, parameters, name, 'parameters');
    const tree = isArray(parameters) ? [parameters] : parameters;
    for (const key of Object.keys(tree))
      if (this.#isSetting(key))
        throw new TypeError(
          `[${name}] No parameter can be named ${key}, as the state's own member.`,
        );
    this.#state = { ...this.#state, ...(this.#initTree(tree, this.#state) as State) };
    this.#initialized = true;
  }

  #initTree(parameters: unknown, state: unknown): unknown {
    if (parameters instanceof mx.array) {
      if (typeof state === 'object' && state !== null) return state;
      const fresh: ParameterState = {};
      this.initSingle(parameters, fresh);
      return fresh;
    }
    if (Array.isArray(parameters))
      return parameters.map((item, i) => this.#initTree(item, (state as unknown[])?.[i]));
    const result: State = {};
    for (const [key, value] of Object.entries(parameters as object))
      result[key] = this.#initTree(value, (state as State | undefined)?.[key]);
    return result;
  }

  /**
   * Takes one step on a model.
   *
   * From the second step on the new values move into the array objects that the first one bound,
   * which keeps a long training cheap for the garbage collector. What `parameters()` or `state`
   * handed out before is never changed.
   *
   * @param model - anything with `parameters()` and `update(tree)`.
   * @param gradients - a tree shaped like its trainable parameters.
   */
  update(model: Updatable, gradients: object): void {
    checkCount(arguments.length, 2, 'Optimizer.update');
    const name = `${this.constructor.name}.update`;
    readKind(updatable, model, name, 'model');
    readKind(anyTree, gradients, name, 'gradients');
    const updated = this.applyGradients(gradients, model.parameters());
    let bound = this.#bound.get(model);
    if (!bound) this.#bound.set(model, (bound = new Map()));
    const owned = bound;
    const tree = mx.treeMapWithPath((path: string, fresh: mx.array) => {
      const kept = keep(owned.get(path), fresh);
      owned.set(path, kept);
      return kept;
    }, updated);
    model.update(tree as never);
  }

  /**
   * The parameters after one step, as a tree shaped like the gradients. They keep their dtypes,
   * and integers their values. Changes the optimizer's state but none of its arguments.
   *
   * @param gradients - a tree of arrays.
   * @param parameters - a tree with an array of the same shape for each gradient.
   */
  applyGradients<T extends object>(gradients: T, parameters: object): mx.MappedTree<T, mx.array>;
  applyGradients(gradients: object, parameters: object): object {
    checkCount(arguments.length, 2, 'Optimizer.applyGradients');
    // The state has a place for each member, so that an array by itself is the only one.
    if (isArray(gradients)) return this.applyGradients([gradients], [parameters])[0]!;
    const name = this.constructor.name;
    readKind(anyTree, gradients, `${name}.applyGradients`, 'gradients');
    readKind(anyTree, parameters, `${name}.applyGradients`, 'parameters');
    checkPairs(gradients, parameters, name);
    if (!this.#initialized || !hasStates(gradients, this.#state))
      within(`${name}.applyGradients`, () => this.init(gradients));
    for (const [name, schedule] of this.#schedules)
      this.#state[name] = this.#scheduled(name, schedule);
    this.#state.step = this.#nextStep();
    return mx.treeMapWithPath(
      (path: string, given: mx.array, parameter: mx.array, state: ParameterState) => {
        const { dtype } = parameter;
        // Counters and indices among the parameters are not trained.
        if (dtype !== mx.float32 && !mx.issubdtype(dtype, mx.inexact))
          return internals.share(parameter);
        const gradient =
          given.dtype === dtype ? given : mx.astype(given, mx.resultType(given.dtype, dtype));
        const before = { ...state };
        let updated: mx.array;
        try {
          updated = this.applySingle(gradient, parameter, state);
        } catch (error) {
          const received = { gradient, parameter, ...before };
          throw operationError(
            error,
            name,
            () => Object.entries(received),
            () => `The parameter is ${path}`,
          );
        }
        for (const [key, old] of Object.entries(before)) {
          const fresh = state[key];
          if (fresh && fresh !== old) state[key] = keep(old, fresh);
        }
        return updated.dtype === dtype ? updated : mx.astype(updated, dtype);
      },
      gradients,
      [parameters, this.#state],
    ) as object;
  }
}

/** The member of a tree, also of a module, by the name that it has in another tree. */
function memberOf(parent: unknown, key: string): unknown {
  return typeof parent === 'object' || typeof parent === 'function'
    ? (parent as Record<string, unknown> | null)?.[key]
    : undefined;
}

/** Throws where a gradient is no array, or its parameter is missing or of another shape. */
export function checkPairs(gradients: unknown, parameters: unknown, name: string): void {
  checkPair(gradients, parameters, new Walk(name), '', 0);
}

function checkPair(
  gradient: unknown,
  parameter: unknown,
  walk: Walk,
  path: string,
  level: number,
): void {
  walk.visit(level);
  const { name } = walk;
  const where = path === '' ? 'the top' : path;
  if (!isArray(gradient)) {
    if (!anyTree.fits(gradient))
      throw new TypeError(
        `[${name}] The gradient of ${where} must be an array, but got ${describe(gradient)}.`,
      );
    for (const [key, inner] of Object.entries(gradient as object))
      checkPair(
        inner,
        memberOf(parameter, key),
        walk,
        path === '' ? key : `${path}.${key}`,
        level + 1,
      );
    return;
  }
  if (!isArray(parameter))
    throw new TypeError(
      parameter === undefined
        ? `[${name}] There is a gradient of ${where} but no such parameter.`
        : `[${name}] The parameter ${where} must be an array, but got ${describe(parameter)}.`,
    );
  if (internals.isAlike(gradient, parameter)) return;
  const [given, expected] = [gradient.shape, parameter.shape];
  if (given.length !== expected.length || given.some((size, i) => size !== expected[i]))
    throw new mx.ShapeError(
      `[${name}] The gradient of ${where} has shape (${given.join(',')}), its parameter ` +
        `(${expected.join(',')}).`,
    );
}

/** Whether there is a state for every leaf of a tree of gradients. */
function hasStates(gradients: unknown, state: unknown): boolean {
  if (isArray(gradients)) return typeof state === 'object' && state !== null && !isArray(state);
  return Object.entries(gradients as object).every(([key, inner]) =>
    hasStates(inner, memberOf(state, key)),
  );
}

function asArray(value: number | mx.array): mx.array {
  return value instanceof mx.array ? value : mx.array(value);
}
