import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import * as mx from '../index';

const folder = mkdtempSync(join(tmpdir(), 'mlx-npy-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

describe('npy', () => {
  test('arrays of every dtype come back', () => {
    const dtypes = [
      mx.bool_,
      mx.uint8,
      mx.uint16,
      mx.uint32,
      mx.uint64,
      mx.int8,
      mx.int16,
      mx.int32,
      mx.int64,
      mx.float16,
      mx.bfloat16,
      mx.float32,
      mx.complex64,
    ];
    for (const dtype of dtypes) {
      const a = mx.arange(6).reshape(2, 3).astype(dtype);
      mx.save(inFolder('one'), a.T);
      const b = mx.load(inFolder('one.npy'), 'npy');
      expect(b.dtype).toBe(dtype);
      expect(b.tolist()).toEqual(a.T.tolist());
    }
  });

  test('lists, URLs and contents', () => {
    const url = pathToFileURL(inFolder('list.npy'));
    mx.save(url, [1, 2.5]);
    expect(mx.load(url, { format: 'npy', stream: mx.cpu }).tolist()).toEqual([1, 2.5]);
    const contents = readFileSync(url);
    const loaded = mx.load(contents, 'npy');
    contents.fill(0);
    expect(loaded.tolist()).toEqual([1, 2.5]);
  });

  test('broken files are errors that name them', () => {
    const path = inFolder('broken.npy');
    writeFileSync(path, 'nonsense');
    expect(() => mx.load(path)).toThrow(mx.EngineError);
    expect(() => mx.load(path)).toThrow(/^\[load\] .*broken\.npy is not a sound npy file/);
    expect(() => mx.save(inFolder('no/folder'), mx.array(1))).toThrow(mx.EngineError);
    expect(() => mx.save(7 as never, mx.array(1))).toThrow(TypeError);
    expect(() => mx.save(path, 'text' as never)).toThrow(TypeError);
    expect(() => mx.load(path, { format: 'npy', returnMetadata: true })).toThrow();
  });
});

describe('npz', () => {
  test.each([mx.savez, mx.savezCompressed])('%p names arrays', (save) => {
    const path = inFolder('named.npz');
    save(inFolder('named'), mx.array([1]), { w: mx.array([2]), layers: [{ b: mx.array(3) }] }, [4]);
    const named = mx.load(path);
    expect(Object.keys(named).sort()).toEqual(['arr_0', 'arr_1', 'layers.0.b', 'w']);
    expect(named['arr_0']!.tolist()).toEqual([1]);
    expect(named['arr_1']!.tolist()).toEqual([4]);
    expect(named['layers.0.b']!.item()).toBe(3);

    save(path, [mx.array(1), mx.array(2)]);
    expect(Object.keys(mx.load(path)).sort()).toEqual(['arr_0', 'arr_1']);
    save(path, { list: [[1, 2]], both: [mx.array(1), mx.array(2)], number: 5 });
    expect(Object.keys(mx.load(path)).sort()).toEqual(['both.0', 'both.1', 'list', 'number']);
    expect(mx.load(path)['list']!.tolist()).toEqual([[1, 2]]);
    save(path);
    expect(mx.load(path)).toEqual({});
  });

  test('faults', () => {
    const path = inFolder('faulty.npz');
    expect(() => mx.savez(path, mx.array(1), { arr_0: mx.array(2) })).toThrow(
      /^\[savez\] Two arrays have the name arr_0/,
    );
    expect(() => mx.savez(path, { a: 'text' })).toThrow(TypeError);
    expect(() => mx.savezCompressed(path, 'text' as never)).toThrow(TypeError);
    expect(() => mx.savez(path, null as never)).toThrow(TypeError);
    writeFileSync(path, 'nonsense');
    expect(() => mx.load(path)).toThrow(mx.EngineError);
    expect(() => mx.load(path, true)).toThrow(mx.EngineError);
    mx.savez(path, [1]);
    expect(() => mx.load(path, true)).toThrow(/no metadata/);
  });
});
