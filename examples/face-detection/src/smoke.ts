// The network gives what tfjs gives for the published one (fixture.mjs wrote that down).
import { assertClose, inTemporaryFolder } from '@mlx/example-shared/dist/comparison';
import { readPicture } from '@mlx/example-shared/dist/pictures';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { detectorInput, findFaces, loadFaceDetector, sample } from './index';

const file = join(__dirname, '..', 'expected.json');
const expected = JSON.parse(readFileSync(file, 'utf8')) as number[];
const picture = readPicture(sample(1));

inTemporaryFolder((temporary) => {
  const weights = join(temporary, 'weights.safetensors');
  // Converted from the published file, then read from the converted one.
  for (const detector of [loadFaceDetector(weights), loadFaceDetector(weights)]) {
    // Rounding of float32 through 12 layers.
    assertClose(detector(detectorInput(picture)), expected, 1e-4, 'cells');
    assert.equal(findFaces(detector, picture).length, 3);
  }
});
