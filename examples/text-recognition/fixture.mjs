// Writes what onnxruntime computes for the lines of the picture; the smoke test compares. Run by hand
// after the build: examples/shared/onnxruntime.mjs says with what.
import { writeFileSync } from 'node:fs';
import detection from '@mlx/example-text-detection';
import { networkOf } from '../shared/onnxruntime.mjs';
import pictures from '../shared/dist/pictures.js';
import reading from './dist/read.js';

const picture = pictures.readPicture(detection.poster);
const run = await networkOf(reading.publishedFile, 'x');
const results = [];
for (const line of detection.findLines(detection.loadTextDetector(), picture)) {
  const input = reading.recognizerInput(picture, line);
  const { values, shape } = await run(input.transpose(0, 3, 1, 2));
  const [, places, count] = shape;
  const rows = Array.from({ length: places }, (_, i) =>
    values.subarray(i * count, (i + 1) * count),
  );
  const likelihoods = rows.map((row) => row.reduce((most, one) => Math.max(most, one), 0));
  const classes = rows.map((row, i) => row.indexOf(likelihoods[i]));
  results.push({ classes, likelihoods: likelihoods.map((one) => Number(one.toPrecision(6))) });
}
writeFileSync(new URL('./expected.json', import.meta.url), `${JSON.stringify(results)}\n`);
