/**
 * How functions of this API read their arguments, for packages that add to it: exported as
 * `@mlx/core/calls`.
 */

import type { Kind } from './kinds';
import { operationError } from './operation-error';
import { reader, type Given } from './parameters';

export { isArray } from './array';
export {
  array,
  boolean,
  bounded,
  callback,
  choice,
  describe,
  dtype,
  integer,
  isPlainObject,
  listOf,
  nonNegative,
  nonNegativeInteger,
  nullable,
  number,
  optional,
  pairOf,
  perAxis,
  positiveInteger,
  readKind,
  string,
  type Kind,
} from './kinds';
export { operationError, settleError } from './operation-error';
export { reader, type Given } from './parameters';

type Parameters = Readonly<Record<string, Kind<unknown>>>;

/**
 * A function of the API from its parameters and what it computes: it reads the arguments, and
 * what fails inside is named after it.
 */
export function operation<const P extends Parameters, Result>(
  name: string,
  parameters: P,
  compute: (given: Given<P>) => Result,
): (values: readonly unknown[]) => Result {
  const read = reader(name, parameters);
  return (values) => {
    const given = read(values);
    try {
      return compute(given);
    } catch (error) {
      throw operationError(error, name, () => Object.entries(given));
    }
  };
}
