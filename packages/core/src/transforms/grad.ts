import { native } from '../addon/native';
import { isPlainObject, nullable, optional, requireFunction, type Kind } from '../arguments/kinds';
import { copyList } from '../arguments/lists';
import { isScalar, refuseForeign, toArray } from '../arguments/operands';
import { reader } from '../arguments/reader';
import { adoptAll, callNative, idOf, isArray, type MLXArray } from '../array/array';
import { ShapeError } from '../errors/errors';
import { callWith } from './argument-swap';
import type {
  Argnames,
  Argnums,
  AnyFunction,
  Gradients,
  NamedGradients,
  Value,
} from './grad-types';
import {
  arraysIn,
  checkSynchronous,
  idsOf,
  tracedCallback,
  withArrays,
  type Synchronous,
} from './traced-call';

/** Which arguments are differentiated. */
export interface GradOptions<
  N extends Argnums = Argnums,
  K extends Argnames | null = Argnames | null,
> {
  /** The number of an argument, or a list of some; default: 0, or none if argnames is given. */
  argnums?: N | undefined;
  /** A member of the last argument, an object, or a list of some; default: none. */
  argnames?: K | undefined;
}

/** Which arguments: the numbers of some, and names of members of the last one. */
interface Selection {
  readonly numbers: readonly number[];
  /** Whether the numbers came as a list, so that gradients go back as one. */
  readonly isList: boolean;
  readonly names: readonly string[];
}

const chosenNumbers: Kind<Argnums> = {
  text: 'an integer or a list of integers',
  fits: (value) => typeof value === 'number' || Array.isArray(value),
};
const chosenNames: Kind<Argnames> = {
  text: 'a name or a list of names',
  fits: (value) => typeof value === 'string' || Array.isArray(value),
};
const chosen = {
  argnums: optional(nullable(chosenNumbers), null),
  argnames: optional(nullable(chosenNames), null),
};
const readChosen = { grad: reader('grad', chosen), valueAndGrad: reader('valueAndGrad', chosen) };

function readSelection(rest: readonly unknown[], name: keyof typeof readChosen): Selection {
  const { argnums, argnames: given } = readChosen[name](rest);
  const argnames = given ?? [];
  const names = Array.isArray(argnames)
    ? copyList(argnames as readonly string[], name)
    : [argnames as string];
  if (!names.every((one) => typeof one === 'string'))
    throw new TypeError(`[${name}] argnames must be a name or a list of names.`);
  if (new Set(names).size !== names.length)
    throw new TypeError(`[${name}] argnames names a member twice: ${names.join(', ')}.`);
  // With names alone, only they are differentiated.
  if (names.length > 0 && argnums === null) return { numbers: [], isList: true, names };
  const [numbers, isList] = checkArgnums(argnums, name);
  return { numbers, isList, names };
}

function checkArgnums(argnums: Argnums | undefined, name: string): [number[], boolean] {
  const isList = Array.isArray(argnums);
  const list = isList
    ? copyList(argnums as readonly number[], name)
    : [(argnums as number | null) ?? 0];
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
  if (!isArray(loss) && !isScalar(loss)) {
    refuseForeign(loss, name);
    throw new TypeError(
      `[${name}] The function must return a scalar array${allowMore ? ', first in a list if there is more' : ''}.`,
    );
  }
  const value = toArray(loss, name);
  if (native.ndim(idOf(value)) !== 0)
    throw new ShapeError(
      `[${name}] The function must return a scalar${allowMore ? ', first in a list if there is more' : ''}; ` +
        `its value has shape (${value.shape.join(',')}). Reduce it, for example with sum or mean.`,
    );
  return value;
}

/** The last argument, whose members argnames chooses. */
function namedArguments(
  args: readonly unknown[],
  names: readonly string[],
  name: string,
): Readonly<Record<string, unknown>> {
  const last = args.at(-1);
  if (names.length === 0) return {};
  if (!isPlainObject(last))
    throw new TypeError(`[${name}] argnames needs an object as the last argument.`);
  for (const key of names)
    if (!Object.hasOwn(last, key))
      throw new TypeError(`[${name}] The last argument has no member '${key}'.`);
  return last;
}

