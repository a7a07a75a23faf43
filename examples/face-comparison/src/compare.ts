import * as mx from '@mlx/core';
import { publishedFiles, toSquare } from '@mlx/example-face-detection';
import type { Box } from '@mlx/example-shared/dist/boxes';
import { cut } from '@mlx/example-shared/dist/pictures';
import { loadConverted } from '@mlx/example-shared/dist/published-weights';
import { readTfjsWeights } from '@mlx/example-shared/dist/tfjs-weights';
import { join } from 'node:path';
import { convertDescriptor, FaceDescriptor, faceSize } from './descriptor';

/** Two faces nearer than this are taken for one person's; dlib, which turns faces upright, takes 0.6. */
export const threshold = 0.5;

const weightsFile = join(__dirname, '..', 'output', 'face-descriptor.safetensors');

/** The published network; its weights are converted once, into a file of safetensors. */
export function loadFaceDescriptor(file = weightsFile): FaceDescriptor {
  return loadConverted(new FaceDescriptor(), file, () =>
    convertDescriptor(readTfjsWeights(...publishedFiles('face_recognition'))),
  );
}

/** The squares around faces, shape `[faces, 150, 150, 3]`. */
export function cutFaces(picture: mx.array, faces: readonly Box[]): mx.array {
  const squares = faces.map((face) => {
    const side = Math.max(face.width, face.height);
    const begin = (middle: number) => Math.max(Math.round(middle - side / 2), 0);
    const left = begin(face.left + face.width / 2);
    const top = begin(face.top + face.height / 2);
    return toSquare(cut(picture, { ...face, left, top, width: side, height: side }), faceSize);
  });
  return mx.stack(squares);
}

/** The distances between each face of one picture and each of another. */
export function distances(a: mx.array, b: mx.array): number[][] {
  const difference = mx.subtract(mx.expandDims(a, 1), mx.expandDims(b, 0));
  return mx.linalg.norm(difference, null, -1).tolist<number[][]>();
}
