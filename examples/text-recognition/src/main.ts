import { runMain } from '@mlx/example-shared';
import { markedPicture, readPicture } from '@mlx/example-shared/dist/pictures';
import { findLines, loadTextDetector, poster } from '@mlx/example-text-detection';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { likeliest, loadRecognizer, readingOf, recognizerInput } from './read';

runMain(async () => {
  const [file = poster] = process.argv.slice(2);
  const picture = readPicture(file);
  const recognizer = loadRecognizer();
  const lines = findLines(loadTextDetector(), picture).map((line) => ({
    ...line,
    ...readingOf(...likeliest(recognizer, recognizerInput(picture, line))),
  }));
  for (const { text, certainty } of lines)
    console.log(`${String(Math.round(100 * certainty)).padStart(3)} %  ${text}`);
  const shown = join(__dirname, '..', 'output', 'read.svg');
  writeFileSync(shown, markedPicture(file, lines));
  console.log(shown);
});
