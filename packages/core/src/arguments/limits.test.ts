import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import * as mx from '../index';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- wrong types are the point
type Anything = any;

/** A list of ones that says it has this length. */
const lying = (length: unknown): Anything =>
  new Proxy([1], {
    get: (list, key): unknown => {
      if (key === 'length') return length;
      return typeof key === 'string' && /^\d+$/.test(key) ? 1 : Reflect.get(list, key);
    },
  });

describe('lists whose length lies are refused before they are read', () => {
  test.each([2 ** 32 - 1, 2 ** 53, 1e300, Infinity, -1, NaN, 2.5, 'x', null])('%p', (length) => {
    const list = lying(length);
    const x = mx.ones([2, 2]);
    const uses: Record<string, () => unknown> = {
      array: () => mx.array(list),
      nested: () => mx.array([list]),
      add: () => mx.add(x, list),
      concatenate: () => mx.concatenate(list),
      broadcastArrays: () => mx.broadcastArrays(list),
      reshape: () => mx.reshape(x, list),
      transpose: () => mx.transpose(x, list),
      split: () => mx.split(x, list),
      roll: () => mx.roll(x, list),
      index: () => x.index(list),
      treeFlatten: () => mx.treeFlatten(list),
      treeMerge: () => mx.treeMerge(list, [1]),
      eval: () => mx.eval(list),
    };
    for (const [name, use] of Object.entries(uses)) {
      const begin = Date.now();
      try {
        use();
      } catch (error) {
        expect([name, (error as Error).message]).toEqual([
          name,
          expect.stringMatching(/^\[\w+\] /),
        ]);
      }
      expect([name, Date.now() - begin < 20_000]).toEqual([name, true]);
    }
  });

  test('lists of nothing but holes', () => {
    for (const length of [2 ** 32 - 1, 2 ** 27, 2 ** 26]) {
      const sparse: Anything[] = [];
      sparse.length = length;
      expect(() => mx.array(sparse)).toThrow(/^\[array\] A list of/);
      expect(() => mx.reshape(mx.ones([4]), sparse)).toThrow(/^\[reshape\] /);
      expect(() => mx.sum(mx.ones([4]), sparse)).toThrow(/^\[sum\] /);
    }
    const few: Anything[] = [1];
    few.length = 3;
    expect(mx.array(few).tolist()).toEqual([1, 0, 0]);
  });
});

describe('TypedArrays in lists', () => {
  test('are copied as they are', () => {
    const a = new Float32Array([0.1, 2]);
    expect(mx.array([a, a]).tolist()).toEqual([Array.from(a), Array.from(a)]);
    expect(mx.array([[a], [a]]).shape).toEqual([2, 1, 2]);
    expect(mx.array([new Float64Array([0.1])]).dtype).toBe(mx.float32);
    expect(mx.array([new Uint8Array([1, 2])]).dtype).toBe(mx.float32);
    expect(mx.array([new Uint8Array([1, 2])], mx.uint8).tolist()).toEqual([[1, 2]]);
    expect(mx.array([new BigInt64Array([2n ** 62n])]).tolist()).toEqual([[2n ** 62n]]);
    expect(mx.array([new BigUint64Array([2n ** 63n])], mx.uint64).tolist()).toEqual([[2n ** 63n]]);
    expect(mx.array([new Uint8Array([0, 2])], mx.bool_).tolist()).toEqual([[false, true]]);
  });

  test('stand beside other lists, and keep to the dtype', () => {
    expect(mx.array([new Int8Array([1, 2]), [3, 4.5]]).tolist()).toEqual([
      [1, 2],
      [3, 4.5],
    ]);
    expect(mx.array([new BigInt64Array([1n]), [2]]).tolist()).toEqual([[1], [2]]);
    expect(() => mx.array([new Float32Array([300])], mx.uint8)).toThrow(/does not fit uint8/);
    expect(() => mx.array([new BigUint64Array([2n ** 63n])])).toThrow(/does not fit int64/);
    expect(() => mx.array([new Int8Array(2), new Int8Array(3)])).toThrow(mx.ShapeError);
    expect(() => mx.array([new Int8Array(2), 1] as Anything)).toThrow(mx.ShapeError);
  });

  test('that are detached are an error', () => {
    const floats = new Float32Array([1, 2]);
    structuredClone(floats.buffer, { transfer: [floats.buffer] });
    expect(() => mx.array([floats])).toThrow(/^\[array\] .*detached/);
    expect(() => mx.array([new Float32Array(2), floats])).toThrow(/^\[array\] .*detached/);
    expect(() => mx.load(floats as Anything)).toThrow(/^\[load\] .*detached/);
  });

  test('bigints and numbers mix exactly', () => {
    expect(
      mx
        .array(
          [
            [1n, 2],
            [true, 2n ** 62n],
          ] as Anything,
          mx.int64,
        )
        .tolist(),
    ).toEqual([
      [1, 2],
      [1, 2n ** 62n],
    ]);
    expect(mx.array([mx.Complex(0, 1), 0] as Anything, mx.bool_).tolist()).toEqual([true, false]);
    expect(mx.array([NaN, 0], mx.bool_).tolist()).toEqual([true, false]);
  });
});

