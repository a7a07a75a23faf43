// The network gives what onnxruntime gives for the published file (fixture.mjs wrote that down).
import * as mx from '@mlx/core';
import { assertClose, inTemporaryFolder } from '@mlx/example-shared/dist/comparison';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { likelihoodsOf, loadDetector, speechIntervals } from './detect';
import { decodeWav } from './wav';

const sounds = join(__dirname, '..', 'sound');
const sound = decodeWav(readFileSync(join(sounds, 'two-sentences.wav')));
const expected = JSON.parse(readFileSync(join(sounds, 'two-sentences.json'), 'utf8')) as number[];

inTemporaryFolder((folder) => {
  const file = join(folder, 'weights.safetensors');
  // Converted from the published file, then read from the converted one.
  for (const detector of [loadDetector(file), loadDetector(file)]) {
    const likelihoods = mx.array(likelihoodsOf(detector, sound));
    // Rounding of float32, carried on by the recurrent layer through 362 chunks.
    assertClose(likelihoods, expected, 1e-4, 'likelihoods');
  }
});
assert.deepEqual(
  speechIntervals(expected).map(({ begin, end }) => [begin.toFixed(1), end.toFixed(1)]),
  [
    // Two phrases and a sentence; the noise between and the tone after them are none.
    ['1.0', '1.8'],
    ['2.1', '4.3'],
    ['6.1', '9.2'],
  ],
);
