// The network gives what onnxruntime gives for the published file (fixture.mjs wrote that down).
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { likelihoodsOf, loadDetector, speechIntervals } from './detect';
import { decodeWav } from './wav';

const sounds = join(__dirname, '..', 'sound');
const sound = decodeWav(readFileSync(join(sounds, 'two-sentences.wav')));
const expected = JSON.parse(readFileSync(join(sounds, 'two-sentences.json'), 'utf8')) as number[];

const folder = mkdtempSync(join(tmpdir(), 'mlx-speech-'));
const file = join(folder, 'weights.safetensors');
// Converted from the published file, then read from the converted one.
for (const detector of [loadDetector(file), loadDetector(file)]) {
  const likelihoods = likelihoodsOf(detector, sound);
  assert.equal(likelihoods.length, expected.length);
  // Rounding of float32, carried on by the recurrent layer through 362 chunks.
  likelihoods.forEach((one, i) => assert.ok(Math.abs(one - expected[i]!) < 1e-4, `chunk ${i}`));
}
assert.deepEqual(
  speechIntervals(expected).map(({ begin, end }) => [begin.toFixed(1), end.toFixed(1)]),
  [
    // Two phrases and a sentence; the noise between and the tone after them are none.
    ['1.0', '1.8'],
    ['2.1', '4.3'],
    ['6.1', '9.2'],
  ],
);
rmSync(folder, { recursive: true });
