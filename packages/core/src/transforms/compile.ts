import { native } from '../addon/native';
import type { ArrayId } from '../addon/types';
import { refuseArguments } from '../arguments/count';
import {
  boolean,
  isPlainObject,
  nullable,
  optional,
  requireFunction,
  type Kind,
} from '../arguments/kinds';
import { reader } from '../arguments/reader';
import { setMember } from '../arguments/set-member';
import { adoptAll, callNative, idOf, isArray, type MLXArray } from '../array/array';
import { internals } from '../array/internals';
import { checked } from '../errors/errors';
import { currentStream } from '../evaluation/scope';
import { LiveTree, liveHolder, type Place } from './live-tree';
import { arraysIn, checkSynchronous, idsOf, type Synchronous } from './traced-call';
import { TreePattern } from './tree-pattern';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any function can be compiled
type AnyFunction = (...args: any[]) => unknown;

/** What a trace's outputs are for: the function's result, then members of the state. */
interface Pattern {
  readonly result: TreePattern;
  readonly written: readonly (readonly string[])[];
}

interface CompileOptions {
  /** Trees that the function reads beside its arguments. */
  inputs?: unknown;
  /** Trees that the function writes. */
  outputs?: unknown;
  /** Whether a trace may serve other sizes of the arguments. */
  shapeless?: boolean;
}

// By the engine's numbers of traces; what the engine drops is dropped here.
const patterns = new Map<number, Pattern>();

/** Trees of state. An object of numbers and the like alone holds none: they are misspelt options. */
const state: Kind<unknown> = {
  text: 'a tree of arrays',
  fits: (value) =>
    isPlainObject(value) && Object.keys(value).length > 0
      ? Object.values(value).some(mayHoldState)
      : mayHoldState(value),
};

/** What is null now may be an array after the first call. */
function mayHoldState(value: unknown): boolean {
  return typeof value === 'object' || typeof value === 'function';
}

const readOptions = reader('compile', {
  inputs: optional(nullable(state), null),
  outputs: optional(nullable(state), null),
  shapeless: optional(nullable(boolean), null),
});

/** Binds a new value, moving it into the array object of an earlier call if there is one. */
function bindAt(tree: unknown, path: readonly string[], value: MLXArray): void {
  let holder = liveHolder(tree);
  for (const key of path.slice(0, -1)) holder = liveHolder(holder?.[key]);
  if (holder === undefined)
    throw new TypeError(`[compile] The outputs no longer have a member at '${path.join('.')}'.`);
  const key = path.at(-1)!;
  const old = holder[key];
  if (isArray(old) && internals.move(old, value)) return;
  internals.own(value);
  setMember(holder, key, value, 'compile', path.join('.'));
}

function statePlaces(tree: unknown): readonly Place[] {
  const live = new LiveTree();
  live.addState(tree);
  return live.places;
}

/** Runs the function on placeholders; the state is as before when it returns. */
function trace(
  fun: AnyFunction,
  args: unknown[],
  tree: LiveTree,
  inputs: unknown,
  outputs: unknown,
  placeholders: readonly MLXArray[],
): [Pattern, MLXArray[]] {
  const before = statePlaces(outputs);
  try {
    for (const { holder, key, path, number } of tree.places)
      setMember(holder, key, placeholders[number], 'compile', path.join('.'));
    const unchanged = new Map(
      before.map(({ holder, key, path }) => [path.join('.'), nodeOf(holder[key])]),
    );
    const result = fun(...args);
    checkSynchronous(result, 'compile');
    const arrays = arraysIn(result, 'compile');
    const written = statePlaces(outputs).filter(
      ({ path, array }) => unchanged.get(path.join('.')) !== nodeOf(array),
    );
    for (const { array } of written) arrays.push(array);
    return [{ result: new TreePattern(result), written: written.map(({ path }) => path) }, arrays];
  } finally {
    for (const { holder, key, array } of [...before, ...tree.places])
      Reflect.set(holder, key, array);
    // The function may have put placeholders into containers of its own.
    const originals = new Map(placeholders.map((one, i) => [one, tree.arrays[i]]));
    for (const { holder, key, array } of statePlaces([inputs, outputs]))
      if (originals.has(array)) Reflect.set(holder, key, originals.get(array));
  }
}

/** The graph node behind an array, which changes when it is changed in place. */
function nodeOf(a: unknown): unknown {
  return native.nodeId(idOf(a as MLXArray));
}

