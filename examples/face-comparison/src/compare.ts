import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { decode } from 'jpeg-js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertDescriptor, FaceDescriptor, faceSize } from './descriptor';
import { convertDetector, detectorSize, FaceDetector, facesIn, type Face } from './detector';
import { load } from './weights';

export const weightsFolder = join(__dirname, '..', 'output');

/** Two faces nearer than this are taken for one person's. */
export const threshold = 0.6;

export interface Networks {
  detector: FaceDetector;
  descriptor: FaceDescriptor;
}

export function loadNetworks(folder: string): Networks {
  return {
    detector: load(new FaceDetector(), 'tiny_face_detector', convertDetector, folder),
    descriptor: load(new FaceDescriptor(), 'face_recognition', convertDescriptor, folder),
  };
}

/** Red, green and blue in 0 to 255, shape `[1, height, width, 3]`. */
export function readPicture(file: string): mx.array {
  const { data, width, height } = decode(readFileSync(file), { useTArray: true });
  const pixels = mx.array(data).reshape(1, height, width, 4);
  return pixels.index('...', mx.Slice(0, 3)).astype(mx.float32);
}

/** A picture scaled so that its longer side has a size, with black below or at its right. */
export function toSquare(picture: mx.array, size: number): mx.array {
  const [, height, width] = picture.shape as [number, number, number];
  const longer = Math.max(height, width);
  // A little more, as sizes are rounded down.
  const scaled = nn.upsampleLinear(picture, (size + 0.01) / longer, { antialias: true });
  const fill = (axis: number): [number, number] => [0, size - scaled.shape[axis]!];
  return mx.pad(scaled, [[0, 0], fill(1), fill(2), [0, 0]]);
}

export function findFaces({ detector }: Networks, picture: mx.array): Face[] {
  const output = detector(toSquare(picture, detectorSize)).index(0);
  return facesIn(output, Math.max(picture.shape[1]!, picture.shape[2]!));
}

/** The squares around faces, shape `[faces, 150, 150, 3]`. */
export function cutFaces(picture: mx.array, faces: readonly Face[]): mx.array {
  const [, height, width] = picture.shape as [number, number, number];
  return mx.concatenate(
    faces.map((face) => {
      const side = Math.max(face.width, face.height);
      const begin = (middle: number) => Math.max(Math.round(middle - side / 2), 0);
      const [left, top] = [begin(face.left + face.width / 2), begin(face.top + face.height / 2)];
      const rows = mx.Slice(top, Math.min(top + Math.round(side), height));
      const columns = mx.Slice(left, Math.min(left + Math.round(side), width));
      return toSquare(picture.index(':', rows, columns), faceSize);
    }),
  );
}

/** The distances between each face of one picture and each of another. */
export function distances(a: mx.array, b: mx.array): number[][] {
  const difference = mx.subtract(mx.expandDims(a, 1), mx.expandDims(b, 0));
  return mx.linalg.norm(difference, null, -1).tolist<number[][]>();
}
