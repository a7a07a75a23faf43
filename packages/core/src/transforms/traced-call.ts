import type { ArrayId } from '../addon/types';
import { toArrays } from '../arguments/array-lists';
import { isScalar, refuseForeign, toArray } from '../arguments/operands';
import { adoptAll, idOf, isArray, type MLXArray } from '../array/array';
import { leavesOf, treeMap } from '../trees/tree';

/** The arrays of a tree, in order. Those of another copy of the package, and promises, are refused. */
export function arraysIn(tree: unknown, name: string): MLXArray[] {
  const arrays: MLXArray[] = [];
  for (const [path, leaf] of leavesOf(tree, name)) {
    if (isArray(leaf)) arrays.push(leaf);
    else if (typeof leaf === 'object' && leaf !== null) {
      refuseForeign(leaf, name);
      if (isPromise(leaf))
        throw new TypeError(
          `[${name}] Expected arrays, but ${path || 'it'} is a promise: await it first.`,
        );
    }
  }
  return arrays;
}

/** The tree with its arrays replaced, in order; other leaves stay. */
export function withArrays(tree: unknown, arrays: Iterable<MLXArray>): unknown {
  const next = arrays[Symbol.iterator]();
  return treeMap((leaf: unknown) => (isArray(leaf) ? next.next().value : leaf), tree);
}

/** Slot numbers of arrays that the caller keeps reachable. */
export function idsOf(arrays: readonly MLXArray[]): ArrayId[] {
  return arrays.map(idOf);
}

/** What a function has to be besides: no promise, as what it awaits would run outside the trace. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any function can be traced
export type Synchronous<F extends (...args: any[]) => unknown> = 0 extends ReturnType<F> & 1
  ? unknown
  : [Extract<ReturnType<F>, PromiseLike<unknown>>] extends [never]
    ? unknown
    : 'a function that returns no promise';

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** Throws if a traced function returned a promise: what it awaited would run outside the trace. */
export function checkSynchronous(result: unknown, name: string): void {
  if (isPromise(result))
    throw new TypeError(`[${name}] The function must return its result, not a promise of it.`);
}

/** The output of a traced function as a list of arrays; scalars become arrays. */
export function outputList(result: unknown, name: string): MLXArray[] {
  checkSynchronous(result, name);
  if (isArray(result) || isScalar(result)) return [toArray(result, name)];
  if (Array.isArray(result)) return toArrays(result, name);
  throw new TypeError(`[${name}] The function must return an array or a list of arrays.`);
}

/** A callback for the addon, which passes new slots and wants the numbers of the outputs. */
export function tracedCallback(
  run: (inputs: readonly MLXArray[]) => MLXArray[],
): (ids: readonly ArrayId[]) => ArrayId[] {
  return (ids) => idsOf(run(adoptAll(ids)));
}
