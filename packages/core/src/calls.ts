/**
 * How functions of this API read their arguments, for packages that add to it: exported as
 * `@mlx/core/calls`.
 */

import { array, type Kind } from './arguments/kinds';
import { reader, type Given } from './arguments/reader';
import { isArray } from './array/array';
import { operationError } from './errors/operation-error';

export { isArray } from './array/array';
export { within } from './errors/errors';
export { nodeModule } from './node/node-module';
export {
  array,
  boolean,
  bounded,
  callback,
  choice,
  describe,
  dtype,
  indices,
  integer,
  isCallable,
  isListOf,
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
} from './arguments/kinds';
export { copyList, Walk } from './arguments/lists';
export { checkCount, refuseArguments } from './arguments/count';
export { operationError, settleError } from './errors/operation-error';
export { reader, type Given } from './arguments/reader';
export { checkReceivers } from './arguments/receivers';
export { setMember } from './arguments/set-member';
export { arrayTree, tree } from './trees/array-tree';

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
  const [only, ...others] = Object.entries(parameters);
  const onlyArray = others.length === 0 && only?.[1] === array ? only[0] : undefined;
  return (values) => {
    // The usual call of a function of one array, which nothing need be read for.
    const given =
      onlyArray !== undefined && values.length === 1 && isArray(values[0])
        ? ({ [onlyArray]: values[0] } as Given<P>)
        : read(values);
    try {
      return compute(given);
    } catch (error) {
      throw operationError(error, name, () => Object.entries(given));
    }
  };
}
