import { runMain } from '@mlx/example-shared';
import { markedPicture, readPicture } from '@mlx/example-shared/dist/pictures';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFaces, loadFaceDetector, sample } from './index';

runMain(async () => {
  const [file = sample(1)] = process.argv.slice(2);
  const faces = findFaces(loadFaceDetector(), readPicture(file));
  const marks = faces.map((face) => ({ ...face, text: `${Math.round(100 * face.score)} %` }));
  for (const { left, top, width, height, text } of marks) {
    const [x, y, w, h] = [left, top, width, height].map(Math.round);
    console.log(`${text} at ${x}, ${y}: ${w} x ${h}`);
  }
  const shown = join(__dirname, '..', 'output', 'faces.svg');
  writeFileSync(shown, markedPicture(file, marks));
  console.log(shown);
});
