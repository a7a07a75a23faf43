import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linesOf } from './lines';
import { likeliest, loadRecognizer, readingOf, weightsFile } from './read';

const [file = join(__dirname, '..', 'picture', 'page.png')] = process.argv.slice(2);
try {
  const recognizer = loadRecognizer(weightsFile);
  for (const line of linesOf(readFileSync(file))) {
    const { text, certainty } = readingOf(...likeliest(recognizer, line));
    console.log(`${String(Math.round(100 * certainty)).padStart(3)} %  ${text}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
