import { native } from '../addon/native';
import type { ArrayId } from '../addon/types';
import { callback } from '../arguments/kinds';
import { isScalar, toArray } from '../arguments/operands';
import { reader } from '../arguments/reader';
import { adoptAll, callNative, isArray, type MLXArray } from '../array/array';
import { zerosLike } from '../ops/creation';
import { arraysIn, checkSynchronous, idsOf } from './traced-call';
import { ArgumentPattern, TreePattern } from './tree-pattern';
import { axesFor, type AxesTree } from './vmap';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any function may have own rules
type AnyFunction = (...args: any[]) => any;

const readCustomFunction = reader('customFunction', { fun: callback<AnyFunction>() });

/** A gradient: a tree like an argument, or null for zeros. */
type Gradient = unknown;

/** A function that may have rules of its own. */
export interface CustomFunction<F extends AnyFunction> {
  (...args: Parameters<F>): ReturnType<F>;
  /**
   * Sets how gradients are made: from the list of arguments, the gradient of the result and the
   * result, the list of the arguments' gradients (for one argument also the gradient itself; null
   * for arguments without). Returns this function.
   */
  vjp(
    rule: (
      primals: Parameters<F>,
      cotangents: ReturnType<F>,
      outputs: ReturnType<F>,
    ) => Gradient | readonly Gradient[],
  ): CustomFunction<F>;
  /**
   * Sets how tangents are made: from the list of arguments and the list of their tangents, in
   * which null stands where there is none, the tangent of the result. Returns this function.
   */
  jvp(rule: (primals: Parameters<F>, tangents: Parameters<F>) => ReturnType<F>): CustomFunction<F>;
  /**
   * Sets how the function is mapped: from the list of arguments and trees like them of mapped axes
   * (null where nothing is mapped), the result and its axes. Returns this function.
   */
  vmap(
    rule: (inputs: Parameters<F>, axes: readonly unknown[]) => readonly [ReturnType<F>, unknown],
  ): CustomFunction<F>;
}

type Ids = readonly ArrayId[];
type Rule = (...values: never[]) => unknown;

interface Rules {
  vjp?: Rule;
  jvp?: Rule;
  vmap?: Rule;
}

/** The result of a rule or function as a tree of arrays. */
function toTree(result: unknown, name: string): unknown {
  checkSynchronous(result, name);
  return isScalar(result) ? toArray(result, name) : result;
}

/** One call: the patterns of its arguments and result, and how its rules see them. */
class CustomCall {
  readonly #arguments: TreePattern[];
  readonly #given: ArgumentPattern;
  #output: TreePattern | undefined;

  constructor(
    readonly fun: AnyFunction,
    readonly rules: Rules,
    args: readonly unknown[],
  ) {
    this.#arguments = args.map((arg) => new TreePattern(arg));
    this.#given = new ArgumentPattern(args, 'customFunction');
  }

  run(inputs: readonly MLXArray[]): unknown {
    const { vjp, jvp, vmap } = this.rules;
    const ids = callNative(
      native.callCustom,
      (given: Ids) => this.#call(given),
      vjp && ((...lists) => this.#vjp(vjp, ...lists)),
      jvp && ((...lists) => this.#jvp(jvp, ...lists)),
      vmap && ((...lists) => this.#vmap(vmap, ...lists)),
      idsOf(inputs),
    );
    return this.#output!.fillWith(adoptAll(ids));
  }

  /** Trees like the arguments with something in the place of each of their arrays. */
  #likeArguments(make: (index: number) => unknown): unknown[] {
    let first = 0;
    return this.#arguments.map((pattern) => {
      const start = first;
      first += pattern.count;
      return pattern.fill((index) => make(start + index));
    });
  }

