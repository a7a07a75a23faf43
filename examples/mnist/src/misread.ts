import { writeFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { imageSize, type Digits } from './data';
import { svg, text } from './svg';

/** One digit, black on white, as a data URL. */
function digitImage(pixels: Float32Array): string {
  const png = new PNG({ width: imageSize, height: imageSize });
  pixels.forEach((value, i) => {
    png.data.fill(Math.round(255 * (1 - value)), 4 * i, 4 * i + 3);
    png.data[4 * i + 3] = 255;
  });
  return `data:image/png;base64,${PNG.sync.write(png).toString('base64')}`;
}

/** The misread digits, each with what it is and what it was taken for; at most 60. */
export function writeMisread(file: string, digits: Digits, predictions: Int32Array): void {
  const wrong = [...predictions.keys()].filter((i) => predictions[i] !== digits.labels[i]);
  const [columns, cell, scale] = [10, 84, 2];
  const shown = wrong.slice(0, 60);
  const rows = Math.max(Math.ceil(shown.length / columns), 1);
  const parts = [
    text(
      (columns * cell + 24) / 2,
      28,
      `${wrong.length} of ${digits.count} misread` +
        (shown.length < wrong.length ? `; the first ${shown.length}` : ''),
      'title',
    ),
  ];
  shown.forEach((index, i) => {
    const left = 12 + (i % columns) * cell + (cell - scale * imageSize) / 2;
    const top = 48 + Math.floor(i / columns) * (cell + 6);
    const size = imageSize * imageSize;
    const image = digitImage(digits.images.subarray(index * size, (index + 1) * size));
    parts.push(
      `<image x="${left}" y="${top}" width="${scale * imageSize}" height="${scale * imageSize}" ` +
        `style="image-rendering:pixelated" href="${image}"/>`,
      text(
        left + (scale * imageSize) / 2,
        top + scale * imageSize + 16,
        `${digits.labels[index]} read as ${predictions[index]}`,
      ),
    );
  });
  writeFileSync(file, svg(columns * cell + 24, 60 + rows * (cell + 6), parts));
}
