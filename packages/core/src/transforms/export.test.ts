import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as mx from '../index';

const library = join(__dirname, '..', '..', 'dist', 'index.js');

const folder = mkdtempSync(join(tmpdir(), 'mlx-export-'));
const file = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const x = mx.array([1, 2, 3]);
type AnyFunction = (...values: unknown[]) => unknown;

describe('exported functions', () => {
  test('give the same after import', () => {
    const weight = mx.array([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const f = (a: mx.array): mx.array[] => [mx.softmax(a.matmul(weight), -1), a.argmax()];
    mx.exportFunction(file('f'), f, x);
    const imported = mx.importFunction(file('f'));
    expect(imported(x).map((one) => one.tolist())).toEqual(f(x).map((one) => one.tolist()));
    expect(imported.metadata).toBeNull();
    expect(() => imported(mx.zeros([4]))).toThrow(/no trace for \(float32 \(4\)\)/);
    expect(mx.grad((a: mx.array) => imported(a)[0]!.max())(x).shape).toEqual([3]);
  });

  test('an empty text is metadata too', () => {
    mx.exportFunction(file('f'), (a: mx.array) => a.abs(), x, { metadata: '' });
    expect(mx.importFunction(file('f')).metadata).toBe('');
  });

  test('several traces, names, sizes that do not matter', () => {
    const add = mx.exporter(
      file('several'),
      (a: mx.array, named: { by?: mx.array } = {}) => (named.by ? a.multiply(named.by) : a.add(1)),
      { shapeless: true, metadata: 'a note' },
    );
    add(x);
    add(x, { by: mx.array(2) });
    expect(() => add(x)).toThrow(/already/);
    add.close();
    expect(() => add(mx.zeros([2, 2]))).toThrow(/closed/);
    const imported = mx.importFunction(file('several'));
    expect(imported.metadata).toBe('a note');
    expect(imported([1, 2])[0]!.tolist()).toEqual([2, 3]);
    expect(imported([1, 2, 3, 4], { by: 3 })[0]!.tolist()).toEqual([3, 6, 9, 12]);
    expect(() => imported([1, 2], { other: 3 })).toThrow(TypeError);
  });

  test('sizes that were looked at do not vary', () => {
    mx.exportFunction(file('sized'), (a: mx.array) => a.multiply(a.size), x, { shapeless: true });
    const imported = mx.importFunction(file('sized'));
    expect(imported(x)[0]!.tolist()).toEqual([3, 6, 9]);
    expect(() => imported(mx.zeros([2]))).toThrow(/no trace/);
  });

  test('shapeless traces serve other lengths of products, convolutions and attention', () => {
    const weight = mx.random.normal([4, 6]);
    const kernel = mx.random.normal([5, 3, 4]);
    const codes = mx.quantize(mx.random.normal([6, 64]), 32, 4) as mx.array[];
    const cases: Record<string, [(a: mx.array) => mx.array, (n: number) => number[]]> = {
      matmul: [(a) => a.matmul(weight), (n) => [n, 4]],
      addmm: [(a) => mx.addmm(mx.ones([6]), a, weight), (n) => [2, n, 4]],
      conv1d: [(a) => mx.conv1d(a, kernel, 1, 1), (n) => [2, n, 4]],
      quantized: [
        (a) => mx.quantizedMatmul(a, codes[0]!, codes[1]!, codes[2]!, true, 32, 4),
        (n) => [n, 64],
      ],
      attention: [
        (a) => mx.fast.scaledDotProductAttention(a, a, a, { scale: 0.5, mask: 'causal' }),
        (n) => [1, 2, n, 8],
      ],
      rope: [(a) => mx.fast.rope(a, 8, false, 10000, 1, 0), (n) => [1, 2, n, 8]],
      slices: [(a) => a.index('1:').add(a.index(':-1')).multiply(a.index(-1)), (n) => [n, 4]],
      reversed: [(a) => a.index('::-1', '::2'), (n) => [n, 4]],
      'zeros of its shape': [(a) => mx.zerosLike(a).add(1), (n) => [n, 4]],
      gradient: [(a) => mx.grad((b: mx.array) => b.square().mean())(a), (n) => [n, 4]],
      'indices of its length': [(a) => mx.arange(a.shape[0]!).add(a.sum(1)), (n) => [n, 4]],
      'shapes that were read': [
        (a) => a.reshape([a.shape[0]!, 2, 2]).transpose(1, 0, 2),
        (n) => [n, 4],
      ],
      gather: [(a) => mx.take(a, mx.array([1, 0], mx.int32), 0), (n) => [n, 4]],
      update: [(a) => a.at(0).add(1), (n) => [n, 4]],
    };
    for (const [name, [fun, shape]] of Object.entries(cases)) {
      mx.exportFunction(file('lengths'), fun, mx.random.normal(shape(5)), { shapeless: true });
      const imported = mx.importFunction(file('lengths'));
      for (const n of [2, 5, 7, 40]) {
        const a = mx.random.normal(shape(n));
        const isEqual = mx.arrayEqual(imported(a)[0]!, fun(a)).item<boolean>();
        expect([name, n, isEqual]).toEqual([name, n, true]);
      }
    }
  });

  test('sizes that must be equal vary together', () => {
    const inner = (a: mx.array, b: mx.array): mx.array => a.matmul(b.T);
    mx.exportFunction(file('inner'), inner, mx.ones([2, 5]), mx.ones([3, 5]), { shapeless: true });
    const imported = mx.importFunction(file('inner'));
    expect(imported(mx.ones([4, 7]), mx.ones([6, 7]))[0]!.shape).toEqual([4, 6]);
    expect(() => imported(mx.ones([4, 7]), mx.ones([6, 8]))).toThrow();
  });

  /** Whether an import of the shapeless function gives what it gives; null if it is refused. */
  function agrees(
    fun: (...args: mx.array[]) => mx.array | mx.array[],
    example: number[],
    other: number[],
  ): boolean | null {
    mx.exportFunction(file('sizes'), fun, mx.random.normal(example), { shapeless: true });
    const imported = mx.importFunction(file('sizes'));
    const a = mx.random.normal(other);
    let got: mx.array[];
    try {
      got = imported(a);
    } catch (error) {
      expect((error as Error).message).toMatch(/no trace for/);
      return null;
    }
    const expected = [fun(a)].flat();
    return expected.every((one, i) => mx.arrayEqual(one, got[i]!).item());
  }

  test('sizes that must be even, or a multiple of some number', () => {
    const pooled = (a: mx.array): mx.array => mx.unflatten(mx.unflatten(a, 0, [-1, 2]), 2, [-1, 3]);
    const cases: [(a: mx.array) => mx.array | mx.array[], number[], number[]][] = [
      [(a) => mx.split(a, 2), [4, 3], [10, 3]],
      [(a) => mx.split(a, 3, 1), [2, 6], [5, 9]],
      [(a) => mx.split(a, 4), [8, 3], [4, 5]],
      [(a) => mx.unflatten(a, 0, [-1, 2]), [4, 3], [6, 3]],
      [(a) => mx.unflatten(a, 0, [-1, 14]), [28], [70]],
      [(a) => pooled(a).max([1, 3]), [4, 6], [10, 3]],
      [(a) => mx.conv2d(a, mx.ones([2, 3, 3, 3]), 2), [1, 7, 7, 3], [2, 9, 5, 3]],
    ];
    for (const [i, [fun, example, other]] of cases.entries())
      expect([i, agrees(fun, example, other)]).toEqual([i, true]);
    expect(agrees((a) => mx.unflatten(a, 0, [-1, 2]), [4, 3], [5, 3])).toBeNull();
  });

  test('what grows with the square of a size', () => {
    for (const k of [-1, 0, 2]) expect(agrees((a) => mx.diag(a, k), [4], [9])).toBe(true);
    for (const n of [2, 4, 9]) {
      expect(agrees((a) => mx.diagonal(a), [4, 4], [n, n])).toBe(true);
      expect(agrees((a) => mx.trace(a), [4, 4], [n, n])).toBe(true);
      expect(agrees((a) => mx.diagonal(a, 0, 1, 2), [3, 4, 4], [2, n, n])).toBe(true);
    }
    expect(agrees((a) => mx.diagonal(a), [4, 4], [4, 7])).toBeNull();
  });

  test('sizes for which the function does something else are refused', () => {
    const length = (a: mx.array): number => a.shape[0]!;
    const table = (a: mx.array): mx.array =>
      mx.arange(length(a)).reshape(-1, 1).multiply(mx.arange(a.shape[1]!));
    expect(agrees((a) => mx.arange(Math.max(length(a), 8)), [20], [5])).toBeNull();
    expect(agrees((a) => a.index('-3:'), [5], [2])).toBeNull();
    expect(agrees(table, [4, 4], [3, 5])).toBeNull();
    for (const n of [1, 3, 4, 5, 6, 7])
      expect(agrees((a) => (length(a) > 8 ? a.index('-8:') : a), [20], [n])).toBeNull();
    for (const n of [8, 9, 40])
      expect(agrees((a) => (length(a) > 8 ? a.index('-8:') : a), [20], [n])).toBe(true);
  });

  test('a message tells the sizes', () => {
    mx.exportFunction(file('even'), (a: mx.array) => mx.split(a, 2), mx.ones([4, 3]), {
      shapeless: true,
    });
    expect(() => mx.importFunction(file('even'))(mx.ones([5, 3]))).toThrow(
      'There is one for (float32 (n1,?)) where n1 is 2, 4, 6 and so on.',
    );
  });

  test('traces of one exporter share their constants', () => {
    const weight = mx.random.normal([64, 64]);
    const add = mx.exporter(file('shared'), (a: mx.array) => a.matmul(weight.T));
    for (const n of [1, 2, 3, 4]) add(mx.ones([n, 64]));
    add.close();
    expect(readFileSync(file('shared')).length).toBeLessThan(1.2 * weight.nbytes);
    expect(mx.importFunction(file('shared'))(mx.ones([3, 64]))[0]!.shape).toEqual([3, 64]);
  });

  test('run in another process', () => {
    mx.exportFunction(file('other'), (a: mx.array) => mx.exp(a).sum(), x);
    const code = `
      const mx = require(${JSON.stringify(library)});
      const f = mx.importFunction(${JSON.stringify(file('other'))});
      process.stdout.write(String(f(mx.array([1, 2, 3]))[0].item()));`;
    const printed = execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' });
    expect(Number(printed)).toBe(mx.exp(x).sum().item());
  });

  test('damaged and unknown files are EngineErrors that name them', () => {
    mx.exportFunction(file('whole'), (a: mx.array) => a.add(1), x);
    const bytes = readFileSync(file('whole'));
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(file('damaged'), bytes);
    expect(() => mx.importFunction(file('damaged'))).toThrow(mx.EngineError);
    expect(() => mx.importFunction(file('damaged'))).toThrow(/damaged.*checksum/);
    bytes[8] = 77;
    writeFileSync(file('newer'), bytes);
    expect(() => mx.importFunction(file('newer'))).toThrow(/version 77/);
    writeFileSync(file('text'), 'some text that is no function at all');
    expect(() => mx.importFunction(file('text'))).toThrow(/no file of a function/);
    expect(() => mx.importFunction(file('missing'))).toThrow(mx.EngineError);
  });

  test('a callback hears of the trace', () => {
    const records: mx.ExportRecord[] = [];
    mx.exportFunction(
      (record: mx.ExportRecord) => void records.push(record),
      (a: mx.array) => mx.exp(a).astype(mx.int32),
      x,
    );
    expect(records.map((record) => record.type)).toEqual([
      'inputs',
      'keyword_inputs',
      'outputs',
      'constants',
      'primitive',
      'primitive',
    ]);
    expect(records[0]).toEqual({ type: 'inputs', inputs: [['a', [3], mx.float32]] });
    expect(records[5]).toMatchObject({ arguments: [mx.int32] });
  });

  test('bad arguments', () => {
    expect(() => mx.exportFunction(3 as never, (a: mx.array) => a, x)).toThrow(TypeError);
    expect(() => mx.exporter(file('x'), 3 as never)).toThrow(TypeError);
    expect(() => mx.exporter(file('x'), (a: mx.array) => a, { shapless: true } as never)).toThrow(
      /Unknown option/,
    );
    const f = (a: mx.array): mx.array => a;
    for (const [call, message] of [
      [
        () => (mx.importFunction as AnyFunction)(file('x'), 1),
        '[importFunction] Too many arguments; it takes file.',
      ],
      [
        () => (mx.importFunction as AnyFunction)(),
        '[importFunction] The argument file is required',
      ],
      [
        () => (mx.exporter as AnyFunction)(file('x'), f, { shapeless: 1 }),
        '[exporter] shapeless must be a boolean',
      ],
      [
        () => (mx.exporter as AnyFunction)(file('x'), f, true, null, 1),
        '[exporter] Too many arguments; it takes file, fun, shapeless, metadata.',
      ],
      [
        () => mx.exportFunction(file('x'), f, x, { shapeless: true, nothing: x }),
        '[exportFunction] Unknown option nothing; the options are shapeless, metadata.',
      ],
    ] as [() => unknown, string][]) {
      expect(call).toThrow(TypeError);
      expect(call).toThrow(message);
    }
  });
});

test('exportToDot draws what is not evaluated yet', () => {
  mx.exportToDot(file('graph.dot'), { result: mx.exp(x).add(1) });
  const text = readFileSync(file('graph.dot'), 'utf8');
  expect(text).toMatch(/^digraph \{/);
  expect(text).toContain('"Exp"');
  expect(text).toContain('-> "result"');
});