  #adoptArguments(ids: Ids): unknown[] {
    const arrays = adoptAll(ids);
    return this.#likeArguments((index) => arrays[index]);
  }

  #call(inputs: Ids): ArrayId[] {
    const output = toTree(this.#given.call(this.fun, adoptAll(inputs)), 'customFunction');
    const arrays = arraysIn(output, 'customFunction');
    if (arrays.length === 0)
      throw new TypeError(
        '[customFunction] The function must return an array or a tree of arrays.',
      );
    this.#output ??= new TreePattern(output);
    return idsOf(arrays);
  }

  #vjp(rule: Rule, primals: Ids, cotangents: Ids, outputs: Ids): ArrayId[] {
    const args = this.#adoptArguments(primals);
    const given = this.#output!.fillWith(adoptAll(cotangents));
    const result = rule(...([args, given, this.#output!.fillWith(adoptAll(outputs))] as never[]));
    checkSynchronous(result, 'customFunction.vjp');
    const isList = Array.isArray(result) && result.length === args.length;
    const gradients: readonly unknown[] = isList ? result : [result];
    if (gradients.length !== args.length)
      throw new TypeError(
        `[customFunction.vjp] The rule must return a list with ${args.length} gradients, one for ` +
          'each argument.',
      );
    return idsOf(args.flatMap((arg, i) => gradientsOf(arg, gradients[i], i)));
  }

  #jvp(rule: Rule, primals: Ids, tangents: Ids, argnums: readonly number[]): ArrayId[] {
    const given = adoptAll(tangents);
    const args = this.#adoptArguments(primals);
    const trees = this.#likeArguments((index) => given[argnums.indexOf(index)] ?? null);
    const result = rule(...([args, trees] as never[]));
    return idsOf(arraysIn(toTree(result, 'customFunction.jvp'), 'customFunction.jvp'));
  }

  #vmap(rule: Rule, inputs: Ids, axes: readonly number[]): [ArrayId[], number[]] {
    const args = this.#adoptArguments(inputs);
    const trees = this.#likeArguments((index) => (axes[index]! < 0 ? null : axes[index]));
    const result = rule(...([args, trees] as never[]));
    checkSynchronous(result, 'customFunction.vmap');
    if (!Array.isArray(result) || result.length !== 2)
      throw new TypeError('[customFunction.vmap] The rule must return [result, axes].');
    const output = toTree(result[0], 'customFunction.vmap');
    return [
      idsOf(arraysIn(output, 'customFunction')),
      axesFor(output, result[1] as AxesTree, 0, 'output'),
    ];
  }
}

/** One gradient for each array of an argument. */
function gradientsOf(arg: unknown, gradient: unknown, index: number): MLXArray[] {
  const arrays = arraysIn(arg, 'customFunction.vjp');
  if (gradient === null || gradient === undefined) return arrays.map((a) => zerosLike(a));
  const found = isArray(arg)
    ? [toArray(gradient, 'customFunction.vjp')]
    : arraysIn(gradient, 'customFunction.vjp');
  if (found.length !== arrays.length)
    throw new TypeError(
      `[customFunction.vjp] The gradient of argument ${index} holds ${found.length} arrays, the ` +
        `argument ${arrays.length}.`,
    );
  return found;
}

/**
 * Gives a function rules of its own for gradients (`vjp`), tangents (`jvp`) and vectorisation
 * (`vmap`), which all transforms then follow. What has no rule comes from the function itself. Its
 * arguments and its result are trees of arrays. A file of exportFunction holds no rules: derivatives
 * of what was imported are those of the function itself.
 *
 * @param fun - the function, which also computes where no rule is set.
 *
 * @example
 * ```ts
 * const logOfSum = mx
 *   .customFunction((x: mx.array) => mx.log(mx.add(1, mx.exp(x))))
 *   .vjp(([x], cotangent) => cotangent.multiply(mx.sigmoid(x)));
 * // The gradient of the formula itself would be NaN here.
 * console.log(mx.grad(logOfSum)(mx.array(100)).item()); // => 1
 * ```
 */
export function customFunction<F extends AnyFunction>(fun: F): CustomFunction<F>;
export function customFunction(...values: unknown[]): CustomFunction<AnyFunction> {
  const { fun } = readCustomFunction(values);
  const rules: Rules = {};
  const custom = (...args: unknown[]): unknown => {
    const inputs = arraysIn(args, 'customFunction');
    // Nothing but a transform would look at the rules.
    if (native.inTracing() !== true || inputs.length === 0) {
      const result: unknown = fun(...args);
      checkSynchronous(result, 'customFunction');
      return result;
    }
    return new CustomCall(fun, { ...rules }, args).run(inputs);
  };
  const setter = (name: keyof Rules) => {
    const read = reader(`customFunction.${name}`, { rule: callback<Rule>() });
    return {
      value: (...given: unknown[]) => {
        rules[name] = read(given).rule;
        return custom;
      },
    };
  };
  return Object.defineProperties(custom, {
    vjp: setter('vjp'),
    jvp: setter('jvp'),
    vmap: setter('vmap'),
  }) as unknown as CustomFunction<AnyFunction>;
}
