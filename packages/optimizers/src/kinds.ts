import type * as mx from '@mlx/core';
import {
  bounded,
  describe,
  isArray,
  isCallable,
  nonNegative,
  number,
  optional,
  pairOf,
  type Kind,
} from '@mlx/core/calls';
import type { Schedule } from './optimizer';

/** A learning rate, or the function of the step that gives it. */
export const schedule: Kind<Schedule> = {
  text: 'a number, an array of one number or a function of the step',
  fits: (value) => typeof value === 'number' || isCallable(value) || isArray(value),
  read(value, name, parameter) {
    if (Number.isNaN(value) || (isArray(value) && value.size !== 1))
      throw new RangeError(
        `[${name}] ${parameter} must be ${this.text}, but got ${describe(value)}.`,
      );
    return value as Schedule;
  },
};

const factor = bounded(number, 'a number from 0 to 1', (value) => value >= 0 && value <= 1);

/** How much of something is kept from step to step. */
export const kept = (value: number): Kind<number> => optional(factor, value);

/** How much of two running means is kept. */
export const betas = (first: number, second: number): Kind<[number, number]> =>
  optional(pairOf(factor, 'a list of two numbers from 0 to 1'), [first, second]);

/** What is added where a division by zero threatens. */
export const eps = (value: number): Kind<number> => optional(nonNegative, value);

/** A step's number. */
export const step: Kind<number | mx.array> = {
  text: 'a number or an array',
  fits: (value) => typeof value === 'number' || isArray(value),
};
