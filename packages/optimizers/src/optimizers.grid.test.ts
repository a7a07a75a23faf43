import * as mx from '@mlx/core';
import type { Core } from '../../../fixtures/check';
import { gridArray, gridDifference, gridRows, type GridOptions } from '../../../fixtures/grid';
import * as optimizers from './index';

const { fixtures, rows } = gridRows('optimizer_grid');
const core = mx as unknown as Core;

/**
 * Units in the last place, of the larger of a parameter and what it moved by: ten steps that round
 * the parameter, and some roundings of the running means and the step in each. Muon's products
 * lose more, and so does the square root of the few digits that bfloat16 keeps of a mean.
 */
const tolerance: Record<string, number> = { float32: 16, float16: 12, bfloat16: 6 };

function seen(a: mx.array): { dtype: string; shape: number[]; values: ArrayLike<number> } {
  const values = mx.astype(a, mx.float32).toTypedArray() as unknown as ArrayLike<number>;
  return { dtype: a.dtype.name, shape: a.shape, values };
}

function make(name: string, settings: unknown[]): optimizers.Optimizer {
  const Class = optimizers[name as 'SGD'] as unknown as new (
    ...args: unknown[]
  ) => optimizers.Optimizer;
  return new Class(...settings);
}

const steps = rows.filter(({ name }) => name !== 'schedule');
test.each(steps.map((row) => [row.title, row] as const))('ten steps of %s', (_title, row) => {
  const { dtype, settings } = row.options;
  const [start, gradients] = row.test.args.map(
    (arg) => gridArray(core, fixtures, (arg as { array: string }).array, dtype) as mx.array,
  );
  const optimizer = make(row.name, settings as unknown as unknown[]);
  let parameters = { w: start! };
  for (let step = 0; step < gradients!.shape[0]!; ++step)
    parameters = optimizer.applyGradients(
      { w: gradients!.index(step) },
      parameters,
    ) as typeof parameters;
  expect(parameters.w.dtype.name).toBe(dtype);
  const ulps = tolerance[dtype]! * (row.name === 'Muon' ? 8 : 1);
  const { expected, scale } = row.test;
  expect(gridDifference(fixtures, expected, seen(parameters.w), ulps, scale!)).toBeNull();
});

type Settings = [name: string, args: unknown[]];

function schedule([name, args]: Settings): optimizers.StepSchedule {
  if (name !== 'joinSchedules')
    return (optimizers[name as 'stepDecay'] as (...all: unknown[]) => optimizers.StepSchedule)(
      ...args,
    );
  const [parts, boundaries] = args as [Settings[], number[]];
  return optimizers.joinSchedules(parts.map(schedule), boundaries);
}

const schedules = rows.filter(({ name }) => name === 'schedule');
test.each(schedules.map((row) => [row.title, row] as const))('%s', (_title, row) => {
  const { settings, steps: at } = row.options as unknown as GridOptions & { steps: number[] };
  const rate = schedule(settings as unknown as Settings);
  const { expected, scale } = row.test;
  const check = (values: mx.array) => {
    expect(values.dtype).toBe(mx.float32);
    expect(gridDifference(fixtures, expected, seen(values), row.test.ulps, scale!)).toBeNull();
  };
  check(mx.stack(at.map((step) => rate(step))));
  check(rate(mx.array(at, mx.uint64)));
  check(rate(mx.array(at, mx.float32)));
});
