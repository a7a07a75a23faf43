import { native } from '../addon/native';
import type { ArrayId } from '../addon/types';
import { isPlainObject, optional, requireFunction, type Kind } from '../arguments/kinds';
import { toArray, isScalar } from '../arguments/operands';
import { reader } from '../arguments/reader';
import { adoptAll, callNative, idOf, isArray, type MLXArray } from '../array/array';
import { treeFlatten } from '../trees/tree';
import { callWith } from './argument-swap';
import { arraysIn, checkSynchronous, idsOf, withArrays, type Synchronous } from './traced-call';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any function can be mapped
type AnyFunction = (...args: any[]) => any;

/** An axis for a whole tree, null for none, or a tree of these. */
export type AxesTree = number | null | readonly AxesTree[] | { readonly [key: string]: AxesTree };

const axesTree: Kind<AxesTree> = {
  text: 'an axis, null, or a tree of these',
  fits: (value) =>
    value === null || typeof value === 'number' || Array.isArray(value) || isPlainObject(value),
};

const readAxes = reader('vmap', {
  inAxes: optional(axesTree, 0),
  outAxes: optional(axesTree, 0),
});

/** The addon's mark for an array that isn't mapped. */
const unmapped = -1;

/** One axis for each array of a tree, counted from the front. */
export function axesFor(tree: unknown, axes: AxesTree, extra: number, what: string): number[] {
  return treeFlatten(tree)
    .filter(([, leaf]) => isArray(leaf))
    .map(([path, leaf]) => axisAt(axes, path, (leaf as MLXArray).ndim + extra, what));
}

function axisAt(axes: AxesTree, path: string, ndim: number, what: string): number {
  let at: unknown = axes;
  for (let rest = path; rest !== '' && at !== null && typeof at === 'object';) {
    // A key may hold dots itself.
    const key = Object.keys(at).find((one) => rest === one || rest.startsWith(`${one}.`));
    at = key === undefined ? undefined : (at as Record<string, unknown>)[key];
    rest = key === undefined ? '' : rest.slice(key.length + 1);
  }
  if (at === null) return unmapped;
  if (typeof at !== 'number' || !Number.isInteger(at))
    throw new TypeError(`[vmap] The ${what} axes have no axis for the array at '${path}'.`);
  if (at < -ndim || at >= ndim)
    throw new RangeError(
      `[vmap] The ${what} axis ${at} is out of bounds for an array with ${ndim} dimensions.`,
    );
  return at < 0 ? at + ndim : at;
}

/** The axes as a list with an entry for each argument, or one axis for all. */
function axesOfArguments(inAxes: AxesTree, args: readonly unknown[]): AxesTree {
  if (Array.isArray(inAxes) && inAxes.length === args.length) return inAxes as AxesTree;
  // Axes like the only argument need no list around them.
  if (args.length === 1 && typeof inAxes === 'object' && inAxes !== null) return [inAxes];
  if (typeof inAxes !== 'object' || inAxes === null) return inAxes;
  const count = Array.isArray(inAxes) ? `has ${inAxes.length} entries` : 'is a tree for one';
  throw new TypeError(
    `[vmap] inAxes ${count}, but the function was called with ${args.length} arguments.`,
  );
}

/**
 * A function that maps fun over an axis (0) of its arguments and stacks the outputs along an axis
 * (0). inAxes is one axis, null for arguments that are shared, or a list with an entry for each
 * argument; entries may be trees like the argument, and the only argument's needs no list around
 * it. outAxes likewise for the output.
 *
 * Arrays that fun stores elsewhere have no value after the call, and using them is an error.
 *
 * @param fun - the function for one element.
 * @param inAxes - the axis of the arguments, null for what is shared, or a list or tree of
 *   these; default: 0.
 * @param outAxes - where the new axis of the outputs stands; default: 0.
 *
 * @example
 * ```ts
 * const dot = (a: mx.array, b: mx.array) => a.multiply(b).sum();
 * const rows = mx.array([[1, 2], [3, 4]]);
 * console.log(mx.vmap(dot, [0, null])(rows, mx.array([1, 1])).tolist()); // => [ 3, 7 ]
 * ```
 *
 * Gradients for each sample by itself:
 *
 * @example
 * ```ts
 * const loss = (w: mx.array, x: mx.array, y: mx.array) => w.multiply(x).sum().subtract(y).square();
 * const perSample = mx.vmap(mx.grad(loss), [null, 0, 0]);
 * const gradients = perSample(mx.array([1, 1]), mx.array([[1, 2], [3, 4]]), mx.array([2, 6]));
 * console.log(gradients.tolist()); // => [ [ 2, 4 ], [ 6, 8 ] ]
 * ```
 */
export function vmap<F extends AnyFunction>(
  fun: F & Synchronous<F>,
  inAxes?: AxesTree,
  outAxes?: AxesTree | { outAxes?: AxesTree },
): (...args: Parameters<F>) => ReturnType<F>;
export function vmap<F extends AnyFunction>(
  fun: F & Synchronous<F>,
  options: { inAxes?: AxesTree; outAxes?: AxesTree },
): (...args: Parameters<F>) => ReturnType<F>;
export function vmap<F extends AnyFunction>(
  fun: F,
  ...rest: unknown[]
): (...args: Parameters<F>) => ReturnType<F> {
  requireFunction(fun, 'vmap');
  const { inAxes, outAxes } = readAxes(rest);
  return (...args) => {
    const axesOfAll = axesOfArguments(inAxes, args);
    const inputs = arraysIn(args, 'vmap');
    const axes = axesFor(args, axesOfAll, 0, 'input');
    let output: unknown;
    const callback = (ids: readonly ArrayId[]): [ArrayId[], number[]] => {
      output = callWith(fun, args, adoptAll(ids), 'vmap');
      checkSynchronous(output, 'vmap');
      if (isScalar(output)) output = toArray(output, 'vmap');
      const arrays = arraysIn(output, 'vmap');
      if (arrays.length === 0)
        throw new TypeError('[vmap] The function must return an array or a tree of arrays.');
      return [arrays.map(idOf), axesFor(output, outAxes, 1, 'output')];
    };
    const ids = callNative(native.vmap, callback, idsOf(inputs), axes);
    return withArrays(output, adoptAll(ids)) as ReturnType<F>;
  };
}
