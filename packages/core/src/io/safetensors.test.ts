import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import * as mx from '../index';

describe('safetensors', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-io-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('arrays of every dtype come back, with metadata', () => {
    const path = join(folder, 'all.safetensors');
    const arrays: Record<string, mx.array> = {
      'a.b': mx.array([
        [1, 2],
        [3, 4],
      ]).T,
      half: mx.array([0.5], mx.float16),
      brain: mx.array([0.5], mx.bfloat16),
      big: mx.array([2n ** 60n]),
      flags: mx.array([true, false]),
      scalar: mx.array(7),
      none: mx.zeros([0, 3]),
    };
    mx.saveSafetensors(path, arrays, { format: 'mlx' });
    const [loaded, metadata] = mx.load(path, { returnMetadata: true });
    expect(metadata).toMatchObject({ format: 'mlx' });
    expect(Object.keys(loaded).sort()).toEqual(Object.keys(arrays).sort());
    for (const [name, a] of Object.entries(arrays)) {
      expect(loaded[name]!.dtype).toBe(a.dtype);
      expect(loaded[name]!.shape).toEqual(a.shape);
      expect(loaded[name]!.tolist()).toEqual(a.tolist());
    }
    expect(mx.load(pathToFileURL(path))['scalar']!.item()).toBe(7);
  });

  test('broken files and unknown formats are errors', () => {
    const path = join(folder, 'broken.safetensors');
    writeFileSync(path, 'nonsense');
    expect(() => mx.load(path)).toThrow(mx.EngineError);
    expect(() => mx.load(join(folder, 'a.txt'))).toThrow(TypeError);
    expect(() => mx.saveSafetensors(join(folder, 'no', 'folder', 'a.safetensors'), {})).toThrow(
      mx.EngineError,
    );
    expect(() => mx.saveSafetensors(path, mx.array([1]) as never)).toThrow(TypeError);
  });
});
