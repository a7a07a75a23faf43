import { native } from '../addon/native';
import { toArrays } from '../arguments/array-lists';
import { callback as anyFunction, type Kind } from '../arguments/kinds';
import { reader } from '../arguments/reader';
import type { ArrayLike } from '../arguments/types';
import { adoptAll, callNative, type MLXArray } from '../array/array';
import { idsOf, outputList, tracedCallback } from './traced-call';

type ArrayFunction = (...inputs: MLXArray[]) => MLXArray | readonly MLXArray[];

const list: Kind<readonly ArrayLike[]> = { text: 'a list of arrays', fits: Array.isArray };
const common = { fun: anyFunction<ArrayFunction>(), primals: list };
const readVjp = reader('vjp', { ...common, cotangents: list });
const readJvp = reader('jvp', { ...common, tangents: list });

function products(
  operation: typeof native.vjp | typeof native.jvp,
  name: string,
  fun: ArrayFunction,
  primals: readonly ArrayLike[],
  vectors: readonly ArrayLike[],
): [MLXArray[], MLXArray[]] {
  const inputs = toArrays(primals, name);
  const directions = toArrays(vectors, name);
  let outputs: MLXArray[] = [];
  const callback = tracedCallback((tracers) => (outputs = outputList(fun(...tracers), name)));
  const ids = callNative(operation, callback, idsOf(inputs), idsOf(directions));
  return [outputs, adoptAll(ids)];
}

/**
 * The outputs of fun and the vector-Jacobian products with the cotangents, one for each primal.
 * The cotangents have the shapes of the outputs (ShapeError).
 *
 * @param fun - a function from arrays to an array or a list of arrays.
 * @param primals - the arrays to call fun with.
 * @param cotangents - an array for each output, of its shape.
 *
 * @example
 * ```ts
 * const [outputs, products] = mx.vjp((x) => x.square(), [mx.array([3])], [mx.array([1])]);
 * console.log(outputs[0].tolist(), products[0].tolist()); // => [ 9 ] [ 6 ]
 * ```
 */
export function vjp(
  fun: ArrayFunction,
  primals: readonly ArrayLike[],
  cotangents: readonly ArrayLike[],
): [MLXArray[], MLXArray[]];
export function vjp(...values: unknown[]): [MLXArray[], MLXArray[]] {
  const { fun, primals, cotangents } = readVjp(values);
  return products(native.vjp, 'vjp', fun, primals, cotangents);
}

/**
 * The outputs of fun and the Jacobian-vector products with the tangents, one for each output. The
 * tangents have the shapes of the primals (ShapeError).
 *
 * @param fun - a function from arrays to an array or a list of arrays.
 * @param primals - the arrays to call fun with.
 * @param tangents - an array for each primal, of its shape.
 *
 * @example
 * ```ts
 * const [outputs, products] = mx.jvp((x) => x.square(), [mx.array([3])], [mx.array([1])]);
 * console.log(outputs[0].tolist(), products[0].tolist()); // => [ 9 ] [ 6 ]
 * ```
 *
 * The product of a Hessian and a vector, without the Hessian: forward over reverse.
 *
 * @example
 * ```ts
 * const f = (x: mx.array) => x.power(3).sum();
 * const hessianTimes = (x: mx.array, v: mx.array) => mx.jvp(mx.grad(f), [x], [v])[1][0];
 * console.log(hessianTimes(mx.array([1, 2]), mx.array([1, 10])).tolist()); // => [ 6, 120 ]
 * ```
 */
export function jvp(
  fun: ArrayFunction,
  primals: readonly ArrayLike[],
  tangents: readonly ArrayLike[],
): [MLXArray[], MLXArray[]];
export function jvp(...values: unknown[]): [MLXArray[], MLXArray[]] {
  const { fun, primals, tangents } = readJvp(values);
  return products(native.jvp, 'jvp', fun, primals, tangents);
}
