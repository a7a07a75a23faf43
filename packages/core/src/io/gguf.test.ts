import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as mx from '../index';

describe('gguf', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-gguf-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('arrays and metadata come back', () => {
    const path = join(folder, 'all.gguf');
    mx.saveGguf(
      path,
      { half: mx.array([[0.5], [2]], mx.float16), list: [1, 2] },
      {
        text: 'café',
        words: ['one', 'two'],
        sizes: mx.array([2, 3], mx.int32),
        large: mx.array(2n ** 40n),
        flag: true,
        rate: 0.25,
        numbers: [1, 2],
      },
    );
    const [arrays, metadata] = mx.load(path, { format: 'gguf', returnMetadata: true });
    expect(Object.keys(arrays).sort()).toEqual(['half', 'list']);
    expect(arrays['half']!.dtype).toBe(mx.float16);
    expect(arrays['half']!.tolist()).toEqual([[0.5], [2]]);
    expect(metadata['text']).toBe('café');
    expect(metadata['words']).toEqual(['one', 'two']);
    const numbers = (key: string): unknown => (metadata[key] as mx.array).tolist();
    expect(numbers('sizes')).toEqual([2, 3]);
    expect(numbers('large')).toBe(2 ** 40);
    expect(numbers('flag')).toBe(true);
    expect(numbers('rate')).toBe(0.25);
    expect(numbers('numbers')).toEqual([1, 2]);
    expect((metadata['sizes'] as mx.array).dtype).toBe(mx.int32);
    expect(mx.load(readFileSync(path))['list']!.tolist()).toEqual([1, 2]);
  });

  test('what the format lacks, and broken files, are errors', () => {
    const path = join(folder, 'broken.gguf');
    expect(() => mx.saveGguf(path, { a: mx.array([1], mx.uint32) })).toThrow(mx.DtypeError);
    expect(() => mx.saveGguf(path, {}, { a: mx.zeros([2, 2]) })).toThrow(mx.ShapeError);
    expect(() => mx.saveGguf(path, {}, { a: { b: 1 } as never })).toThrow(TypeError);
    expect(() => mx.saveGguf(path, [mx.array(1)] as never)).toThrow(TypeError);
    writeFileSync(path, 'GGUF\x03\0\0\0');
    expect(() => mx.load(path)).toThrow(mx.EngineError);
  });
});
