import * as mx from '@mlx/core';
import type { Box } from '@mlx/example-shared/dist/boxes';
import { resize } from '@mlx/example-shared/dist/pictures';
import type { TextDetector } from './detector';

const longestSide = 960;
/** How likely a pixel has to be text, and how likely a line's pixels on average. */
const least = { pixel: 0.3, line: 0.8 };
/** The network marks the middle of lines: by this much of area / perimeter they are larger. */
const growth = 1.5;
/** Groups of fewer pixels across are spots. */
const smallestSide = 3;

/** A picture as the detector takes it: blue, green and red around 0, sizes in multiples of 32. */
export function detectorInput(picture: mx.array): mx.array {
  const [height, width] = picture.shape as [number, number];
  const factor = Math.min(1, longestSide / Math.max(height, width));
  const multiple = (size: number) => 32 * Math.max(Math.round((size * factor) / 32), 1);
  const resized = resize(picture, multiple(height), multiple(width)).divide(255);
  const colours = resized.index('...', mx.array([2, 1, 0], mx.int32)).index(null);
  return mx.divide(mx.subtract(colours, [0.485, 0.456, 0.406]), [0.229, 0.224, 0.225]);
}

/** The groups of neighbouring pixels that are likely text, as indices into the map. */
function* connected(likelihoods: readonly number[], width: number): Generator<number[]> {
  const isOpen = likelihoods.map((one) => one > least.pixel);
  for (const start of isOpen.keys()) {
    if (!isOpen[start]) continue;
    isOpen[start] = false;
    const group = [start];
    // The group grows while it is walked through.
    for (const at of group) {
      const x = at % width;
      const beside = [at - width, at + width, x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1];
      for (const next of beside.filter((one) => isOpen[one])) {
        isOpen[next] = false;
        group.push(next);
      }
    }
    yield group;
  }
}

/** The first and the last of some numbers, as a place and a size. */
function extent(values: readonly number[]): [from: number, size: number] {
  const from = values.reduce((a, b) => Math.min(a, b));
  return [from, values.reduce((a, b) => Math.max(a, b)) - from + 1];
}

/** From left to right, and those beside each other before those below. */
function inReadingOrder(boxes: readonly Box[]): Box[] {
  const rows: Box[][] = [];
  for (const box of [...boxes].sort((a, b) => a.top - b.top)) {
    const last = rows.at(-1);
    if (last && box.top + box.height / 2 < last[0]!.top + last[0]!.height) last.push(box);
    else rows.push([box]);
  }
  return rows.flatMap((row) => row.sort((a, b) => a.left - b.left));
}

/** Where the lines of text in a picture are; text that is upright. */
export function findLines(detector: TextDetector, picture: mx.array): Box[] {
  const map = detector(detectorInput(picture)).index(0);
  const [rows, columns] = map.shape as [number, number];
  const [down, across] = [picture.shape[0]! / rows, picture.shape[1]! / columns];
  const likelihoods = map.flatten().tolist<number[]>();
  const boxes: Box[] = [];
  for (const group of connected(likelihoods, columns)) {
    const [left, width] = extent(group.map((at) => at % columns));
    const [top, height] = extent(group.map((at) => Math.floor(at / columns)));
    const score = group.reduce((sum, at) => sum + likelihoods[at]!, 0) / group.length;
    if (Math.min(width, height) < smallestSide || score < least.line) continue;
    const margin = (growth * width * height) / (2 * (width + height));
    boxes.push({
      left: (left - margin) * across,
      top: (top - margin) * down,
      width: (width + 2 * margin) * across,
      height: (height + 2 * margin) * down,
      score,
    });
  }
  return inReadingOrder(boxes);
}

/** Some of a map's pixels, for comparisons. */
export function sampled(maps: mx.array): mx.array {
  return maps.flatten().index(mx.Slice(null, null, 61));
}