/**
 * A function that does what fun does without calling it again: fun is traced once for each
 * combination of its arguments' shapes, dtypes and constants, and the operations then run as one
 * piece. Everything that is no array is a constant; so are arrays that fun gets from elsewhere,
 * unless `inputs` names the state that holds them: a module, an optimizer, `mx.random.state`, or a
 * list or object of such. What fun changes there is written back if it is among `outputs`.
 *
 * With `shapeless`, a trace serves arguments of other sizes too, if sizes did not become part of
 * it; asking an array for its shape makes them so.
 *
 * Looking at values inside fun is a TypeError: return what you want to look at.
 *
 * @param fun - the function, of arrays, trees of arrays and constants.
 * @param inputs - trees that fun reads beside its arguments; default: none.
 * @param outputs - trees that fun changes; default: none.
 * @param shapeless - whether a trace serves other sizes too; default: false.
 *
 * @example
 * ```ts
 * const gelu = mx.compile((x: mx.array) => x.multiply(mx.add(1, mx.erf(x.divide(Math.SQRT2)))).divide(2));
 * console.log(gelu(mx.array([0, 100])).tolist()); // => [ 0, 100 ]
 *
 * const state = { count: mx.array(0) };
 * const step = mx.compile((x: mx.array) => {
 *   state.count = state.count.add(1);
 *   return x.multiply(state.count);
 * }, state, state);
 * step(mx.array(5));
 * console.log(step(mx.array(5)).item(), state.count.item()); // => 10 2
 * ```
 */
export function compile<F extends AnyFunction>(
  fun: F & Synchronous<F>,
  inputs?: unknown,
  outputs?: unknown,
  shapeless?: boolean | { shapeless?: boolean },
): (...args: Parameters<F>) => ReturnType<F>;
export function compile<F extends AnyFunction>(
  fun: F & Synchronous<F>,
  options: CompileOptions,
): (...args: Parameters<F>) => ReturnType<F>;
export function compile<F extends AnyFunction>(
  fun: F,
  ...rest: unknown[]
): (...args: Parameters<F>) => ReturnType<F> {
  requireFunction(fun, 'compile');
  const { inputs, outputs, shapeless } = readOptions(rest);
  const number = native.compileNewId() as number;
  const compiled = (...given: unknown[]): unknown => {
    if (native.compileIsDisabled() === true) return fun(...given);
    const tree = new LiveTree();
    const args = tree.addArguments(given);
    if (inputs !== null) tree.addState(inputs);
    let traced: Pattern | undefined;
    const callback = (ids: readonly ArrayId[]): ArrayId[] => {
      const [pattern, arrays] = trace(fun, args, tree, inputs, outputs, adoptAll(ids));
      traced = pattern;
      return idsOf(arrays);
    };
    const [id, ids, dropped] = callNative(
      native.callCompiled,
      callback,
      number,
      shapeless ?? false,
      `${currentStream() ?? ''}|${tree.signature}`,
      idsOf(tree.arrays),
    );
    for (const gone of dropped) patterns.delete(gone);
    if (traced !== undefined && id !== 0) {
      patterns.set(id, traced);
      checked(native.countTraces(resource, number));
    }
    const pattern = traced ?? patterns.get(id)!;
    const arrays = adoptAll(ids);
    const first = arrays.length - pattern.written.length;
    pattern.written.forEach((path, i) => bindAt(outputs, path, arrays[first + i]!));
    return pattern.result.fillWith(arrays);
  };
  // Held by the function itself, so that its traces go when it does.
  const resource = checked<number>(native.ownCompiled(compiled, number));
  return compiled as (...args: Parameters<F>) => ReturnType<F>;
}

/**
 * Makes compiled functions call what they were made of, in all threads, until enableCompile. The
 * environment variable MLX_DISABLE_COMPILE=1 starts that way.
 *
 * @example
 * ```ts
 * mx.disableCompile();
 * console.log(mx.compile((x: mx.array) => (x.item() > 0 ? 'yes' : 'no'))(mx.array(1))); // => yes
 * mx.enableCompile();
 * ```
 */
export function disableCompile(): void;
export function disableCompile(...values: unknown[]): void {
  refuseArguments(values, 'disableCompile');
  native.disableCompile();
}

/**
 * Undoes disableCompile.
 *
 * @example
 * ```ts
 * mx.enableCompile();
 * console.log(mx.compile((x: mx.array) => x.add(1))(mx.array(1)).item()); // => 2
 * ```
 */
export function enableCompile(): void;
export function enableCompile(...values: unknown[]): void {
  refuseArguments(values, 'enableCompile');
  native.enableCompile();
}
