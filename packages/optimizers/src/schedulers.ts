import * as mx from '@mlx/core';
import {
  bounded,
  callback,
  describe,
  integer,
  listOf,
  number,
  operation,
  optional,
  reader,
} from '@mlx/core/calls';
import { step } from './kinds';

/** A setting by the number of the step, which may be a number or an array. */
export type StepSchedule = (step: number | mx.array) => mx.array;

/** Options of {@link cosineDecay}. */
export interface CosineDecayOptions {
  /** The value after the last step; default: 0. */
  end?: number | undefined;
}

/** The function of the step that a schedule returns; it computes in float32. */
function ofStep(name: string, compute: (step: mx.array) => mx.array): StepSchedule {
  const apply = operation(name, { step }, (given) =>
    compute(
      given.step instanceof mx.array ? mx.astype(given.step, mx.float32) : mx.array(given.step),
    ),
  );
  return (...values: unknown[]) => apply(values);
}

const atLeastOne = bounded(number, 'a number of at least 1', (value) => value >= 1);
const readExponentialDecay = reader('exponentialDecay', { init: number, decayRate: number });
const readStepDecay = reader('stepDecay', {
  init: number,
  decayRate: number,
  stepSize: atLeastOne,
});
const readCosineDecay = reader('cosineDecay', {
  init: number,
  decaySteps: atLeastOne,
  end: optional(number, 0),
});
const readLinearSchedule = reader('linearSchedule', {
  init: number,
  end: number,
  steps: atLeastOne,
});
const readJoinSchedules = reader('joinSchedules', {
  schedules: listOf(
    callback<(step: mx.array) => mx.array | number>(),
    'a list of functions of the step',
  ),
  boundaries: listOf(integer, 'a list of integers'),
});

/**
 * init · decayRate^step.
 *
 * @param init - the first value.
 * @param decayRate - what each step multiplies by.
 *
 * @example
 * ```ts
 * import { exponentialDecay } from '@mlx/optimizers';
 *
 * exponentialDecay(1, 0.5)(3).item(); // => 0.125
 * ```
 */
export function exponentialDecay(init: number, decayRate: number): StepSchedule;
export function exponentialDecay(...values: unknown[]): StepSchedule {
  const { init, decayRate } = readExponentialDecay(values);
  return ofStep('exponentialDecay', (step) => mx.multiply(init, mx.power(decayRate, step)));
}

/**
 * init · decayRate^⌊step / stepSize⌋.
 *
 * @param init - the first value.
 * @param decayRate - what each stage multiplies by.
 * @param stepSize - how many steps have one value.
 *
 * @example
 * ```ts
 * import { stepDecay } from '@mlx/optimizers';
 *
 * stepDecay(1, 0.5, 10)(25).item(); // => 0.25
 * ```
 */
export function stepDecay(init: number, decayRate: number, stepSize: number): StepSchedule;
export function stepDecay(...values: unknown[]): StepSchedule {
  const { init, decayRate, stepSize } = readStepDecay(values);
  return ofStep('stepDecay', (step) =>
    mx.multiply(init, mx.power(decayRate, mx.floor(mx.divide(step, stepSize)))),
  );
}

/**
 * Half a cosine wave from init to end over decaySteps steps (Loshchilov and Hutter 2017,
 * arXiv:1608.03983), then end.
 *
 * @param init - the first value.
 * @param decaySteps - how many steps it takes.
 * @param end - the last value; default: 0.
 *
 * @example
 * ```ts
 * import { cosineDecay } from '@mlx/optimizers';
 *
 * const schedule = cosineDecay(1, 10, 0.5);
 * [schedule(0).item(), schedule(10).item(), schedule(99).item()]; // => [1, 0.5, 0.5]
 * ```
 */
export function cosineDecay(
  init: number,
  decaySteps: number,
  end?: number | CosineDecayOptions,
): StepSchedule;
export function cosineDecay(...values: unknown[]): StepSchedule {
  const { init, decaySteps, end } = readCosineDecay(values);
  return ofStep('cosineDecay', (step) => {
    const angle = mx.multiply(mx.minimum(step, decaySteps), Math.PI / decaySteps);
    const decay = mx.multiply(mx.add(mx.cos(angle), 1), 0.5);
    return mx.add(mx.multiply(decay, init - end), end);
  });
}

/**
 * One schedule after another, each beginning anew at its boundary.
 *
 * @param schedules - the schedules.
 * @param boundaries - the steps at which the second and further ones begin.
 * @throws TypeError if there is no schedule, or not one boundary less than schedules.
 *
 * @example
 * ```ts
 * import { cosineDecay, joinSchedules, linearSchedule } from '@mlx/optimizers';
 *
 * const schedule = joinSchedules([linearSchedule(0, 1, 10), cosineDecay(1, 100)], [10]);
 * [schedule(5).item(), schedule(10).item()]; // => [0.5, 1]
 * ```
 */
export function joinSchedules(
  schedules: readonly ((step: mx.array) => mx.array | number)[],
  boundaries: readonly number[],
): StepSchedule;
export function joinSchedules(...values: unknown[]): StepSchedule {
  const { schedules, boundaries } = readJoinSchedules(values);
  if (schedules.length === 0 || boundaries.length !== schedules.length - 1)
    throw new TypeError(
      `[joinSchedules] Expected at least one schedule and one boundary less, received ` +
        `${schedules.length} and ${boundaries.length}`,
    );
  const valueAt = (i: number, step: mx.array): mx.array => {
    const value = schedules[i]!(step);
    if (typeof value === 'number') return mx.array(value);
    if (value instanceof mx.array) return value;
    throw new TypeError(
      `[joinSchedules] schedules[${i}] must return a number or an array, but got ` +
        `${describe(value)}.`,
    );
  };
  return ofStep('joinSchedules', (step) => {
    let value = valueAt(0, step);
    boundaries.forEach((boundary, i) => {
      const next = valueAt(i + 1, mx.subtract(step, boundary));
      value = mx.where(mx.less(step, boundary), value, next);
    });
    return value;
  });
}

/**
 * A straight line from init to end over some steps, then end.
 *
 * @param init - the first value.
 * @param end - the last value.
 * @param steps - how many steps it takes.
 *
 * @throws RangeError if steps is less than 1.
 *
 * @example
 * ```ts
 * import { linearSchedule } from '@mlx/optimizers';
 *
 * const warmup = linearSchedule(0, 0.5, 100);
 * [warmup(0).item(), warmup(50).item(), warmup(200).item()]; // => [0, 0.25, 0.5]
 * ```
 */
export function linearSchedule(init: number, end: number, steps: number): StepSchedule;
export function linearSchedule(...values: unknown[]): StepSchedule {
  const { init, end, steps } = readLinearSchedule(values);
  return ofStep('linearSchedule', (step) =>
    mx.add(mx.multiply(mx.minimum(step, steps), (end - init) / steps), init),
  );
}
