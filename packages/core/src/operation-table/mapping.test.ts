import * as mx from '../index';
import { checkClose, checkSameBits, listOf, within } from './checks';
import { withDerivatives } from './derived';
import { generate, toArray } from './inputs';
import type { Call, Operation, Sample } from './operation';
import { operations } from './table';

type Axes = readonly (number | null)[];

/** What lists of axes are mapped, from the outermost, and how often each. */
type Level = readonly [count: number, axes: Axes];

/** The inputs with their axes that are mapped, for those that have any, at their places. */
function mapped(sample: Sample, dtype: mx.Dtype, levels: readonly Level[]): mx.array[] {
  const batch: Sample = {
    ...sample,
    inputs: sample.inputs.map((one, i) => ({
      ...one,
      shape: [
        ...levels.flatMap(([count, axes]) => (axes[i] === null ? [] : [count])),
        ...one.shape,
      ],
    })),
  };
  return generate(batch, dtype).map((contents, i) => {
    const places = levels.flatMap(([, axes]) => axes[i] ?? []);
    // The innermost first: the places of the outer ones count it.
    return places.reduceRight<mx.array>(
      (a, place, front) => moveWithin(a, front, place),
      toArray(contents),
    );
  });
}

/** Moves the first axis behind `front` others to a place among those behind them. */
function moveWithin(a: mx.array, front: number, place: number): mx.array {
  return mx.moveaxis(a, front, place < 0 ? place : place + front);
}

function nested(call: Call, levels: readonly Level[]): Call {
  return levels.reduceRight<Call>(
    (f, [, axes]) => mx.vmap((...given) => listOf(f(...given)), [...axes]),
    call,
  );
}

function looped(call: Call, levels: readonly Level[], inputs: readonly mx.array[]): mx.array[] {
  const [level, ...inner] = levels;
  if (level === undefined) return listOf(call(...inputs));
  const [count, axes] = level;
  const each = Array.from({ length: count }, (_, k) =>
    looped(
      call,
      inner,
      inputs.map((a, i) => (axes[i] === null ? a : mx.take(a, k, axes[i]))),
    ),
  );
  return each[0]!.map((_, i) => mx.stack(each.map((one) => one[i]!)));
}

function checkMapped(operation: Operation, sample: Sample, ...levels: readonly Level[]): void {
  const inputs = mapped(sample, operation.dtypes[0]!, levels);
  const results = listOf(nested(sample.call, levels)(...inputs));
  const expected = looped(sample.call, levels, inputs);
  // One large product may add up in another order than many small ones.
  if (operation.relativeTo === 'element') checkSameBits(results, expected);
  else checkClose(results, expected, operation);
}

/** All at the front, at the back, mixed. */
function together(ranks: readonly number[]): Axes[] {
  return [
    ranks.map(() => 0),
    ranks.map(() => -1),
    ranks.map((rank, i) => (i % 2 === 0 ? rank : 0)),
  ];
}

/** One at each axis, or at one, while the others are shared. */
function alone(ranks: readonly number[], everywhere: boolean): Axes[] {
  return ranks.flatMap((rank, i) => {
    const own = Array.from({ length: 2 * (rank + 1) }, (_, j) => j - rank - 1);
    const chosen = everywhere ? own : [own[i % own.length]!];
    return chosen.map((axis) => ranks.map((_, k) => (k === i ? axis : null)));
  });
}

/** Both over every input, and each over inputs that the other shares. */
function pairs(ranks: readonly number[]): [Axes, Axes][] {
  const front = ranks.map(() => 0);
  const back = ranks.map(() => -1);
  const odd = ranks.map((_, i) => (i % 2 === 1 ? 0 : null));
  const even = ranks.map((_, i) => (i % 2 === 0 ? -1 : null));
  const both: [Axes, Axes][] = [
    [front, back],
    [back, front],
  ];
  return ranks.length < 2 ? both : [...both, [odd, even], [even, odd], [front, odd], [even, back]];
}

describe.each(operations.map((one) => [one.name, one] as const))('vmap of %s', (_, operation) => {
  const dtype = operation.dtypes[0]!;
  test.each(['value', 'vjp', 'jvp'])('%s', (kind) => {
    operation.samples.forEach((sample, i) => {
      const derived = withDerivatives(operation, sample, dtype).get(kind);
      if (derived === undefined) return;
      const ranks = derived.inputs.map((one) => one.shape.length);
      for (const axes of [...alone(ranks, kind === 'value'), ...together(ranks)])
        within(`sample ${i}, axes ${JSON.stringify(axes)}`, () =>
          checkMapped(operation, derived, [2, axes]),
        );
    });
  });

  test.each(['value', 'vjp', 'jvp'])('of a vmap: %s', (kind) => {
    operation.samples.forEach((sample, i) => {
      const derived = withDerivatives(operation, sample, dtype).get(kind);
      if (derived === undefined) return;
      const ranks = derived.inputs.map((one) => one.shape.length);
      for (const [outer, inner] of pairs(ranks))
        within(`sample ${i}, axes ${JSON.stringify([outer, inner])}`, () =>
          checkMapped(operation, derived, [3, outer], [2, inner]),
        );
    });
  });
});
