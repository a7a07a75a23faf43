import * as mx from '../index';
import { checkClose, largest, listOf, numbersOf, within } from './checks';
import { elementwise } from './elementwise';
import { broadcast, generate, generateExtreme, layouts, toArray, type Contents } from './inputs';
import type { Operation, Sample } from './operation';
import { rearrangements } from './rearrangements';

/** Runs with a device as the default. */
export function on<T>(device: mx.Device, run: () => T): T {
  const scope = mx.stream(device);
  try {
    return run();
  } finally {
    scope[Symbol.dispose]();
  }
}

/** Functions of one element may differ by this many units in the last place. */
const mostUlps = 2;
/** What is made of these operations alone is equal to the bit. */
const exact = new Set(['add', 'subtract', 'multiply', 'divide', 'negative', 'abs', 'square']);
const elementwiseNames = new Set(elementwise.map((operation) => operation.name));
const moving = new Set(rearrangements.map((operation) => operation.name));

function compare(
  operation: Operation,
  inputs: readonly mx.array[],
  got: readonly mx.array[],
  want: readonly mx.array[],
): void {
  const { name, ulps } = operation;
  // A complex function goes through several real ones.
  const isComplex = inputs.some((a) => a.dtype === mx.complex64);
  // But for the sign and payload of NaN, in which processors differ.
  if (moving.has(name) || (exact.has(name) && !isComplex))
    return checkClose(got, want, { ulps: 0, relativeTo: 'element' });
  if (elementwiseNames.has(name))
    return checkClose(got, want, {
      ulps: isComplex ? 2 * ulps : Math.min(ulps, mostUlps),
      relativeTo: 'modulus',
    });
  // Sums are relative to what is summed: the GPU's are of float32, in another order.
  const magnitude = Math.max(0, ...inputs.filter(isInexact).map((a) => largest(numbersOf(a))));
  checkClose(got, want, { ulps: 2 * ulps, relativeTo: 'largest', magnitude });
}

const isInexact = (a: mx.array): boolean => mx.issubdtype(a.dtype, mx.inexact);

/** Whether the sample makes float64, which no GPU has. */
function isRefused(error: unknown): boolean {
  return error instanceof mx.DtypeError && error.message.includes('has no float64');
}

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
  const want = compute(mx.cpu);
  let got: mx.array[];
  try {
    got = compute(mx.gpu);
  } catch (error) {
    if (isRefused(error)) return;
    throw error;
  }
  on(mx.cpu, () => compare(operation, inputs, got, want));
}

function checkSample(operation: Operation, sample: Sample, dtype: mx.Dtype, all: boolean): void {
  const contents = generate(sample, dtype);
  check(operation, sample, contents);
  // Sums of such values are relative to nothing.
  if (elementwiseNames.has(operation.name) || moving.has(operation.name))
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
