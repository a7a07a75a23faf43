import * as mx from '../index';
import { checkWithin, listOf, numbersOf } from './checks';
import { freeFunction, type FreeFunction } from './derived';
import { directionLike, generate, toArray } from './inputs';
import type { Sample } from './operation';
import { seeded } from './values';

interface Stencil {
  readonly step: number;
  readonly tolerance: number;
}

// The error of the difference of fourth order is about step^4 + rounding / step.
const stencils = new Map<boolean, Stencil>([
  [true, { step: 1e-3, tolerance: 1e-8 }],
  [false, { step: 1e-2, tolerance: 1e-3 }],
]);

function stencilFor(arrays: readonly mx.array[]): Stencil {
  return stencils.get(arrays.every((a) => a.dtype === mx.float64))!;
}

/** A constant infinity doesn't change. */
const minus = (a: number, b: number): number => (a === b ? 0 : a - b);

/** The derivative along the directions, from four values: (8 (f1 - f-1) - (f2 - f-2)) / 12h. */
function differences(
  f: FreeFunction,
  primals: readonly mx.array[],
  directions: readonly mx.array[],
  step: number,
): Float64Array[] {
  const at = (times: number): Float64Array[] =>
    f(...primals.map((a, i) => a.add(directions[i]!.multiply(times * step)).astype(a.dtype))).map(
      numbersOf,
    );
  const [before2, before, after, after2] = [at(-2), at(-1), at(1), at(2)];
  return after!.map((values, i) =>
    values.map(
      (value, j) =>
        (8 * minus(value, before![i]![j]!) - minus(after2![i]![j]!, before2![i]![j]!)) /
        (12 * step),
    ),
  );
}

const largest = (lists: readonly Float64Array[]): number =>
  lists.reduce(
    (most, list) =>
      list.reduce((a, b) => (Number.isFinite(b) ? Math.max(a, Math.abs(b)) : a), most),
    1,
  );

function checkAgainstDifferences(
  f: FreeFunction,
  primals: mx.array[],
  directions: mx.array[],
  stencil: Stencil,
  what: string,
): void {
  const [outputs, tangents] = mx.jvp(f, primals, directions);
  if (outputs.length === 0) throw new Error('no output has a derivative');
  const { step, tolerance } = stencil;
  const wanted = differences(f, primals, directions, step);
  const scale = largest([...wanted, ...outputs.map(numbersOf)]);
  wanted.forEach((want, i) =>
    checkWithin(numbersOf(tangents[i]!), want, () => tolerance * scale, `${what} of output ${i}`),
  );
}

/** The real part of the inner product. */
function product(a: readonly mx.array[], b: readonly mx.array[]): [number, number] {
  let [sum, sizes] = [0, 0];
  a.forEach((left, i) => {
    const [x, y] = [numbersOf(left), numbersOf(b[i]!)];
    x.forEach((value, j) => {
      sum += value * y[j]!;
      sizes += Math.abs(value * y[j]!);
    });
  });
  return [sum, sizes];
}

/** Both ways of differentiating give one bilinear form of tangents and cotangents. */
export function checkProducts(f: FreeFunction, primals: mx.array[], seed: number): void {
  const random = seeded(seed);
  const tangents = primals.map((a) => directionLike(a, random));
  const [outputs, forward] = mx.jvp(f, primals, tangents);
  const cotangents = outputs.map((a) => directionLike(a, random));
  const [, backward] = mx.vjp(f, primals, cotangents);
  backward.forEach((gradient, i) => {
    const primal = primals[i]!;
    if (gradient.dtype !== primal.dtype || gradient.shape.join() !== primal.shape.join())
      throw new Error(
        `the gradient is ${gradient.dtype}(${gradient.shape.join()}) for ${primal.dtype}(${primal.shape.join()})`,
      );
  });
  const [left, leftSizes] = product(forward, cotangents);
  const [right, rightSizes] = product(backward, tangents);
  // At poles and at infinite values there is nothing to compare.
  if (!Number.isFinite(leftSizes) || !Number.isFinite(rightSizes)) return;
  const precise = [...primals, ...outputs].every((a) => a.dtype === mx.float64);
  const bound = (precise ? 1e-12 : 1e-4) * (1 + leftSizes + rightSizes);
  if (!(Math.abs(left - right) <= bound))
    throw new Error(`jvp gives ${left}, vjp ${right}, which may differ by ${bound}`);
}

/** What a refusal says: that there is no derivative, and what to do. */
const refusal = /^\[\w+\] .*(stopGradient|has no (gradient|rule))/;

/** The result, or the refusal. */
function attempt<T>(body: () => T): T | string {
  try {
    return body();
  } catch (error) {
    const { message } = error as Error;
    if (!refusal.test(message)) throw error;
    return message;
  }
}

/**
 * Asks for the derivative by each input alone, also by those that are indices, codes and masks: it
 * has the input's shape and dtype and both ways agree, or both are refused.
 */
export function checkEachInput(sample: Sample, dtype: mx.Dtype): void {
  const inputs = generate(sample, dtype).map(toArray);
  inputs.forEach((input, i) => {
    const f: FreeFunction = (given) =>
      listOf(sample.call(...inputs.map((a, j) => (j === i ? given! : a))));
    const random = seeded(i);
    const [outputs, cotangents] = [f(input), f(input).map((a) => directionLike(a, random))];
    const forward = attempt(() => mx.jvp(f, [input], [directionLike(input, random)])[1]);
    const backward = attempt(() => mx.vjp(f, [input], cotangents)[1]);
    if ((typeof forward === 'string') !== (typeof backward === 'string'))
      throw new Error(`input ${i}: jvp gives ${String(forward)}, vjp ${String(backward)}`);
    if (typeof forward === 'string' || typeof backward === 'string') return;
    mx.evaluate(forward, backward);
    forward.forEach((tangent, j) => {
      const isBorn = outputs[j]!.dtype === mx.bool_ && input.dtype !== mx.bool_;
      const wanted = isBorn ? [mx.float32] : [outputs[j]!.dtype, mx.float32];
      if (!wanted.includes(tangent.dtype) || tangent.shape.join() !== outputs[j]!.shape.join())
        throw new Error(`input ${i}: the tangent is ${tangent.dtype}(${tangent.shape.join()})`);
    });
    const [gradient] = backward;
    if (gradient!.dtype !== input.dtype || gradient!.shape.join() !== input.shape.join())
      throw new Error(`input ${i}: the gradient is ${gradient!.dtype}(${gradient!.shape.join()})`);
  });
}

/** First derivatives, and second ones where there are any, against differences. */
export function checkDerivatives(sample: Sample, dtype: mx.Dtype): void {
  const { f, primals } = freeFunction(sample, generate(sample, dtype).map(toArray));
  if (primals.length === 0) return;
  const random = seeded(primals.length + primals[0]!.size);
  const directions = primals.map((a) => directionLike(a, random));
  const outputs = f(...primals);
  // Second derivatives are no more precise than the function.
  const stencil = stencilFor([...primals, ...outputs]);
  checkAgainstDifferences(f, primals, directions, stencil, 'the derivative');
  checkProducts(f, primals, primals[0]!.size);
  const cotangents = outputs.map((a) => directionLike(a, random));
  const gradient: FreeFunction = (...given) => mx.vjp(f, given, cotangents)[1];
  checkAgainstDifferences(gradient, primals, directions, stencil, 'the second derivative');
}