describe('what JavaScript cannot hold', () => {
  test('lists that fill the heap are refused', () => {
    expect(() => mx.zeros([50_000_000, 0]).tolist()).toThrow(/^\[tolist\] .*toTypedArray/);
    expect(() => mx.broadcastTo(mx.array(1), [2 ** 27]).tolist()).toThrow(RangeError);
    expect(() => [...mx.zeros([100_000_000, 0])]).toThrow(/^\[array\] 100000000 slices/);
  });

  test('the text of many axes has an end', () => {
    const text = String(mx.broadcastTo(mx.array(true), new Array<number>(12).fill(8)));
    expect(text.length).toBeLessThan(2 ** 22);
    expect(text).toContain('...');
    expect(String(mx.zeros([2 ** 30, 0]))).toBe('array([], dtype=float32)');
  });

  test('indices in names are no lengths', () => {
    expect(() => mx.treeUnflatten([['a.100000000', 1]])).toThrow(/^\[treeUnflatten\] .*100000000/);
    const names = Array.from({ length: 100 }, (_, i): [string, number] => [`${i}.50000`, i]);
    expect(() => mx.treeUnflatten(names)).toThrow(RangeError);
    expect(() => mx.treeUnflatten([['a.'.repeat(100_000), 1]])).toThrow(/^\[treeUnflatten\] /);
    expect(mx.treeUnflatten([['a.2', 1]])).toEqual({ a: [{}, {}, 1] });
    expect(mx.treeUnflatten([['a.01', 1]])).toEqual({ a: { '01': 1 } });
  });

  test('trees without end', () => {
    const tree: Record<string, unknown> = {};
    tree.again = tree;
    expect(() => mx.treeMerge(tree, tree)).toThrow(/^\[treeMerge\] .*contains itself/);
    const shows = { [Symbol.for('mlx.tree')]: (): unknown => shows };
    expect(() => mx.treeFlatten(shows)).toThrow(/^\[treeFlatten\] .*contains itself/);
  });
});

describe('one call stays small', () => {
  test.each([
    ['split', () => mx.split(mx.broadcastTo(mx.array(0), [2 ** 30]), 2 ** 30)],
    ['unstack', () => mx.unstack(mx.broadcastTo(mx.array(0), [2 ** 30]))],
  ])('%s into a part for each element', (name, call) => {
    expect(call).toThrow(RangeError);
    expect(call).toThrow(new RegExp(`^\\[${name}\\w*\\] 1073741824 parts`));
  });

  test('einsum of hundreds of operands', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const terms = Array.from({ length: 400 }, (_, i) => letters[i % 26]! + letters[(i + 1) % 26]!);
    const operands = terms.map(() => mx.ones([1, 1]));
    const begin = Date.now();
    expect(mx.einsum(`${terms.join(',')}->`, ...operands).item()).toBe(1);
    expect(Date.now() - begin).toBeLessThan(10_000);
  });

  test('a convolution whose outputs mostly meet nothing', () => {
    const dilated = mx.convGeneral(mx.array([[[1], [2]]]), mx.array([[[1], [2], [4]]]), {
      inputDilation: 1e6,
    });
    expect(dilated.shape).toEqual([1, 999_999, 1]);
    expect(dilated.index(0, [0, 1, 999_997, 999_998], 0).tolist()).toEqual([1, 0, 0, 8]);
    expect(dilated.sum().item()).toBe(9);
    expect(() => mx.diff(mx.broadcastTo(mx.array(0), [2 ** 30]), 2 ** 29)).toThrow(RangeError);
  });

  test('windows and transforms keep to the memory limit', () => {
    const program = `
      const mx = require(${JSON.stringify(join(__dirname, '..', '..', 'dist', 'index.js'))});
      mx.setMemoryLimit(96e6);
      const before = process.memoryUsage().rss;
      const calls = {
        hanning: () => mx.hanning(1e8), hamming: () => mx.hamming(2 ** 31 - 1),
        blackman: () => mx.blackman(1e8), bartlett: () => mx.bartlett(1e8),
        fft: () => mx.fft.fft(mx.zeros([5]), 2 ** 28), rfft: () => mx.fft.rfft(mx.zeros([5]), 67108859),
        empty: () => mx.fft.fft(mx.zeros([0, 5]), 2 ** 28), prime: () => mx.fft.fft(mx.ones([4194301])),
        list: () => mx.array([new Float32Array(3e7)]),
      };
      for (const [name, call] of Object.entries(calls))
        try {
          mx.eval(call());
          console.log(name);
        } catch (error) {
          console.log(name, error.name);
        }
      console.log(process.memoryUsage().rss - before < 396e6);`;
    const text = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    const refused = ['hanning', 'hamming', 'blackman', 'bartlett', 'fft', 'rfft'];
    expect(text.trim().split('\n')).toEqual([
      ...refused.map((name) => `${name} EngineError`),
      'empty',
      'prime EngineError',
      'list EngineError',
      'true',
    ]);
  });
});
