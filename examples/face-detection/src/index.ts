import * as mx from '@mlx/core';
import type { Box } from '@mlx/example-shared/dist/boxes';
import { loadConverted } from '@mlx/example-shared/dist/published-weights';
import { readTfjsWeights } from '@mlx/example-shared/dist/tfjs-weights';
import * as nn from '@mlx/nn';
import { dirname, join } from 'node:path';
import { convertDetector, detectorSize, FaceDetector, facesIn } from './detector';

const faceApi = dirname(require.resolve('@vladmandic/face-api/package.json'));
const weightsFile = join(__dirname, '..', 'output', 'face-detector.safetensors');

/** A picture of people that the package has. */
export function sample(number: number): string {
  return join(faceApi, 'demo', `sample${number}.jpg`);
}

/** The two files of a network that the package has. */
export function publishedFiles(name: string): [manifest: string, weights: string] {
  const path = join(faceApi, 'model', `${name}_model`);
  return [`${path}-weights_manifest.json`, `${path}.bin`];
}

/** The published network; its weights are converted once, into a file of safetensors. */
export function loadFaceDetector(file = weightsFile): FaceDetector {
  return loadConverted(new FaceDetector(), file, () =>
    convertDetector(readTfjsWeights(...publishedFiles('tiny_face_detector'))),
  );
}

/** A picture scaled so that its longer side has a size, with black below or at its right. */
export function toSquare(picture: mx.array, size: number): mx.array {
  // A little more, as sizes are rounded down.
  const factor = (size + 0.01) / Math.max(...picture.shape);
  const scaled = nn.upsampleLinear(picture.index(null), factor, { antialias: true }).index(0);
  const fill = (axis: number): [number, number] => [0, size - scaled.shape[axis]!];
  return mx.pad(scaled, [fill(0), fill(1), [0, 0]]);
}

/** A picture as the detector takes it. */
export function detectorInput(picture: mx.array): mx.array {
  return toSquare(picture, detectorSize).index(null);
}

/** The faces in a picture, from left to right. */
export function findFaces(detector: FaceDetector, picture: mx.array): Box[] {
  const cells = detector(detectorInput(picture)).index(0);
  return facesIn(cells, Math.max(...picture.shape));
}
