import { runMain } from '@mlx/example-shared';
import { markedPicture, readPicture } from '@mlx/example-shared/dist/pictures';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findLines, loadTextDetector, poster } from './index';

runMain(async () => {
  const [file = poster] = process.argv.slice(2);
  const lines = findLines(loadTextDetector(), readPicture(file));
  const percent = (score: number) => `${Math.round(100 * score)} %`;
  for (const { left, top, width, height, score } of lines) {
    const [x, y, w, h] = [left, top, width, height].map(Math.round);
    console.log(`${percent(score)} at ${x}, ${y}: ${w} x ${h}`);
  }
  const shown = join(__dirname, '..', 'output', 'lines.svg');
  const marks = lines.map((line) => ({ ...line, text: percent(line.score) }));
  writeFileSync(shown, markedPicture(file, marks));
  console.log(shown);
});
