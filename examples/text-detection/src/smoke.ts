// The network gives what onnxruntime gives for the published file (fixture.mjs wrote that down).
import { assertClose, inTemporaryFolder } from '@mlx/example-shared/dist/comparison';
import { readPicture } from '@mlx/example-shared/dist/pictures';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findLines, loadTextDetector, poster } from './index';
import { detectorInput, sampled } from './lines';

const file = join(__dirname, '..', 'expected.json');
const expected = JSON.parse(readFileSync(file, 'utf8')) as number[];
const picture = readPicture(poster);

inTemporaryFolder((temporary) => {
  const file = join(temporary, 'weights.safetensors');
  // Converted from the published file, then read from the converted one.
  for (const detector of [loadTextDetector(file), loadTextDetector(file)]) {
    // Rounding of float32 through 60 layers.
    assertClose(sampled(detector(detectorInput(picture))), expected, 1e-4, 'likelihoods');
    assert.equal(findLines(detector, picture).length, 11);
  }
});
