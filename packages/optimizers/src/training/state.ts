import * as mx from '@mlx/core';
import { describe, isArray, isPlainObject, within } from '@mlx/core/calls';

/** The arrays of some names in a saved state. */
export function membersOf<const Name extends string>(
  state: unknown,
  names: readonly Name[],
  name: string,
): Record<Name, mx.array> {
  const members: Record<string, unknown> = isPlainObject(state) ? state : {};
  for (const key of names)
    if (!isArray(members[key]))
      throw new TypeError(
        `[${name}] Expected an object with ${names.join(', ')}, but ` +
          (isPlainObject(state)
            ? `${key} is ${describe(members[key])}.`
            : `got ${describe(state)}.`),
      );
  return members as Record<Name, mx.array>;
}

/** The numbers of some names in a saved state, which holds them as arrays. */
export function scalarsOf<const Name extends string>(
  state: unknown,
  names: readonly Name[],
  name: string,
): Record<Name, number> {
  const members = membersOf(state, names, name);
  const numbers = names.map((key) => [key, within(name, () => Number(members[key].item()))]);
  return Object.fromEntries(numbers) as Record<Name, number>;
}

/** Floating arrays of less than 32 bits in float32, where small changes add up. */
export function widened(a: mx.array): mx.array {
  const isNarrow = a.dtype !== mx.float64 && mx.issubdtype(a.dtype, mx.floating);
  return isNarrow ? mx.astype(a, mx.float32) : a;
}
