import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as mx from '../index';

const library = join(__dirname, '..', '..', 'dist', 'index.js');
const folder = mkdtempSync(join(tmpdir(), 'mlx-files-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** What a program prints that runs under a limit of the shell's. */
function printedUnder(limit: string, program: string): string {
  const code = `const mx = require(${JSON.stringify(library)}); ${program}`;
  return execFileSync(
    'bash',
    ['-c', `ulimit ${limit}; exec "$0" -e "$1"`, process.execPath, code],
    {
      encoding: 'utf8',
      cwd: folder,
      timeout: 120_000,
    },
  );
}

function safetensors(header: object, bytes: number): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, Buffer.alloc(bytes)]);
}

describe('names of files', () => {
  test('what no file can be called is a TypeError', () => {
    const a = mx.array([1]);
    for (const name of ['', 'a\0b.npy', 'a.npy\0']) {
      expect(() => mx.load(name)).toThrow(TypeError);
      expect(() => mx.save(name, a)).toThrow(/^\[save\] The file's name/);
      expect(() => mx.savez(name, a)).toThrow(/^\[savez\] The file's name/);
      expect(() => mx.saveSafetensors(name, { a })).toThrow(/^\[saveSafetensors\] The file's name/);
      expect(() => mx.saveGguf(name, { a })).toThrow(/^\[saveGguf\] The file's name/);
      expect(() => mx.importFunction(name)).toThrow(TypeError);
      expect(() => mx.exportToDot(name, a)).toThrow(TypeError);
    }
    expect(() => mx.load(new URL('http://host/a.npy'))).toThrow(
      /^\[load\] http:.*no URL of a file/,
    );
  });

  test('what is no regular file is refused at once', async () => {
    execFileSync('mkfifo', [inFolder('pipe')]);
    const server = createServer().listen(inFolder('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    mkdirSync(inFolder('folder'));
    for (const name of [inFolder('pipe'), inFolder('socket'), inFolder('folder'), '/dev/zero']) {
      for (const format of ['npy', 'npz', 'safetensors', 'gguf'] as const)
        expect(() => mx.load(name, format)).toThrow(/is not a regular file/);
      expect(() => mx.importFunction(name)).toThrow(/is not a regular file/);
      expect(() => mx.exportToDot(name, mx.array(1).add(1))).toThrow(/is not a regular file/);
    }
    server.close();
  });
});

describe('what a file holds', () => {
  test('keeps its order', () => {
    const entry = (at: number): object => ({ dtype: 'U8', shape: [1], data_offsets: [at, at + 1] });
    const header = { z: entry(1), __metadata__: { y: '1', b: '2' }, a: entry(2), m: entry(0) };
    writeFileSync(inFolder('order.safetensors'), safetensors(header, 3));
    const [arrays, metadata] = mx.load(inFolder('order.safetensors'), true);
    expect(Object.keys(arrays)).toEqual(['z', 'a', 'm']);
    expect(Object.keys(metadata)).toEqual(['y', 'b']);
  });

  test('of types that arrays lack is called unsupported', () => {
    for (const dtype of ['F8_E5M2', 'F8_E8M0', 'F4', 'F6_E2M3']) {
      const header = { a: { dtype, shape: [8], data_offsets: [0, 8] } };
      const load = (): unknown => mx.load(safetensors(header, 8));
      expect(load).toThrow(mx.EngineError);
      expect(load).toThrow(new RegExp(`"a" has the dtype ${dtype}, which is not supported`));
    }
    mx.saveGguf(inFolder('whole.gguf'), { weights: mx.ones([32]) });
    const bytes = readFileSync(inFolder('whole.gguf'));
    // The name, one dimension of 64 bits, then the type.
    const type = bytes.indexOf('weights') + 'weights'.length + 4 + 8;
    for (const [number, name] of [
      [20, 'IQ4_NL'],
      [39, 'MXFP4'],
    ] as const) {
      bytes.writeUInt32LE(number, type);
      expect(() => mx.load(bytes)).toThrow(
        new RegExp(`"weights" has the type ${number}, ${name}, which is not supported`),
      );
    }
  });

  test('a member of an archive that no array can hold throws when it is asked for', () => {
    mx.savez(inFolder('members.npz'), { texts: mx.array([7]), numbers: mx.array([1, 2]) });
    const bytes = readFileSync(inFolder('members.npz'));
    const texts = bytes.indexOf("'<f4'", bytes.indexOf('texts.npy'));
    bytes.write("'<U1'", texts);
    const loaded = mx.load(bytes, 'npz');
    expect(Object.keys(loaded).sort()).toEqual(['numbers', 'texts']);
    expect(loaded.numbers!.tolist()).toEqual([1, 2]);
    expect(() => loaded.texts).toThrow(mx.EngineError);
    expect(() => loaded.texts).toThrow(/^\[load\] .*texts.*no dtype holds its elements.*<U1/);
    expect(() => mx.treeFlatten(loaded)).toThrow(/texts/);
  });

  test('many tensors take no longer than their number asks for', () => {
    const header: Record<string, object> = {};
    const count = 20_000;
    for (let i = 0; i < count; i++)
      header[`layers.${i}.weight`] = { dtype: 'U8', shape: [1], data_offsets: [i, i + 1] };
    const begin = Date.now();
    expect(Object.keys(mx.load(safetensors(header, count)))).toHaveLength(count);
    // Quadratic time is half a minute.
    expect(Date.now() - begin).toBeLessThan(10_000);
  });
});

describe('descriptors', () => {
  test('of files whose arrays nobody needs are found again', () => {
    for (let i = 0; i < 300; i++) mx.save(inFolder(`many-${i}`), mx.array([i]));
    const text = printedUnder(
      '-n 100',
      `let last;
      for (let i = 0; i < 300; i++) last = mx.load('many-' + i + '.npy');
      console.log(last.item());
      const same = Array.from({ length: 300 }, () => mx.load('many-7.npy'));
      console.log(mx.stack(same).sum().item());
      const kept = [];
      try {
        for (let i = 0; i < 300; i++) kept.push(mx.load('many-' + i + '.npy'));
      } catch (error) {
        console.log(error.name, error.message);
      }
      mx.eval(kept);
      console.log(mx.load('many-299.npy').item());`,
    );
    expect(text).toMatch(
      /^299\n2100\nEngineError \[load\] Can't open many-\d+\.npy: Too many open files.*mx\.eval\.\n299\n$/,
    );
  });

  test('a file that was replaced is another file', () => {
    const name = inFolder('replaced.npy');
    mx.save(name, mx.array([1]));
    const old = mx.load(name, 'npy');
    mx.save(name, mx.array([2]));
    expect([mx.load(name, 'npy').item(), old.item()]).toEqual([2, 1]);
  });
});

test('a disk that is full is an error that leaves nothing behind', () => {
  const text = printedUnder(
    '-f 8',
    `const big = mx.ones([100000]);
    for (const save of [
      () => mx.save('full.npy', big), () => mx.savez('full.npz', big),
      () => mx.saveSafetensors('full.safetensors', { big }), () => mx.saveGguf('full.gguf', { big }),
    ])
      try {
        save();
      } catch (error) {
        console.log(error.name, error.message);
      }`,
  );
  const files = {
    npy: 'save',
    npz: 'savez',
    safetensors: 'saveSafetensors',
    gguf: 'saveGguf',
  };
  expect(text).toBe(
    Object.entries(files)
      .map(([end, name]) => `EngineError [${name}] Can't write full.${end}: File too large.\n`)
      .join(''),
  );
  expect(readdirSync(folder).filter((name) => /full|tmp/.test(name))).toEqual([]);
});
