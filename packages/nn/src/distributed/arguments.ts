import * as mx from '@mlx/core';
import { bounded, isListOf, nullable, optional, type Kind } from '@mlx/core/calls';

/** Processes that work together; null is all of them. */
export const group: Kind<mx.distributed.Group | null> = optional(
  nullable({
    text: 'a distributed.Group',
    fits: (value) => value instanceof mx.distributed.Group,
  }),
  null,
);

export function groupOrAll(given: mx.distributed.Group | null): mx.distributed.Group {
  return given ?? mx.distributed.init();
}

/** How many equal parts an axis is made of, or where parts begin after the first. */
export type Segments = number | readonly number[];

/** Each of the parts is divided among the processes by itself. */
export const segments: Kind<Segments> = optional(
  bounded<Segments>(
    {
      text: 'a number of segments or a list of where they begin',
      fits: (value) => Number.isInteger(value) || isListOf(value, Number.isInteger),
    },
    'a positive number of segments or a list of where they begin',
    (value) => typeof value !== 'number' || value > 0,
  ),
  1,
);

/** The options of what divides a layer. */
export interface ShardOptions {
  /** How many equal parts the divided axis is made of, such as 3 for joined queries, keys and
   * values, or where parts begin after the first; default: 1. */
  segments?: Segments | undefined;
  /** The processes; default: all. */
  group?: mx.distributed.Group | null | undefined;
}

/** How many of a layer's features a process has; throws ShapeError if they can't be divided. */
export function share(
  name: string,
  parameter: string,
  features: number,
  group: mx.distributed.Group,
): number {
  const size = group.size();
  if (features % size === 0) return features / size;
  throw new mx.ShapeError(
    `[${name}] ${parameter} is ${features}, which can't be divided among ${size} processes.`,
  );
}