function differentiate(
  fun: AnyFunction,
  rest: readonly unknown[],
  name: keyof typeof readChosen,
  allowMore: boolean,
): (...args: unknown[]) => [unknown, unknown] {
  requireFunction(fun, name);
  const { numbers, isList, names } = readSelection(rest, name);
  return (...args) => {
    const positions = positionsOf(numbers, args.length, name);
    const named = namedArguments(args, names, name);
    const chosen = [
      ...positions.map((position) => args[position]),
      ...names.map((key) => named[key]),
    ];
    const trees = chosen.map((arg) => (isScalar(arg) ? toArray(arg, name) : arg));
    const groups = trees.map((tree) => arraysIn(tree, name));
    groups.forEach((group, i) => {
      if (group.length === 0)
        throw new TypeError(
          `[${name}] Argument ${positions[i] ?? names[i - positions.length]} holds no array to ` +
            'differentiate.',
        );
    });
    const membersOf = (parts: readonly unknown[]): Record<string, unknown> =>
      Object.fromEntries(names.map((key, i) => [key, parts[positions.length + i]]));
    const inputs = groups.flat();
    let result: unknown;
    const callback = tracedCallback((tracers) => {
      const call = (...parts: unknown[]): unknown => {
        const traced = [...args];
        if (names.length > 0) traced[args.length - 1] = { ...named, ...membersOf(parts) };
        positions.forEach((position, i) => (traced[position] = parts[i]));
        return fun(...traced);
      };
      result = callWith(call, trees, tracers, name);
      if (Array.isArray(result)) result = copyList(result as unknown[], name);
      const loss = lossOf(result, name, allowMore);
      if (Array.isArray(result)) result[0] = loss;
      else result = loss;
      return [loss];
    });
    const indices = inputs.map((_, i) => i);
    const ids = callNative(native.valueAndGrad, callback, idsOf(inputs), indices);
    let from = 0;
    const gradients = adoptAll(ids);
    const parts = trees.map((tree, i) =>
      withArrays(tree, gradients.slice(from, (from += groups[i]!.length))),
    );
    const byNumber = isList ? parts.slice(0, positions.length) : parts[0];
    if (names.length === 0) return [result, byNumber];
    const byName = membersOf(parts);
    return [result, positions.length === 0 ? byName : [byNumber, byName]];
  };
}

/**
 * A function that gives the gradients of fun, which returns a scalar, for the argument with the
 * number argnums (0): a tree like that argument. A list of numbers gives a list of gradients.
 * Other arguments may be anything. argnames chooses members of the last argument, an object: the
 * result is then an object of their gradients, or a list of both kinds if argnums is given too.
 * The gradient of a complex argument is dL/dx + i dL/dy.
 *
 * Throws TypeError when fun returns something else; its ShapeError says that a result is no scalar.
 *
 * @param fun - the function; it returns a scalar.
 * @param argnums - the number of the argument to differentiate by, or a list of some; default:
 *   0.
 * @param argnames - members of the last argument, an object, to differentiate by; default: none.
 * @param options - argnums and argnames by name.
 *
 * @example
 * ```ts
 * const loss = (w: mx.array) => w.square().sum();
 * console.log(mx.grad(loss)(mx.array([1, 2])).tolist()); // => [ 2, 4 ]
 * ```
 */
export function grad<F extends AnyFunction, const N extends Argnums = null>(
  fun: F & Synchronous<F>,
  argnums?: N,
): (...args: Parameters<F>) => Gradients<F, N>;
export function grad<
  F extends AnyFunction,
  const N extends Argnums | undefined,
  const K extends Argnames,
>(
  fun: F & Synchronous<F>,
  argnums: N,
  argnames: K,
): (...args: Parameters<F>) => NamedGradients<F, N, K>;
export function grad<
  F extends AnyFunction,
  const N extends Argnums = null,
  const K extends Argnames | null = null,
>(
  fun: F & Synchronous<F>,
  options: GradOptions<N, K>,
): (...args: Parameters<F>) => NamedGradients<F, N, K>;
export function grad<F extends AnyFunction>(
  fun: F,
  ...rest: unknown[]
): (...args: Parameters<F>) => unknown {
  const run = differentiate(fun, rest, 'grad', false);
  return (...args) => run(...args)[1];
}

/**
 * A function that gives what fun returns and the gradients. fun returns a scalar, or a list whose
 * first element is the scalar to differentiate; see grad for argnums.
 *
 * @param fun - the function; it returns a scalar, or a list that begins with one.
 * @param argnums - the number of the argument to differentiate by, or a list of some; default:
 *   0.
 * @param argnames - members of the last argument, an object, to differentiate by; default: none.
 * @param options - argnums and argnames by name.
 *
 * @example
 * ```ts
 * const [value, gradient] = mx.valueAndGrad((w: mx.array) => w.square().sum())(mx.array([1, 2]));
 * console.log(value.item(), gradient.tolist()); // => 5 [ 2, 4 ]
 * ```
 */
export function valueAndGrad<F extends AnyFunction, const N extends Argnums = null>(
  fun: F & Synchronous<F>,
  argnums?: N,
): (...args: Parameters<F>) => [Value<F>, Gradients<F, N>];
export function valueAndGrad<
  F extends AnyFunction,
  const N extends Argnums | undefined,
  const K extends Argnames,
>(
  fun: F & Synchronous<F>,
  argnums: N,
  argnames: K,
): (...args: Parameters<F>) => [Value<F>, NamedGradients<F, N, K>];
export function valueAndGrad<
  F extends AnyFunction,
  const N extends Argnums = null,
  const K extends Argnames | null = null,
>(
  fun: F & Synchronous<F>,
  options: GradOptions<N, K>,
): (...args: Parameters<F>) => [Value<F>, NamedGradients<F, N, K>];
export function valueAndGrad<F extends AnyFunction>(
  fun: F,
  ...rest: unknown[]
): (...args: Parameters<F>) => [Value<F>, unknown] {
  const run = differentiate(fun, rest, 'valueAndGrad', true);
  return (...args) => run(...args) as [Value<F>, unknown];
}
