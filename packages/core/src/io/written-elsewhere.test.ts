import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as mx from '../index';

// Files of NumPy and of the formats' own rules, made by fixtures/file_cases.py, load; ours are the
// same to the byte where the format leaves no choice, so they load there.

const files = join(__dirname, '..', '..', '..', '..', 'fixtures', 'files');
const fixture = (name: string): string => join(files, name);

/** The values of `sample` in the script, for a dtype of this name. */
function sample(name: string): mx.array {
  if (name === 'complex64')
    return mx.array([0, 1, 2, 3, 4, 5].map((x) => mx.Complex(x, x / 2))).reshape(2, 3);
  const dtype = name === 'bool' ? mx.bool_ : mx[name as 'int32'];
  const values = mx.arange(6, mx.int32).reshape(2, 3);
  return name === 'bool' ? mx.equal(mx.remainder(values, 2), 1) : values.astype(dtype);
}

function expectSame(a: mx.array | undefined, b: mx.array): void {
  expect(a?.dtype).toBe(b.dtype);
  expect(a?.shape).toEqual(b.shape);
  expect(a?.tolist()).toEqual(b.tolist());
}

const names = [
  'bool',
  'complex64',
  'float16',
  'float32',
  'float64',
  'int16',
  'int32',
  'int64',
  'int8',
  'uint16',
  'uint32',
  'uint64',
  'uint8',
];
const onCpu = { stream: mx.cpu };

describe('files written elsewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-files-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const numpy: Record<string, mx.array> = {
    c_order: sample('float32'),
    big_endian: sample('int16'),
    big_endian_complex: sample('complex64'),
    scalar: mx.array(7, mx.int32),
    empty: mx.zeros([0, 3], mx.float16),
    vector: mx.arange(1000, mx.uint16),
    version2: sample('int64'),
    version3: sample('int64'),
  };

  test.each(Object.keys(numpy))('NumPy: %s.npy', (name) => {
    expectSame(mx.load(fixture(`${name}.npy`), 'npy'), numpy[name]!);
  });

  test('NumPy: an array in Fortran order', () => {
    const a = mx.load(fixture('fortran_order.npy'), { format: 'npy', ...onCpu });
    expect(a.dtype).toBe(mx.float64);
    expect(a.tolist()).toEqual(sample('float32').tolist());
  });

  test.each(['stored', 'deflated'])('NumPy: %s.npz', (name) => {
    const loaded = mx.load(fixture(`${name}.npz`), { format: 'npz', ...onCpu });
    expect(Object.keys(loaded).sort()).toEqual(names);
    for (const dtype of names)
      if (dtype === 'float64') expect(loaded[dtype]!.tolist()).toEqual(sample('float32').tolist());
      else expectSame(loaded[dtype], sample(dtype));
  });

  test.each(['c_order', 'scalar', 'empty', 'vector'])('%s.npy is written as NumPy does', (name) => {
    const path = join(folder, `${name}.npy`);
    mx.save(path, numpy[name]!);
    expect(readFileSync(path)).toEqual(readFileSync(fixture(`${name}.npy`)));
  });

  test('what is loaded is written as it was', () => {
    mx.save(join(folder, 'fortran_order.npy'), mx.load(fixture('fortran_order.npy'), 'npy'));
    mx.savez(join(folder, 'stored.npz'), mx.load(fixture('stored.npz')));
    mx.savezCompressed(join(folder, 'deflated.npz'), mx.load(fixture('deflated.npz')));
    for (const name of ['fortran_order.npy', 'stored.npz'])
      expect(readFileSync(join(folder, name))).toEqual(readFileSync(fixture(name)));
    // Versions of zlib differ in what they make of the same bytes.
    const ours = mx.load(join(folder, 'deflated.npz'));
    expect(Object.keys(ours).sort()).toEqual(names);
    expectSame(ours['int16'], sample('int16'));
  });

  test('safetensors by the rules of the format', () => {
    const [arrays, metadata] = mx.load(fixture('written.safetensors'), true);
    expect(metadata).toEqual({ format: 'pt', note: 'café' });
    expect(Object.keys(arrays).sort()).toEqual(['bfloat16', 'bool', 'float32', 'int64']);
    for (const [name, a] of Object.entries(arrays)) expectSame(a, sample(name));
  });

  test('ours are safetensors files by the rules of the format', () => {
    const path = join(folder, 'ours.safetensors');
    mx.saveSafetensors(path, { b: sample('bfloat16'), a: sample('bool') }, { key: 'value' });
    const header =
      '{"__metadata__":{"key":"value"},' +
      '"a":{"data_offsets":[12,18],"dtype":"BOOL","shape":[2,3]},' +
      '"b":{"data_offsets":[0,12],"dtype":"BF16","shape":[2,3]}}';
    const length = Math.ceil(header.length / 8) * 8;
    const expected = Buffer.alloc(8 + length + 18, ' ');
    expected.writeBigUInt64LE(BigInt(length), 0);
    expected.write(header, 8);
    const bits = [0, 0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0];
    bits.forEach((value, i) => expected.writeUInt16LE(value, 8 + length + 2 * i));
    [0, 1, 0, 1, 0, 1].forEach((value, i) => expected.writeUInt8(value, 8 + length + 12 + i));
    expect(readFileSync(path)).toEqual(expected);
  });

  test('gguf by the rules of the format, and ours is the same', () => {
    const [arrays, metadata] = mx.load(fixture('plain.gguf'), {
      format: 'gguf',
      returnMetadata: true,
    });
    expectSame(arrays['a'], sample('float32'));
    expectSame(arrays['b'], sample('float16'));
    expectSame(arrays['c'], sample('int8'));
    expectSame(arrays['d'], sample('int64'));
    expect(metadata['general.name']).toBe('café');
    expect(metadata['words']).toEqual(['one', '']);
    expectSame(metadata['flags'] as mx.array, mx.array([true, false]));
    expectSame(metadata['half'] as mx.array, mx.array(0.5));
    expectSame(metadata['large'] as mx.array, mx.array(2n ** 63n, mx.uint64));
    expectSame(metadata['sizes'] as mx.array, mx.array([4, -5, 6], mx.int32));
    mx.saveGguf(join(folder, 'plain.gguf'), arrays, metadata);
    expect(readFileSync(join(folder, 'plain.gguf'))).toEqual(readFileSync(fixture('plain.gguf')));
  });
});

