import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { likelihoodsOf, loadDetector, speechIntervals, timeline, weightsFile } from './detect';
import { decodeWav } from './wav';

const [file = join(__dirname, '..', 'sound', 'two-sentences.wav')] = process.argv.slice(2);
try {
  const sound = decodeWav(readFileSync(file));
  const likelihoods = likelihoodsOf(loadDetector(weightsFile), sound);
  const width = process.stdout.columns ?? 80;
  const line = timeline(likelihoods);
  for (let at = 0; at < line.length; at += width) console.log(line.slice(at, at + width));
  for (const { begin, end } of speechIntervals(likelihoods))
    console.log(`speech from ${begin.toFixed(2)} s to ${end.toFixed(2)} s`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
