import * as mx from '../index';
import { checkClose, checkSameBits, listOf, within } from './checks';
import { withDerivatives } from './derived';
import { generate, toArray } from './inputs';
import type { Operation, Sample } from './operation';
import { operations } from './table';

const count = 2;

/** The inputs with their axis that is mapped, for the inputs that have one, at its place. */
function mapped(sample: Sample, dtype: mx.Dtype, axes: readonly (number | null)[]): mx.array[] {
  const batch: Sample = {
    ...sample,
    inputs: sample.inputs.map((one, i) =>
      axes[i] === null ? one : { ...one, shape: [count, ...one.shape] },
    ),
  };
  return generate(batch, dtype).map((contents, i) =>
    axes[i] === null ? toArray(contents) : mx.moveaxis(toArray(contents), 0, axes[i]!),
  );
}

function checkMapped(operation: Operation, sample: Sample, axes: readonly (number | null)[]): void {
  const inputs = mapped(sample, operation.dtypes[0]!, axes);
  const results = listOf(
    mx.vmap((...given: mx.array[]) => listOf(sample.call(...given)), [...axes])(...inputs),
  );
  const each = Array.from({ length: count }, (_, k) =>
    listOf(sample.call(...inputs.map((a, i) => (axes[i] === null ? a : mx.take(a, k, axes[i]))))),
  );
  const stacked = results.map((_, i) => mx.stack(each.map((one) => one[i]!)));
  // One large product may add up in another order than many small ones.
  if (operation.relativeTo === 'element') checkSameBits(results, stacked);
  else checkClose(results, stacked, operation);
}

/** All at the front, at the back, mixed. */
function together(ranks: readonly number[]): (number | null)[][] {
  return [
    ranks.map(() => 0),
    ranks.map(() => -1),
    ranks.map((rank, i) => (i % 2 === 0 ? rank : 0)),
  ];
}

/** One at each axis, or at one, while the others are shared. */
function alone(ranks: readonly number[], everywhere: boolean): (number | null)[][] {
  return ranks.flatMap((rank, i) => {
    const own = Array.from({ length: 2 * (rank + 1) }, (_, j) => j - rank - 1);
    const chosen = everywhere ? own : [own[i % own.length]!];
    return chosen.map((axis) => ranks.map((_, k) => (k === i ? axis : null)));
  });
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
          checkMapped(operation, derived, axes),
        );
    });
  });
});
