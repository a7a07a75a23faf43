import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { PNG } from 'pngjs';

/** The height of a line that the network was trained with. */
const lineHeight = 48;
/** How much darker than the page a row's darkest pixel is, if something is written there. */
const leastContrast = 0.3;

/** Blue, green and red in 0 to 1, shape `[height, width, 3]`: the network's order of colours. */
function decode(file: Buffer): mx.array {
  const { data, width, height } = PNG.sync.read(file);
  const pixels = mx.array(new Uint8Array(data)).reshape(height, width, 4);
  return pixels
    .index('...', mx.array([2, 1, 0], mx.int32))
    .astype(mx.float32)
    .divide(255);
}

/** From where to where marks stand in a row of booleans. */
function runs(marks: readonly boolean[]): [begin: number, end: number][] {
  const found: [number, number][] = [];
  marks.forEach((mark, i) => {
    if (!mark) return;
    const last = found.at(-1);
    if (last?.[1] === i) last[1] = i + 1;
    else found.push([i, i + 1]);
  });
  return found;
}

/**
 * The lines of a page with text upright on a light ground, each `[1, 48, width, 3]` in -1 to 1: where
 * no row between is dark, a line ends.
 */
export function linesOf(file: Buffer): mx.array[] {
  const picture = decode(file);
  const grey = mx.mean(picture, -1);
  const ground = mx.median(grey).item();
  const isDark = mx.less(grey, ground - leastContrast);
  const [height, width] = grey.shape as [number, number];
  return runs(mx.any(isDark, 1).tolist<boolean[]>())
    .filter(([top, bottom]) => bottom - top > 4)
    .map(([top, bottom]) => {
      const columns = runs(mx.any(isDark.index(mx.Slice(top, bottom)), 0).tolist<boolean[]>());
      const margin = Math.ceil((bottom - top) / 4);
      const rows = mx.Slice(Math.max(top - margin, 0), Math.min(bottom + margin, height));
      const [left, right] = [columns[0]![0], columns.at(-1)![1]];
      const across = mx.Slice(Math.max(left - margin, 0), Math.min(right + margin, width));
      return prepare(picture.index(rows, across));
    });
}

/** Scales a picture to the height of the network's lines, and its values to -1 to 1. */
function prepare(picture: mx.array): mx.array {
  // A little more than the height, which is rounded down.
  const factor = (lineHeight + 0.01) / picture.shape[0]!;
  const scaled = nn.upsampleLinear(mx.expandDims(picture, 0), factor, { antialias: true });
  return scaled.multiply(2).subtract(1);
}
