import * as mx from '@mlx/core';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as nn from './index';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mlx-folders-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
const indexName = 'model.safetensors.index.json';

function writeShards(index?: unknown): nn.Linear {
  const model = new nn.Linear(4, 3);
  mx.saveSafetensors(join(folder, shards[0]), { weight: model.weight });
  mx.saveSafetensors(join(folder, shards[1]), { bias: model.bias! });
  const text = typeof index === 'string' ? index : JSON.stringify(index);
  if (index !== undefined) writeFileSync(join(folder, indexName), text);
  return model;
}

/** As Hugging Face writes it. */
const index = {
  metadata: { total_size: 60 },
  weight_map: { bias: shards[1], weight: shards[0] },
};

test.each([
  ['the index', index, indexName],
  ['a folder with an index', index, '.'],
  ['a folder without', undefined, '.'],
])('sharded weights load by %s', (_, written, path) => {
  const model = writeShards(written);
  const loaded = new nn.Linear(4, 3).loadWeights(join(folder, path));
  expect(loaded.weight.tolist()).toEqual(model.weight.tolist());
  expect(loaded.bias!.tolist()).toEqual(model.bias!.tolist());
});

test('an index alone decides what is loaded beside it', () => {
  writeShards(index);
  mx.saveSafetensors(join(folder, 'other.safetensors'), { more: mx.ones([1]) });
  expect(() => new nn.Linear(4, 3).loadWeights(folder)).not.toThrow();
  rmSync(join(folder, indexName));
  expect(() => new nn.Linear(4, 3).loadWeights(folder)).toThrow('not in model: more');
});

test.each([
  ['no JSON', '{', "Can't read"],
  ['no object', 3, 'has no weight_map'],
  ['no map', { weight_map: [1] }, 'has no weight_map'],
  [
    'a path that leaves the folder',
    { weight_map: { weight: '../a.safetensors' } },
    'no weight_map',
  ],
  ['a missing file', { weight_map: { weight: 'none.safetensors' } }, 'none.safetensors'],
  ['a missing weight', { weight_map: { weight: shards[1] } }, 'says that weight is in'],
])('an index with %s is refused', (_, written, message) => {
  writeShards(written);
  const load = () => new nn.Linear(4, 3).loadWeights(folder);
  expect(load).toThrow(mx.EngineError);
  expect(load).toThrow('[Module.loadWeights]');
  expect(load).toThrow(message);
});

test('what is no index and no folder of weights is refused at once', () => {
  const load = (path: string) => () => new nn.Linear(1, 1).loadWeights(path);
  expect(load(folder)).toThrow(/holds no model\.safetensors\.index\.json and no safetensors file/);
  execFileSync('mkfifo', [join(folder, indexName)]);
  expect(load(folder)).toThrow(/it is not a regular file/);
  expect(load(join(folder, 'absent'))).toThrow(/^\[Module\.loadWeights\]/);
  expect(load('a\0b')).toThrow(/^\[Module\.loadWeights\] The file's name has a NUL/);
  mkdirSync(join(folder, 'inner.index.json'));
  expect(load(join(folder, 'inner.index.json'))).toThrow(/not a regular file/);
});
