// The networks give what tfjs gives for the published ones (fixture.mjs wrote that down).
import * as mx from '@mlx/core';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutFaces, distances, findFaces, loadNetworks, readPicture, toSquare } from './compare';
import { detectorSize } from './detector';
import { faceApi } from './weights';

const expected = JSON.parse(readFileSync(join(__dirname, '..', 'sample1.json'), 'utf8')) as {
  cells: number[];
  faces: number[];
};
const picture = readPicture(join(faceApi, 'demo', 'sample1.jpg'));
const folder = mkdtempSync(join(tmpdir(), 'mlx-faces-'));

/** The largest difference, beside the largest of the numbers. */
function error(a: mx.array, b: number[]): number {
  const wanted = mx.array(b).reshape(a.shape);
  const largest = mx.max(mx.abs(wanted));
  return mx.divide(mx.max(mx.abs(mx.subtract(a, wanted))), largest).item();
}

// Converted from the published files, then read from the converted ones.
for (const networks of [loadNetworks(folder), loadNetworks(folder)]) {
  // Rounding of float32 through 12 and 29 layers.
  const cells = networks.detector(toSquare(picture, detectorSize));
  assert.ok(error(cells, expected.cells) < 1e-4);
  const faces = findFaces(networks, picture);
  assert.equal(faces.length, 3);
  const described = networks.descriptor(cutFaces(picture, faces));
  assert.ok(error(described, expected.faces) < 1e-4);

  // The three are different people, and each is nearest to itself in another size.
  const half = toSquare(picture, Math.round(Math.max(...picture.shape) / 2));
  const smaller = networks.descriptor(cutFaces(half, findFaces(networks, half)));
  distances(described, smaller).forEach((row, i) => {
    assert.equal(row.indexOf(Math.min(...row)), i);
    assert.ok(row[i]! < 0.5, `${row[i]}`);
  });
}
rmSync(folder, { recursive: true });
