import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as mx from '../index';
import { chained } from './chained';
import { checkSameBits, listOf, within } from './checks';
import { withDerivatives } from './derived';
import { generate, generateExtreme, toArray } from './inputs';
import type { Call, Sample } from './operation';
import { operations } from './table';

const folder = mkdtempSync(join(tmpdir(), 'mlx-table-'));
afterAll(() => rmSync(folder, { recursive: true }));

function checkCompiled(call: Call, inputs: mx.array[]): void {
  const compiled = mx.compile((...given: mx.array[]) => listOf(call(...given)));
  const expected = listOf(call(...inputs));
  within('the first call', () => checkSameBits(compiled(...inputs), expected));
  within('the second call', () => checkSameBits(compiled(...inputs), expected));
}

function checkExported(call: Call, inputs: mx.array[]): void {
  const file = join(folder, 'one.mlxfn');
  mx.exportFunction(file, (...given: mx.array[]) => listOf(call(...given)), ...inputs);
  checkSameBits(mx.importFunction(file)(...inputs), call(...inputs));
}

const dtypesFor = (sample: Sample, dtypes: readonly mx.Dtype[]): mx.Dtype[] =>
  sample.inputs.some((one) => one.dtype === undefined)
    ? [dtypes[0]!, ...(dtypes.length > 1 ? [dtypes.at(-1)!] : [])]
    : [dtypes[0]!];

describe.each(operations.map((one) => [one.name, one] as const))('%s', (_, operation) => {
  const each = (check: (call: Call, inputs: mx.array[]) => void): void =>
    operation.samples.forEach((sample, i) => {
      for (const dtype of dtypesFor(sample, operation.dtypes)) {
        for (const [kind, one] of withDerivatives(operation, sample, dtype))
          within(`${kind} of sample ${i} in ${dtype}`, () =>
            check(one.call, generate(one, dtype).map(toArray)),
          );
        if (operation.relativeTo === 'element')
          within(`extreme values for sample ${i} in ${dtype}`, () =>
            check(sample.call, generateExtreme(sample, dtype).map(toArray)),
          );
      }
    });

  test('gives the same compiled', () =>
    each((call, inputs) => {
      within('alone', () => checkCompiled(call, inputs));
      within('in a chain', () => checkCompiled(chained(call), inputs));
    }));

  test('gives the same exported', () => each(checkExported));
});
