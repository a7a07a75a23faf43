import * as mx from '@mlx/core';
import type { Core } from '../../../fixtures/check';
import { gridArray, gridDifference, gridRows } from '../../../fixtures/grid';

/** What a row's settings are to the function under test. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each function knows its own
export type GridSettings = Record<string, any>;

/** A layer, loss or activation as a map from arrays to an array. */
export type GridFunction = (inputs: mx.array[], settings: GridSettings) => mx.array;

const core = mx as unknown as Core;

function seen(a: mx.array): { dtype: string; shape: number[]; values: ArrayLike<number> } {
  const wide = a.dtype === mx.int32 ? a : mx.astype(a, mx.float32);
  const values = wide.toTypedArray() as unknown as ArrayLike<number>;
  return { dtype: a.dtype.name, shape: a.shape, values };
}

/** Tests every row of a grid: its value, its dtype, and the gradient of every floating input. */
export function testGrid(file: string, functions: Record<string, GridFunction>): void {
  const { fixtures, rows } = gridRows(file);
  test.each(rows.map((row) => [row.title, row] as const))('%s', (_title, row) => {
    const { options, test: expected } = row;
    const inputs = expected.args.map((arg, i) => {
      const dtype = options.integers.includes(i) ? 'int32' : options.dtype;
      return gridArray(core, fixtures, (arg as { array: string }).array, dtype) as mx.array;
    });
    const compute = (...args: mx.array[]) => functions[row.name]!(args, options.settings);
    const value = compute(...inputs);
    const differences: Record<string, string> = {};
    const note = (what: string, difference: string | null) => {
      if (difference !== null) differences[what] = difference;
    };
    if (value.dtype.name !== options.result)
      note('dtype', `${value.dtype.name} instead of ${options.result}`);
    const { expected: wanted, ulps, scale } = expected;
    note('value', gridDifference(fixtures, wanted, seen(value), ulps, scale!));
    if (options.gradients.length > 0) {
      const weights = gridArray(core, fixtures, options.weights!, options.dtype) as mx.array;
      const loss = (...args: mx.array[]) => mx.sum(mx.multiply(compute(...args), weights));
      const argnums = options.gradients.map(({ of }) => of);
      const found = mx.grad(loss, argnums)(...inputs) as mx.array[];
      options.gradients.forEach((gradient, i) =>
        note(
          `gradient ${gradient.of}`,
          gridDifference(
            fixtures,
            gradient.expected,
            seen(found[i]!),
            gradient.ulps,
            gradient.scale,
          ),
        ),
      );
    }
    expect(differences).toEqual({});
  });

  test(`every function of ${file} has rows, and every row its function`, () => {
    const names = new Set(rows.map(({ name }) => name));
    expect([...names].sort()).toEqual(Object.keys(functions).sort());
  });
}
