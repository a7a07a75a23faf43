import type * as mx from '@mlx/core';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Demands given values of an array; the tolerance is a share of the largest of them. */
export function assertClose(
  actual: mx.array,
  expected: readonly number[],
  tolerance: number,
  what: string,
): void {
  assert.equal(actual.size, expected.length, `${what}: number of values`);
  const largest = expected.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  actual
    .flatten()
    .tolist<number[]>()
    .forEach((one, i) => {
      // Written so that NaN is an error as well.
      const isClose = Math.abs(one - expected[i]!) <= tolerance * largest;
      assert.ok(isClose, `${what}, value ${i}: ${one} instead of ${expected[i]}`);
    });
}

/** Runs a test with a folder that is removed afterwards. */
export function inTemporaryFolder(test: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-example-'));
  try {
    test(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
