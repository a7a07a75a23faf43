import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { decode as decodeJpeg } from 'jpeg-js';
import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import type { Box } from './boxes';

const pngSignature = '89504e470d0a1a0a';

function isPng(file: Buffer): boolean {
  return file.subarray(0, 8).toString('hex') === pngSignature;
}

/** Red, green and blue in 0 to 255 of a PNG or JPEG file, shape `[height, width, 3]`. */
export function readPicture(path: string): mx.array {
  const file = readFileSync(path);
  const { data, width, height } = isPng(file)
    ? PNG.sync.read(file)
    : decodeJpeg(file, { useTArray: true });
  const pixels = mx.array(new Uint8Array(data)).reshape(height, width, 4);
  return pixels.index('...', mx.Slice(0, 3)).astype(mx.float32);
}

/** A picture in another size. */
export function resize(picture: mx.array, height: number, width: number): mx.array {
  // A little more than the size, as sizes are rounded down.
  const factors = [height, width].map((size, axis) => (size + 0.01) / picture.shape[axis]!);
  return nn.upsampleLinear(picture.index(null), factors, { antialias: true }).index(0);
}

/** What a picture has inside a box, as far as the box is inside the picture. */
export function cut(picture: mx.array, { left, top, width, height }: Box): mx.array {
  const [rows, columns] = [
    [top, height],
    [left, width],
  ].map(([from, size], axis) => {
    const end = Math.min(Math.round(from! + size!), picture.shape[axis]!);
    return mx.Slice(Math.max(Math.round(from!), 0), end);
  });
  return picture.index(rows!, columns!);
}

/** A frame in a picture, with a text under its lower edge. */
export interface Mark extends Box {
  text?: string;
  colour?: string;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** An SVG that shows a picture file with frames and texts in it. */
export function markedPicture(path: string, marks: readonly Mark[]): string {
  const file = readFileSync(path);
  const [height, width] = readPicture(path).shape;
  const type = isPng(file) ? 'png' : 'jpeg';
  const frames = marks.map(({ left, top, width, height, text = '', colour = '#d6249f' }) => {
    const size = Math.max(height / 4, 9);
    const place = `x="${left}" y="${top}" width="${width}" height="${height}"`;
    return (
      `<rect ${place} fill="none" stroke="${colour}" stroke-width="2"/>` +
      `<text x="${left}" y="${top + height + size}" font-size="${size}" fill="${colour}" ` +
      `stroke="white" stroke-width="3" paint-order="stroke">${escapeXml(text)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}"`,
    `  font-family="sans-serif">`,
    `<image href="data:image/${type};base64,${file.toString('base64')}" width="${width}"/>`,
    ...frames,
    '</svg>\n',
  ].join('\n');
}
