import * as mx from '@mlx/core';

/** A setting by the number of the step, which may be a number or an array. */
export type StepSchedule = (step: number | mx.array) => mx.array;

function asFloat(step: number | mx.array): mx.array {
  return step instanceof mx.array ? mx.astype(step, mx.float32) : mx.array(step);
}

/**
 * init · decayRate^step.
 *
 * @example
 * ```ts
 * import { exponentialDecay } from '@mlx/optimizers';
 *
 * exponentialDecay(1, 0.5)(3).item(); // => 0.125
 * ```
 */
export function exponentialDecay(init: number, decayRate: number): StepSchedule {
  return (step) => mx.multiply(init, mx.power(decayRate, asFloat(step)));
}

/**
 * init · decayRate^⌊step / stepSize⌋.
 *
 * @example
 * ```ts
 * import { stepDecay } from '@mlx/optimizers';
 *
 * stepDecay(1, 0.5, 10)(25).item(); // => 0.25
 * ```
 */
export function stepDecay(init: number, decayRate: number, stepSize: number): StepSchedule {
  return (step) =>
    mx.multiply(init, mx.power(decayRate, mx.floor(mx.divide(asFloat(step), stepSize))));
}

/**
 * Half a cosine wave from init to end over decaySteps steps (Loshchilov and Hutter 2017,
 * arXiv:1608.03983), then end.
 *
 * @example
 * ```ts
 * import { cosineDecay } from '@mlx/optimizers';
 *
 * const schedule = cosineDecay(1, 10, 0.5);
 * [schedule(0).item(), schedule(10).item(), schedule(99).item()]; // => [1, 0.5, 0.5]
 * ```
 */
export function cosineDecay(init: number, decaySteps: number, end = 0): StepSchedule {
  return (step) => {
    const angle = mx.multiply(mx.minimum(asFloat(step), decaySteps), Math.PI / decaySteps);
    const decay = mx.multiply(mx.add(mx.cos(angle), 1), 0.5);
    return mx.add(mx.multiply(decay, init - end), end);
  };
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
): StepSchedule {
  if (schedules.length === 0 || boundaries.length !== schedules.length - 1)
    throw new TypeError(
      `[joinSchedules] Expected at least one schedule and one boundary less, received ` +
        `${schedules.length} and ${boundaries.length}`,
    );
  return (step) => {
    const at = asFloat(step);
    let value = mx.asarray(schedules[0]!(at));
    boundaries.forEach((boundary, i) => {
      const next = schedules[i + 1]!(mx.subtract(at, boundary));
      value = mx.where(mx.less(at, boundary), value, next);
    });
    return value;
  };
}

/**
 * A straight line from init to end over some steps, then end.
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
export function linearSchedule(init: number, end: number, steps: number): StepSchedule {
  if (!(steps >= 1))
    throw new RangeError(`[linearSchedule] steps must be at least 1, received ${steps}`);
  return (step) =>
    mx.add(mx.multiply(mx.minimum(asFloat(step), steps), (end - init) / steps), init);
}
