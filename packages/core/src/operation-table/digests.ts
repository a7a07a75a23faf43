import { createHash } from 'node:crypto';

import * as mx from '../index';
import { chained } from './chained';
import { bytesOf, listOf } from './checks';
import { generate, generateExtreme, toArray } from './inputs';
import { large } from './large';
import type { Call } from './operation';
import { operations } from './table';

// A program: prints a line for each operation, its name and a digest of all its results' bytes.
// What is computed twice in one process, with memory that was used before, must be the same.

function digest(calls: () => Iterable<readonly mx.array[]>): string {
  const once = (): string => {
    const hash = createHash('sha1');
    for (const results of calls()) for (const a of results) hash.update(bytesOf(a));
    return hash.digest('hex');
  };
  const first = once();
  return once() === first ? first : 'differs from one time to the next';
}

function* resultsOf(
  samples: readonly { call: Call; inputs: readonly mx.array[] }[],
): Generator<mx.array[]> {
  for (const { call, inputs } of samples) yield mx.tidy(() => listOf(chained(call)(...inputs)));
}

for (const { name, samples, dtypes, relativeTo } of operations) {
  const calls = samples.flatMap((sample) =>
    [dtypes[0]!, ...(dtypes.length > 1 ? [dtypes.at(-1)!] : [])].flatMap((dtype) =>
      (relativeTo === 'element' ? [generate, generateExtreme] : [generate]).map((make) => ({
        call: sample.call,
        inputs: make(sample, dtype).map(toArray),
      })),
    ),
  );
  console.log(
    `${name}:`,
    digest(() => resultsOf(calls)),
  );
}

for (const [name, call] of Object.entries(large))
  console.log(
    `large ${name}:`,
    digest(() => [mx.tidy(() => listOf(call()))]),
  );
