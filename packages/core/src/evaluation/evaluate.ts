import { native } from '../addon/native';
import type { ArrayId } from '../addon/types';
import { isArray, type MLXArray } from '../array/array';
import { checked, checkedFor, errorFromRecord, type ErrorRecord } from '../errors/errors';
import { builtin } from '../node/builtin';
import { arraysIn, idsOf } from '../transforms/traced-call';

const { isMainThread } = builtin('node:worker_threads');

/** Lets a worker be terminated while it waits for the engine. */
export function watchForTermination(): void {
  if (!isMainThread) native.watchForTermination();
}

/** The arrays of trees; other leaves are nothing to evaluate. */
function arraysOf(trees: readonly unknown[], name: string): MLXArray[] {
  const arrays: MLXArray[] = [];
  for (const tree of trees) {
    if (isArray(tree)) arrays.push(tree);
    else for (const array of arraysIn(tree, name)) arrays.push(array);
  }
  return arrays;
}

/**
 * Computes arrays, or all arrays in trees and modules, and waits for them. Throws what went wrong
 * on the way, mostly EngineError.
 *
 * @param trees - arrays, and trees of arrays.
 *
 * @example
 * ```ts
 * const a = mx.ones([2]).add(1);
 * mx.evaluate(a);
 * console.log(a.tolist()); // => [ 2, 2 ]
 * ```
 */
export function evaluate(...trees: unknown[]): void {
  evaluateTrees(trees, 'evaluate');
}

/**
 * `eval`, which strict code can't declare: {@link evaluate}.
 *
 * @param trees - arrays, and trees of arrays.
 */
export function evaluateAsEval(...trees: unknown[]): void {
  evaluateTrees(trees, 'eval');
}

function evaluateTrees(trees: readonly unknown[], name: string): void {
  const arrays = arraysOf(trees, name);
  checkedFor(name, native.eval(idsOf(arrays)));
}

/**
 * Starts to compute arrays, or all arrays in trees and modules. The promise tells when they are
 * there; its error, which also surfaces at whoever looks at the arrays, need not be handled. An
 * AbortSignal given last rejects the promise, while the work goes on. Throws TypeError inside a
 * traced function.
 *
 * @param trees - arrays, and trees of arrays.
 *
 * @example
 * ```ts
 * const a = mx.ones([2]).add(1);
 * await mx.asyncEval(a);
 * console.log(a.tolist()); // => [ 2, 2 ]
 * ```
 */
export function asyncEval(...trees: unknown[]): Promise<void> {
  const last = trees.at(-1);
  const signal = last instanceof AbortSignal ? last : undefined;
  const arrays = arraysOf(signal === undefined ? trees : trees.slice(0, -1), 'asyncEval');
  if (native.inTracing() === true)
    throw new TypeError(
      '[asyncEval] Nothing can be evaluated asynchronously while a function is traced.',
    );
  checkedFor('asyncEval', native.asyncEval(idsOf(arrays)));
  return new Evaluation(arrays, signal);
}

/** Evaluations that JavaScript is still to be told of, which keep the process alive. */
let untold = 0;
const mostUntold = 16;

/**
 * The promise of an evaluation. While many are untold it asks to be told only when somebody waits
 * for it or may abort it: a loop that never yields would pile up what nobody hears of.
 */
class Evaluation extends Promise<void> {
  // What its methods return are ordinary promises.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #ask: (() => void) | undefined;

  constructor(arrays: readonly MLXArray[], signal: AbortSignal | undefined) {
    let resolve!: () => void;
    let reject!: (error: unknown) => void;
    super((onValue, onError) => {
      resolve = onValue;
      reject = onError;
    });
    this.#ask = () => {
      this.#ask = undefined;
      // It gets numbers, since its closures live until the promise settles.
      whenDone(idsOf(arrays), signal, resolve, reject);
    };
    if (signal === undefined && untold >= mostUntold) return;
    const before = untold;
    this.#ask();
    // Unhandled, the error would end the process although it surfaces again at the arrays.
    if (untold > before || signal?.aborted) super.then(undefined, () => undefined);
  }

  override then<Value = void, Failure = never>(
    onValue?: ((value: void) => Value | PromiseLike<Value>) | null,
    onError?: ((error: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Value | Failure> {
    this.#ask?.();
    return super.then(onValue, onError);
  }
}

function whenDone(
  ids: readonly ArrayId[],
  signal: AbortSignal | undefined,
  resolve: () => void,
  reject: (error: unknown) => void,
): void {
  const abort = (): void => reject(signal!.reason);
  if (signal?.aborted) {
    abort();
    return;
  }
  const settle = (record?: ErrorRecord): void => {
    untold--;
    signal?.removeEventListener('abort', abort);
    if (record === undefined) resolve();
    else reject(errorFromRecord(record));
  };
  signal?.addEventListener('abort', abort, { once: true });
  if (checked(native.whenDone(ids, settle)) === false) {
    signal?.removeEventListener('abort', abort);
    resolve();
  } else {
    untold++;
  }
}
