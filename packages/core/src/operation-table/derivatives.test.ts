import * as mx from '../index';
import { within } from './checks';
import { checkDerivatives, checkEachInput } from './derivatives';
import type { Operation } from './operation';
import { operations } from './table';

/** float64 where the operation has it, for tight bounds; complex numbers are a case of their own. */
function dtypesFor({ dtypes }: Operation): mx.Dtype[] {
  const real = dtypes.includes(mx.float64) ? mx.float64 : mx.float32;
  return dtypes.includes(mx.complex64) ? [real, mx.complex64] : [real];
}

test.each(operations.filter((one) => one.differentiable).map((one) => [one.name, one] as const))(
  'derivatives of %s',
  (_, operation) => {
    for (const dtype of dtypesFor(operation))
      operation.samples.forEach((sample, i) =>
        within(`sample ${i} in ${dtype}`, () => checkDerivatives(sample, dtype)),
      );
  },
);

test.each(operations.map((one) => [one.name, one] as const))(
  'the derivative of %s by each input',
  (_, operation) => {
    for (const dtype of operation.dtypes)
      operation.samples.forEach((sample, i) =>
        within(`sample ${i} in ${dtype}`, () => checkEachInput(sample, dtype)),
      );
  },
);
