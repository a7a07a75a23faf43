import * as mx from '../index';
import { checkClose, checkSameBits, listOf, within } from './checks';
import { broadcast, generate, generateExtreme, layouts, toArray, type Contents } from './inputs';
import type { Operation, Sample } from './operation';

/** Runs with a device as the default. */
export function on<T>(device: mx.Device, run: () => T): T {
  const scope = mx.stream(device);
  try {
    return run();
  } finally {
    scope[Symbol.dispose]();
  }
}

/** Sums are relative to the result's largest; functions may differ by this many units. */
const mostUlps = 2;

function check(
  operation: Operation,
  sample: Sample,
  contents: readonly Contents[],
  lay = (a: mx.array): mx.array => a,
): void {
  const inputs = on(mx.cpu, () => contents.map((one) => lay(toArray(one))));
  mx.eval(inputs);
  const compute = (device: mx.Device): mx.array[] =>
    on(device, () => {
      const results = listOf(sample.call(...inputs));
      mx.eval(results);
      return results;
    });
  const [got, want] = [compute(mx.gpu), compute(mx.cpu)];
  on(mx.cpu, () => {
    if (operation.relativeTo === 'largest') return checkClose(got, want, operation);
    const ulps = Math.min(operation.ulps, mostUlps);
    if (ulps === 0) checkSameBits(got, want);
    else checkClose(got, want, { ulps, relativeTo: 'modulus' });
  });
}

function checkSample(operation: Operation, sample: Sample, dtype: mx.Dtype, all: boolean): void {
  const contents = generate(sample, dtype);
  check(operation, sample, contents);
  if (operation.relativeTo === 'element')
    within('extreme values', () => check(operation, sample, generateExtreme(sample, dtype)));
  if (!all) return;
  for (const [name, lay] of Object.entries({ ...layouts, broadcast }))
    within(name, () => check(operation, sample, contents, lay));
}

/**
 * Checks that the GPU gives what the CPU gives: all samples of a row in every dtype that the GPU
 * has, and with other strides in the first of them; or, quickly, in the first dtype alone.
 */
export function checkDevices(operation: Operation, { quickly = false } = {}): void {
  const dtypes = operation.dtypes.filter((dtype) => dtype !== mx.float64);
  operation.samples.forEach((sample, i) => {
    const own = sample.inputs.some((one) => one.dtype === undefined);
    for (const dtype of own && !quickly ? dtypes : dtypes.slice(0, 1))
      within(`sample ${i} in ${dtype}`, () =>
        checkSample(operation, sample, dtype, dtype === dtypes[0] && !quickly),
      );
  });
}
