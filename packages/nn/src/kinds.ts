import * as mx from '@mlx/core';
import {
  array,
  bounded,
  choice,
  isArray,
  isCallable,
  nullable,
  number,
  optional,
  perAxis,
  positiveInteger,
  readKind,
  type Kind,
} from '@mlx/core/calls';

import { isModuleClass } from './is-module';

/** A function of one array, such as an activation. */
export type Activation = (x: mx.array) => mx.array;

export const activation: Kind<Activation> = {
  text: 'a function or a module',
  fits: (value) => isCallable(value) && !isModuleClass(value),
};

/** The probability of dropping a value. */
export const dropProbability = bounded(number, 'a number in [0, 1)', (p) => p >= 0 && p < 1);

/** An array that may be left out. */
export const maybeArray: Kind<mx.array | null> = optional(nullable(array), null);

/** A size that follows from others where it is null. */
export const maybeSize = optional(nullable(positiveInteger), null);

/** What an attention's queries may see. */
export type Mask = mx.array | 'causal' | null;

/** An array, `'causal'` or null. */
export const mask: Kind<Mask> = optional(
  {
    text: "an array, 'causal' or null",
    fits: (value) => value === null || value === 'causal' || array.fits(value),
    read: (value, name) =>
      value === null || value === 'causal' || isArray(value)
        ? value
        : readKind(array, value, name, 'mask'),
  },
  null,
);

/** How quantised weights are held. */
export const quantizationMode = choice('affine', 'mxfp4', 'mxfp8', 'nvfp4');

/** A window's size or a step for each spatial axis. */
export const sizes = (axes: number): Kind<number[]> => perAxis(positiveInteger, axes);

/** A layer with a weight matrix, to be converted. */
export function layerLike<L extends { weight: mx.array }>(text: string): Kind<L> {
  return {
    text,
    fits: (value) => typeof value === 'function' && isArray((value as { weight?: unknown }).weight),
    read(value, name, parameter) {
      const { shape } = (value as unknown as L).weight;
      if (shape.length === 2) return value as L;
      throw new mx.ShapeError(
        `[${name}] ${parameter} must be ${text}, but its weight has shape (${shape.join(',')}).`,
      );
    },
  };
}
