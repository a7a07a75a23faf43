// Writes what onnxruntime computes for the picture; the smoke test compares. Run by hand after the
// build: examples/shared/onnxruntime.mjs says with what.
import * as mx from '@mlx/core';
import { writeFileSync } from 'node:fs';
import { networkOf } from '../shared/onnxruntime.mjs';
import pictures from '../shared/dist/pictures.js';
import lines from './dist/lines.js';
import detection from './dist/index.js';

const run = await networkOf(detection.publishedFile, 'x');
const input = lines.detectorInput(pictures.readPicture(detection.poster));
const { values, shape } = await run(input.transpose(0, 3, 1, 2));
const rounded = lines
  .sampled(mx.array(values).reshape(shape).index(':', 0))
  .tolist()
  .map((one) => Number(one.toFixed(6)));
writeFileSync(new URL('./expected.json', import.meta.url), `${JSON.stringify(rounded)}\n`);
