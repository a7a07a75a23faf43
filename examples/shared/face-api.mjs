// face-api with the tfjs inside of it, for the scripts that write down what its networks compute.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// The only bundle with tfjs inside is for browsers; what it computes needs nothing of them.
globalThis.window = globalThis;
globalThis.document = { addEventListener() {}, createElement: () => ({}) };
const require = createRequire(new URL('../face-detection/package.json', import.meta.url));
export const faceapi = await import(require.resolve('@vladmandic/face-api/dist/face-api.esm.js'));
const { tf } = faceapi;
await tf.setBackend('cpu');

/** Fills a network of face-api with its published weights. */
export function load(net, manifest, weights) {
  const bytes = new Uint8Array(readFileSync(weights));
  const [{ weights: entries }] = JSON.parse(readFileSync(manifest, 'utf8'));
  net.loadFromWeightMap(tf.io.decodeWeights(bytes.buffer, entries));
  return net;
}

/** The tensor of an array of pictures. */
export function tensorOf(pictures) {
  return tf.tensor4d(pictures.toTypedArray(), pictures.shape);
}

/** A tensor's values with as many digits as float32 has. */
export async function valuesOf(tensor) {
  return Array.from(await tensor.data(), (one) => Number(one.toPrecision(7)));
}
