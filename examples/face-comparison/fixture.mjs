// Writes what the published networks compute in tfjs for the faces of a sample; the smoke test compares.
// Run by hand after the build: node fixture.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const {
  cutFaces,
  findFaces,
  loadNetworks,
  readPicture,
  toSquare,
  weightsFolder,
} = require('./dist/compare.js');
const { detectorSize } = require('./dist/detector.js');
const folder = dirname(require.resolve('@vladmandic/face-api/package.json'));
// The only bundle with tfjs inside is for browsers; what it computes needs nothing of them.
globalThis.window = globalThis;
globalThis.document = { addEventListener() {}, createElement: () => ({}) };
const faceapi = await import(join(folder, 'dist', 'face-api.esm.js'));
const { tf } = faceapi;
await tf.setBackend('cpu');

async function load(net, name) {
  const file = (ending) => readFileSync(join(folder, 'model', `${name}_model${ending}`));
  const [{ weights }] = JSON.parse(file('-weights_manifest.json'));
  const bytes = new Uint8Array(file('.bin'));
  net.loadFromWeightMap(tf.io.decodeWeights(bytes.buffer, weights));
  return net;
}
const tensor = (a) => tf.tensor4d(a.toTypedArray(), a.shape);
const rounded = (values) => Array.from(values, (one) => Number(one.toPrecision(7)));

const picture = readPicture(join(folder, 'demo', 'sample1.jpg'));
const square = toSquare(picture, detectorSize);
const detector = await load(new faceapi.TinyFaceDetector(), 'tiny_face_detector');
const cells = await detector.forward(tensor(square), detectorSize);
const faces = cutFaces(picture, findFaces(loadNetworks(weightsFolder), picture));
const descriptor = await load(new faceapi.FaceRecognitionNet(), 'face_recognition');
const described = await descriptor.forward(tf.unstack(tensor(faces)));
const results = { cells: rounded(await cells.data()), faces: rounded(await described.data()) };
writeFileSync(new URL('./sample1.json', import.meta.url), `${JSON.stringify(results)}\n`);
process.exit(0);