describe('packed gguf tensors', () => {
  const arrays = mx.load(fixture('packed.gguf'));
  const expected = mx.load(fixture('packed_values.npz'));

  test.each(Object.keys(expected))('%s', (name) => {
    const weight = arrays[`${name}.weight`]!;
    const scales = arrays[`${name}.scales`];
    const values = scales
      ? unquantised(weight, scales, arrays[`${name}.biases`]!)
      : weight.tolist<number[][]>();
    const wanted = expected[name]!.tolist<number[][]>();
    if (!scales) expect(weight.dtype).toBe(mx.float16);
    // Scales and biases are float16, so their sums round once more than the values do.
    const tolerance = scales ? 2 ** -9 : 0;
    wanted.forEach((row, i) =>
      row.forEach((value, j) =>
        expect(Math.abs(values[i]![j]! - value)).toBeLessThanOrEqual(
          tolerance * Math.abs(value) + tolerance / 8,
        ),
      ),
    );
  });

  /** Scale times packed value plus bias, in groups of 32. */
  function unquantised(weight: mx.array, scales: mx.array, biases: mx.array): number[][] {
    const bits = (32 * weight.shape[1]!) / (32 * scales.shape[1]!);
    const [rows, groups] = [weight.tolist<number[][]>(), scales.tolist<number[][]>()];
    const offsets = biases.tolist<number[][]>();
    return rows.map((words, i) =>
      words.flatMap((word, at) =>
        Array.from({ length: 32 / bits }, (_, k) => {
          const group = Math.floor((at * 32) / bits / 32);
          const packed = Math.floor(word / 2 ** (bits * k)) % 2 ** bits;
          return groups[i]![group]! * packed + offsets[i]![group]!;
        }),
      ),
    );
  }
});
