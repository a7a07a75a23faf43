import * as mx from '../index';
import { checkClose, checkSameBits, within } from './checks';
import { broadcast, generate, generateExtreme, layouts, toArray } from './inputs';
import type { Operation, Sample } from './operation';
import { operations } from './table';

/** The widest dtype of a kind, which the narrower ones are compared with. */
function widest(dtype: mx.Dtype): mx.Dtype | null {
  if (dtype === mx.bool_) return mx.int64;
  if (dtype === mx.complex64) return null;
  if (mx.issubdtype(dtype, mx.floating)) return mx.float64;
  return mx.issubdtype(dtype, mx.unsignedinteger) ? mx.uint64 : mx.int64;
}

function checkLayouts(operation: Operation, sample: Sample, inputs: readonly mx.array[]): void {
  const plain = sample.call(...inputs);
  // Sums follow the order of memory, so other strides may round otherwise.
  const check = operation.relativeTo === 'element' ? checkSameBits : checkClose;
  for (const [name, lay] of Object.entries(layouts))
    within(name, () => {
      const arrays = inputs.map(lay);
      // Else fusion could look through the views.
      mx.eval(arrays);
      check(sample.call(...arrays), plain, operation);
    });
  within('broadcast', () => {
    const narrow = inputs.map(broadcast);
    const whole = narrow.map((a) => mx.contiguous(a));
    mx.eval(narrow, whole);
    check(sample.call(...narrow), sample.call(...whole), operation);
  });
}

function checkNarrow(operation: Operation, sample: Sample, dtype: mx.Dtype): void {
  const wide = widest(dtype);
  if (!operation.widens || wide === null || wide === dtype || !operation.dtypes.includes(wide))
    return;
  const arrays = generate(sample, dtype).map(toArray);
  const widened = arrays.map((a, i) =>
    sample.inputs[i]!.dtype === undefined ? a.astype(wide) : a,
  );
  checkClose(sample.call(...arrays), sample.call(...widened), operation);
}

describe.each(operations.map((one) => [one.name, one] as const))('%s', (_, operation) => {
  const each = (check: (sample: Sample, dtype: mx.Dtype) => void): void =>
    operation.samples.forEach((sample, i) => {
      const own = sample.inputs.some((one) => one.dtype === undefined);
      for (const dtype of own ? operation.dtypes : operation.dtypes.slice(0, 1))
        within(`sample ${i} in ${dtype}`, () => check(sample, dtype));
    });

  test('gives the same for any strides', () =>
    each((sample, dtype) => {
      checkLayouts(operation, sample, generate(sample, dtype).map(toArray));
      // What is made of many such values is no number.
      if (operation.relativeTo === 'element')
        within('extreme values', () =>
          checkLayouts(operation, sample, generateExtreme(sample, dtype).map(toArray)),
        );
    }));

  test('gives in narrow dtypes what it gives in wide ones', () =>
    each((sample, dtype) => checkNarrow(operation, sample, dtype)));
});
