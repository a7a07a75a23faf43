import { adoptAll, callNative, isArray, type MLXArray } from '../array';
import { native } from '../native';
import { isScalar, toArray } from '../operand';
import { arraysIn, checkSynchronous, idsOf, tracedCallback, withArrays } from './traced-call';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any function can be differentiated
type AnyFunction = (...args: any[]) => unknown;

type Argnums = number | readonly number[] | null;

/** What the gradient of an argument is: a tree like it. */
type GradientOf<A> = A extends number | boolean | bigint ? MLXArray : A;

/** What the gradients of a function's arguments are, by the kind of argnums. */
type Gradients<F extends AnyFunction, N> = N extends readonly number[]
  ? {
      -readonly [K in keyof N]: unknown extends Parameters<F>[0]
        ? MLXArray
        : GradientOf<Parameters<F>[0]>;
    }
  : GradientOf<Parameters<F>[0]>;

function checkArgnums(argnums: Argnums | undefined, name: string): [number[], boolean] {
  const isList = Array.isArray(argnums);
  const list = isList ? [...(argnums as readonly number[])] : [(argnums as number | null) ?? 0];
  if (list.length === 0) throw new TypeError(`[${name}] argnums must name at least one argument.`);
  if (!list.every((one) => Number.isInteger(one)))
    throw new TypeError(`[${name}] argnums must be an integer or a list of integers.`);
  if (new Set(list).size !== list.length)
    throw new TypeError(`[${name}] argnums names an argument twice: ${list.join(', ')}.`);
  return [list, isList];
}

function positionsOf(argnums: readonly number[], count: number, name: string): number[] {
  const positions = argnums.map((one) => (one < 0 ? one + count : one));
  positions.forEach((position, i) => {
    if (position < 0 || position >= count)
      throw new RangeError(
        `[${name}] argnums has ${argnums[i]}, but the function was called with ${count} arguments.`,
      );
  });
  if (new Set(positions).size !== positions.length)
    throw new TypeError(`[${name}] argnums names an argument twice: ${argnums.join(', ')}.`);
  return positions;
}

/** The value to differentiate and what else the function returned. */
function lossOf(result: unknown, name: string, allowMore: boolean): MLXArray {
  checkSynchronous(result, name);
  const isList = Array.isArray(result);
  if (isList && !allowMore)
    throw new TypeError(
      `[${name}] The function must return one scalar; with further outputs use valueAndGrad.`,
    );
  const loss: unknown = isList ? result[0] : result;
  if (!isArray(loss) && !isScalar(loss))
    throw new TypeError(
      `[${name}] The function must return a scalar array${allowMore ? ', first in a list if there is more' : ''}.`,
    );
  return toArray(loss, name);
}

function differentiate(
  fun: AnyFunction,
  argnums: Argnums | undefined,
  name: string,
  allowMore: boolean,
): (...args: unknown[]) => [unknown, unknown] {
  if (typeof fun !== 'function') throw new TypeError(`[${name}] Expected a function.`);
  const [list, isList] = checkArgnums(argnums, name);
  return (...args) => {
    const positions = positionsOf(list, args.length, name);
    const trees = positions.map((position) => {
      const arg = args[position];
      return isScalar(arg) ? toArray(arg, name) : arg;
    });
    const groups = trees.map(arraysIn);
    groups.forEach((group, i) => {
      if (group.length === 0)
        throw new TypeError(`[${name}] Argument ${positions[i]} holds no array to differentiate.`);
    });
    const inputs = groups.flat();
    let result: unknown;
    const callback = tracedCallback((tracers) => {
      const traced = [...args];
      let from = 0;
      positions.forEach((position, i) => {
        const count = groups[i]!.length;
        traced[position] = withArrays(trees[i], tracers.slice(from, from + count));
        from += count;
      });
      result = fun(...traced);
      const loss = lossOf(result, name, allowMore);
      if (Array.isArray(result)) result = [loss, ...(result.slice(1) as unknown[])];
      else result = loss;
      return [loss];
    });
    const numbers = inputs.map((_, i) => i);
    const ids = callNative<number[]>(native.valueAndGrad, callback, idsOf(inputs), numbers);
    const gradients = adoptAll(ids);
    let from = 0;
    const gradientTrees = groups.map((group, i) => {
      const part = gradients.slice(from, from + group.length);
      from += group.length;
      return withArrays(trees[i], part);
    });
    return [result, isList ? gradientTrees : gradientTrees[0]];
  };
}

/**
 * A function that gives the gradients of fun, which returns a scalar, for the argument with the
 * number argnums (0): a tree like that argument. A list of numbers gives a list of gradients.
 * Other arguments may be anything. The gradient of a complex argument is dL/dx + i dL/dy.
 *
 * Throws TypeError when fun returns something else; its ShapeError says that a result is no scalar.
 *
 * @example
 * ```ts
 * const loss = (w: mx.array) => w.square().sum();
 * console.log(mx.grad(loss)(mx.array([1, 2])).tolist()); // => [ 2, 4 ]
 * ```
 */
export function grad<F extends AnyFunction, const N extends Argnums = null>(
  fun: F,
  argnums?: N,
): (...args: Parameters<F>) => Gradients<F, N> {
  const run = differentiate(fun, argnums, 'grad', false);
  return (...args) => run(...args)[1] as Gradients<F, N>;
}

/**
 * A function that gives what fun returns and the gradients. fun returns a scalar, or a list whose
 * first element is the scalar to differentiate; see grad for argnums.
 *
 * @example
 * ```ts
 * const [value, gradient] = mx.valueAndGrad((w: mx.array) => w.square().sum())(mx.array([1, 2]));
 * console.log(value.item(), gradient.tolist()); // => 5 [ 2, 4 ]
 * ```
 */
export function valueAndGrad<F extends AnyFunction, const N extends Argnums = null>(
  fun: F,
  argnums?: N,
): (...args: Parameters<F>) => [ReturnType<F>, Gradients<F, N>] {
  const run = differentiate(fun, argnums, 'valueAndGrad', true);
  return (...args) => run(...args) as [ReturnType<F>, Gradients<F, N>];
}
