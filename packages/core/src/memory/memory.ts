import { native } from '../addon/native';
import { checkCount, refuseArguments } from '../arguments/count';
import { requireFunction } from '../arguments/kinds';
import { idOf, isArray, type MLXArray } from '../array/array';
import { checked } from '../errors/errors';
import { enterScope, runTidy } from '../evaluation/scope';
import { arraysIn, idsOf } from '../transforms/traced-call';

function byteCount(bytes: number, name: string): number {
  if (typeof bytes !== 'number' || !Number.isFinite(bytes) || bytes < 0)
    throw new TypeError(`[${name}] Expected a number of bytes.`);
  return Math.floor(bytes);
}

/**
 * Bytes of memory that arrays use, on the default device.
 *
 * @example
 * ```ts
 * const a = mx.ones([1024, 1024]).add(1);
 * mx.evaluate(a);
 * console.log(mx.getActiveMemory() >= a.nbytes); // => true
 * ```
 */
export function getActiveMemory(): number;
export function getActiveMemory(...values: unknown[]): number {
  refuseArguments(values, 'getActiveMemory');
  return checked(native.getActiveMemory(enterScope(undefined)));
}

/**
 * The most bytes in use at once on the default device since the start or the last resetPeakMemory.
 *
 * @example
 * ```ts
 * console.log(mx.getPeakMemory() >= 0); // => true
 * ```
 */
export function getPeakMemory(): number;
export function getPeakMemory(...values: unknown[]): number {
  refuseArguments(values, 'getPeakMemory');
  return checked(native.getPeakMemory(enterScope(undefined)));
}

/**
 * Begins to count the default device's peak anew.
 *
 * @example
 * ```ts
 * mx.resetPeakMemory();
 * console.log(mx.getPeakMemory()); // => 0
 * ```
 */
export function resetPeakMemory(): void;
export function resetPeakMemory(...values: unknown[]): void {
  refuseArguments(values, 'resetPeakMemory');
  checked(native.resetPeakMemory(enterScope(undefined)));
}

/**
 * Bytes of freed memory that the default device keeps for reuse.
 *
 * @example
 * ```ts
 * mx.clearCache();
 * console.log(mx.getCacheMemory()); // => 0
 * ```
 */
export function getCacheMemory(): number;
export function getCacheMemory(...values: unknown[]): number {
  refuseArguments(values, 'getCacheMemory');
  return checked(native.getCacheMemory(enterScope(undefined)));
}

/**
 * Sets how many bytes of the default device may be in use or kept; past it an operation throws
 * EngineError. Returns the previous limit, which is 80 % of the machine's or container's memory at
 * first, or for a GPU MLX_GPU_MEMORY_LIMIT (bytes), or else 80 % of what was free at its first use.
 *
 * @param bytes - the limit in bytes.
 *
 * @example
 * ```ts
 * const before = mx.setMemoryLimit(2 ** 30);
 * console.log(mx.setMemoryLimit(before)); // => 1073741824
 * ```
 */
export function setMemoryLimit(bytes: number): number {
  checkCount(arguments.length, 1, 'setMemoryLimit');
  return checked(native.setMemoryLimit(byteCount(bytes, 'setMemoryLimit'), enterScope(undefined)));
}

/**
 * Sets how many bytes the default device may keep for reuse, and returns the previous limit.
 *
 * @param bytes - the limit in bytes.
 *
 * @example
 * ```ts
 * const before = mx.setCacheLimit(0);
 * console.log(mx.setCacheLimit(before)); // => 0
 * ```
 */
export function setCacheLimit(bytes: number): number {
  checkCount(arguments.length, 1, 'setCacheLimit');
  return checked(native.setCacheLimit(byteCount(bytes, 'setCacheLimit'), enterScope(undefined)));
}

/**
 * Sets how many bytes a GPU may keep resident, and returns the previous limit.
 *
 * @param bytes - the limit in bytes.
 *
 * @example
 * ```ts
 * const before = mx.setWiredLimit(0);
 * console.log(mx.setWiredLimit(before)); // => 0
 * ```
 */
export function setWiredLimit(bytes: number): number {
  checkCount(arguments.length, 1, 'setWiredLimit');
  return checked(native.setWiredLimit(byteCount(bytes, 'setWiredLimit')));
}

/**
 * Gives the memory that the default device keeps for reuse back to the system.
 *
 * @example
 * ```ts
 * mx.clearCache();
 * ```
 */
export function clearCache(): void;
export function clearCache(...values: unknown[]): void {
  refuseArguments(values, 'clearCache');
  checked(native.clearCache(enterScope(undefined)));
}

/**
 * Runs a function and releases the arrays made inside, but for those in what it returns: a tree,
 * or a promise of one. Nobody needs it to keep memory bounded; it frees sooner.
 *
 * @param fn - the function; what it returns stays.
 *
 * @example
 * ```ts
 * const total = mx.tidy(() => mx.ones([4]).add(1).sum());
 * console.log(total.item()); // => 8
 * ```
 */
export function tidy<T>(fn: () => T): T {
  checkCount(arguments.length, 1, 'tidy');
  requireFunction(fn, 'tidy');
  return runTidy(fn, (result) => idsOf(arraysIn(result, 'tidy')));
}

/**
 * Releases the memory of arrays, or of all arrays in trees, at once. Using them afterwards is an
 * error; releasing them again is not.
 *
 * @param trees - arrays, and trees of arrays.
 *
 * @example
 * ```ts
 * const a = mx.ones([2]);
 * mx.dispose(a, { more: [mx.zeros([2])] });
 * ```
 */
export function dispose(...trees: unknown[]): void {
  const arrays: MLXArray[] = trees.flatMap((tree) =>
    isArray(tree) ? [tree] : arraysIn(tree, 'dispose'),
  );
  checked(native.release(arrays.map(idOf)));
}

/**
 * How many arrays JavaScript holds, as far as is known: those that died since the last collection
 * still count.
 *
 * @example
 * ```ts
 * const a = mx.ones([2]);
 * console.log(mx.getWrappersCount() >= 1, a.size); // => true 2
 * ```
 */
export function getWrappersCount(): number;
export function getWrappersCount(...values: unknown[]): number {
  refuseArguments(values, 'getWrappersCount');
  return checked(native.liveCount());
}
