import { writeFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { imageSize, type Digits } from './data';

const background = '#ffffff';
const ink = '#334155';
const grid = '#e2e8f0';
const line = '#2563eb';

function text(x: number, y: number, content: string, anchor = 'middle', size = 13): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" fill="${ink}">${content}</text>`;
}

function svg(width: number, height: number, parts: string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `font-family="Helvetica, Arial, sans-serif">\n` +
    `<rect width="100%" height="100%" fill="${background}"/>\n${parts.join('\n')}\n</svg>\n`
  );
}

/** The loss of every step on a logarithmic scale, faint, and its running mean. */
export function writeLossCurve(file: string, losses: number[]): void {
  const [width, height] = [720, 420];
  const plot = { left: 64, right: width - 24, top: 44, bottom: height - 52 };
  const lowest = Math.floor(Math.log10(Math.max(Math.min(...losses), 1e-4)));
  const highest = Math.ceil(Math.log10(Math.max(...losses)));
  const x = (step: number) =>
    plot.left + ((plot.right - plot.left) * step) / Math.max(losses.length - 1, 1);
  const y = (loss: number) => {
    const share = (Math.log10(Math.max(loss, 10 ** lowest)) - lowest) / (highest - lowest || 1);
    return plot.bottom - (plot.bottom - plot.top) * share;
  };
  const path = (values: number[]) =>
    values.map((v, i) => `${i ? 'L' : 'M'}${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join('');

  let mean = losses[0]!;
  const smooth = losses.map((loss) => (mean = 0.95 * mean + 0.05 * loss));
  const parts = [text(width / 2, 26, 'training loss', 'middle', 16)];
  for (let power = lowest; power <= highest; ++power) {
    const at = y(10 ** power);
    parts.push(
      `<line x1="${plot.left}" x2="${plot.right}" y1="${at}" y2="${at}" stroke="${grid}"/>`,
      text(plot.left - 8, at + 4, String(Number((10 ** power).toPrecision(1))), 'end'),
    );
  }
  for (let i = 0; i <= 5; ++i) {
    const step = Math.round(((losses.length - 1) * i) / 5);
    parts.push(text(x(step), plot.bottom + 20, String(step)));
  }
  parts.push(
    text((plot.left + plot.right) / 2, height - 12, 'step'),
    `<path d="${path(losses)}" fill="none" stroke="${line}" stroke-opacity="0.25"/>`,
    `<path d="${path(smooth)}" fill="none" stroke="${line}" stroke-width="2"/>`,
  );
  writeFileSync(file, svg(width, height, parts));
}

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
      'middle',
      16,
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
        'middle',
        12,
      ),
    );
  });
  writeFileSync(file, svg(columns * cell + 24, 60 + rows * (cell + 6), parts));
}
