// The network gives what tfjs gives for the published one (fixture.mjs wrote that down).
import { findFaces, loadFaceDetector, sample, toSquare } from '@mlx/example-face-detection';
import { assertClose, inTemporaryFolder } from '@mlx/example-shared/dist/comparison';
import { readPicture } from '@mlx/example-shared/dist/pictures';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutFaces, distances, loadFaceDescriptor } from './compare';

const file = join(__dirname, '..', 'expected.json');
const expected = JSON.parse(readFileSync(file, 'utf8')) as number[];
const picture = readPicture(sample(1));

inTemporaryFolder((temporary) => {
  const detector = loadFaceDetector(join(temporary, 'detector.safetensors'));
  const faces = cutFaces(picture, findFaces(detector, picture));
  const weights = join(temporary, 'descriptor.safetensors');
  // Converted from the published file, then read from the converted one.
  for (const descriptor of [loadFaceDescriptor(weights), loadFaceDescriptor(weights)]) {
    const described = descriptor(faces);
    // Rounding of float32 through 29 layers.
    assertClose(described, expected, 1e-4, 'faces');

    // The three are different people, and each is nearest to itself in another size.
    const half = toSquare(picture, Math.round(Math.max(...picture.shape) / 2));
    const smaller = descriptor(cutFaces(half, findFaces(detector, half)));
    distances(described, smaller).forEach((row, i) => {
      assert.equal(row.indexOf(Math.min(...row)), i);
      assert.ok(row[i]! < 0.5, `${row[i]}`);
    });
  }
});
