// Writes what tfjs computes for the faces of a sample; the smoke test compares. Run by hand after the
// build.
import { writeFileSync } from 'node:fs';
import {
  findFaces,
  loadFaceDetector,
  publishedFiles,
  sample,
} from '../face-detection/dist/index.js';
import { readPicture } from '../shared/dist/pictures.js';
import { faceapi, load, tensorOf, valuesOf } from '../shared/face-api.mjs';
import { cutFaces } from './dist/compare.js';

const picture = readPicture(sample(1));
const faces = cutFaces(picture, findFaces(loadFaceDetector(), picture));
const files = publishedFiles('face_recognition');
const descriptor = load(new faceapi.FaceRecognitionNet(), ...files);
const described = await descriptor.forward(faceapi.tf.unstack(tensorOf(faces)));
const values = await valuesOf(described);
writeFileSync(new URL('./expected.json', import.meta.url), `${JSON.stringify(values)}\n`);
process.exit(0);
