import { native } from '../addon/native';
import type { ArrayId } from '../addon/types';
import { callback as anyFunction } from '../arguments/kinds';
import { isScalar, toArray } from '../arguments/operands';
import { reader } from '../arguments/reader';
import { adoptAll, callNative } from '../array/array';
import { arraysIn, checkSynchronous, idsOf, type Synchronous } from './traced-call';
import { ArgumentPattern, TreePattern } from './tree-pattern';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any function can be checkpointed
type AnyFunction = (...args: any[]) => any;

const readCheckpoint = reader('checkpoint', { fun: anyFunction<AnyFunction>() });

/**
 * A function with the same results and derivatives, whose intermediate values are not kept for the
 * gradient but computed again when it is their turn: less memory for more work. Arguments and
 * results are trees of arrays; what fun reads from elsewhere keeps its own intermediates.
 *
 * @param fun - the function.
 *
 * @example
 * ```ts
 * const layer = mx.checkpoint((x: mx.array) => mx.tanh(mx.exp(x)));
 * const loss = (x: mx.array) => layer(layer(x)).sum();
 * console.log(mx.grad(loss)(mx.zeros([2])).shape); // => [ 2 ]
 * ```
 */
export function checkpoint<F extends AnyFunction>(
  fun: F & Synchronous<F>,
): (...args: Parameters<F>) => ReturnType<F>;
export function checkpoint(...values: unknown[]): AnyFunction {
  const { fun } = readCheckpoint(values);
  const checkpointed = (...args: unknown[]): unknown => {
    const inputs = arraysIn(args, 'checkpoint');
    // Only a derivative would compute anything again.
    if (native.inTracing() !== true || inputs.length === 0) {
      const result: unknown = fun(...args);
      checkSynchronous(result, 'checkpoint');
      return result;
    }
    const pattern = new ArgumentPattern(args, 'checkpoint');
    let output: TreePattern | undefined;
    const callback = (ids: readonly ArrayId[]): ArrayId[] => {
      let result = pattern.call(fun, adoptAll(ids));
      checkSynchronous(result, 'checkpoint');
      if (isScalar(result)) result = toArray(result, 'checkpoint');
      output ??= new TreePattern(result);
      return idsOf(arraysIn(result, 'checkpoint'));
    };
    const ids = callNative(native.callCheckpointed, callback, idsOf(inputs));
    return output!.fillWith(adoptAll(ids));
  };
  return checkpointed;
}
