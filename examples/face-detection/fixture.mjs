// Writes what tfjs computes for a sample; the smoke test compares. Run by hand after the build.
import { writeFileSync } from 'node:fs';
import { readPicture } from '../shared/dist/pictures.js';
import { faceapi, load, tensorOf, valuesOf } from '../shared/face-api.mjs';
import { detectorInput, publishedFiles, sample } from './dist/index.js';

const files = publishedFiles('tiny_face_detector');
const detector = load(new faceapi.TinyFaceDetector(), ...files);
const input = tensorOf(detectorInput(readPicture(sample(1))));
const cells = await valuesOf(await detector.forward(input, input.shape[1]));
writeFileSync(new URL('./expected.json', import.meta.url), `${JSON.stringify(cells)}\n`);
process.exit(0);
