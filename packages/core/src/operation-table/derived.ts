import * as mx from '../index';
import { listOf } from './checks';
import { generate, toArray } from './inputs';
import type { Operation, Sample } from './operation';
import { between } from './values';

/** A function of the inputs that have derivatives, the others being constants. */
export type FreeFunction = (...given: mx.array[]) => mx.array[];

const hasDerivative = (a: mx.array): boolean => mx.issubdtype(a.dtype, mx.inexact);

const isFree = (sample: Sample): boolean[] => sample.inputs.map((one) => one.dtype === undefined);

/** A sample with some inputs as a function of those without a dtype of their own. */
export function freeFunction(
  sample: Sample,
  inputs: readonly mx.array[],
): { f: FreeFunction; primals: mx.array[] } {
  const free = isFree(sample);
  const f: FreeFunction = (...given) => {
    let next = 0;
    const whole = inputs.map((a, i) => (free[i] ? given[next++]! : a));
    // Indices and flags beside the values have no derivative.
    return listOf(sample.call(...whole)).filter(hasDerivative);
  };
  return { f, primals: inputs.filter((_, i) => free[i]) };
}

/**
 * The sample and its products of Jacobians with vectors as samples, which have these vectors as
 * further inputs: derivatives are functions too, with kinds of graph nodes of their own.
 */
export function withDerivatives(
  operation: Operation,
  sample: Sample,
  dtype: mx.Dtype,
): Map<string, Sample> {
  const result = new Map([['value', sample]]);
  if (!operation.differentiable || !isFree(sample).includes(true)) return result;
  if (!mx.issubdtype(dtype, mx.inexact)) return result;
  const typed = sample.inputs.map((one) => ({ ...one, dtype: one.dtype ?? dtype }));
  const count = typed.length;
  const product = (transform: typeof mx.vjp, vectors: readonly mx.array[]): Sample => ({
    inputs: [
      ...typed,
      ...vectors.map((a) => ({ shape: a.shape, values: between(-1, 1), dtype: a.dtype })),
    ],
    call: (...all) => {
      const { f, primals } = freeFunction(sample, all.slice(0, count));
      return transform(f, primals, all.slice(count))[1];
    },
  });
  const { f, primals } = freeFunction(sample, generate(sample, dtype).map(toArray));
  result.set('vjp', product(mx.vjp, f(...primals)));
  result.set('jvp', product(mx.jvp, primals));
  return result;
}
