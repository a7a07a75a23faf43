import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as mx from '../index';

// Lists may promise any length: what reads on and on hangs the process. A proxy that counts how
// often it is looked at shows that without hanging.

const mostReads = 2 ** 23;

class ReadWithoutEnd extends Error {}

/** A list that promises 2^32 - 1 elements, and throws when too many are looked at. */
function endless(element: (i: number) => unknown): unknown {
  let reads = 0;
  const count = (): void => {
    if (++reads > mostReads) throw new ReadWithoutEnd('The list was read without end.');
  };
  const list: unknown[] = [element(0), element(1)];
  return new Proxy(list, {
    get(target, key) {
      count();
      if (key === 'length') return 2 ** 32 - 1;
      return typeof key === 'string' && /^\d+$/.test(key)
        ? element(Number(key))
        : Reflect.get(target, key);
    },
    has() {
      count();
      return true;
    },
    getOwnPropertyDescriptor(target, key) {
      count();
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
}

const x = mx.array([
  [1, 2],
  [3, 4],
]);
const fn = (...arrays: mx.array[]): mx.array => arrays[0]!.sum();

/** Lists of numbers, arrays, lists, names, pairs and functions. */
const lists = (): unknown[] => [
  endless((i) => i % 2),
  endless(() => x),
  endless(() => [1, 1]),
  endless(() => 'name'),
  endless(() => ['name', x]),
];

function functionsOf(space: string, members: object): [string, (...given: unknown[]) => unknown][] {
  return Object.entries(members)
    .filter(([name, member]) => typeof member === 'function' && !/^(install|exit)/.test(name))
    .map(([name, member]) => [`${space}${name}`, member as () => unknown]);
}

describe('lists that promise more elements than anyone can read', () => {
  // Names among the arguments are those of files where functions write.
  const folder = mkdtempSync(join(tmpdir(), 'mlx-endless-'));
  const before = process.cwd();
  beforeAll(() => process.chdir(folder));
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  test.each([
    ...functionsOf('', mx),
    ...functionsOf('linalg.', mx.linalg),
    ...functionsOf('fft.', mx.fft),
    ...functionsOf('random.', mx.random),
    ...functionsOf('fast.', mx.fast),
  ])('%s reads no such list to its end', (_, operation) => {
    for (const list of lists())
      for (const given of [
        [list],
        [x, list],
        [x, x, list],
        [x, 1, list],
        [[x], list],
        [list, x, x],
        [fn, list],
        [fn, [x], list],
        ['name', list],
        ['ij,ij', x, list],
        [{ a: list }],
        [x, { axis: list }],
        [[list]],
      ])
        try {
          const result = operation(...given);
          if (result instanceof Promise) result.catch(() => undefined);
        } catch (error) {
          expect(error).not.toBeInstanceOf(ReadWithoutEnd);
        }
  });
});
