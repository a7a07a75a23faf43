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
  });
});

test('exportToDot draws what is not evaluated yet', () => {
  mx.exportToDot(file('graph.dot'), { result: mx.exp(x).add(1) });
  const text = readFileSync(file('graph.dot'), 'utf8');
  expect(text).toMatch(/^digraph \{/);
  expect(text).toContain('"Exp"');
  expect(text).toContain('-> "result"');
});
