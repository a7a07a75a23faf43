// The network gives what onnxruntime gives for the published file (fixture.mjs wrote that down).
import * as mx from '@mlx/core';
import { assertClose, inTemporaryFolder } from '@mlx/example-shared/dist/comparison';
import { readPicture } from '@mlx/example-shared/dist/pictures';
import { findLines, loadTextDetector, poster } from '@mlx/example-text-detection';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { likeliest, loadRecognizer, readingOf, recognizerInput } from './read';

const expected = JSON.parse(readFileSync(join(__dirname, '..', 'expected.json'), 'utf8')) as {
  classes: number[];
  likelihoods: number[];
}[];

inTemporaryFolder((temporary) => {
  const picture = readPicture(poster);
  const lines = findLines(loadTextDetector(join(temporary, 'detector.safetensors')), picture);
  assert.equal(lines.length, expected.length);
  const file = join(temporary, 'recognizer.safetensors');
  // Converted from the published file, then read from the converted one.
  for (const recognizer of [loadRecognizer(file), loadRecognizer(file)])
    lines.forEach((line, i) => {
      const [classes, likelihoods] = likeliest(recognizer, recognizerInput(picture, line));
      assert.deepEqual(classes, expected[i]!.classes);
      // Rounding of float32 through 40 layers.
      assertClose(mx.array(likelihoods), expected[i]!.likelihoods, 1e-3, `line ${i}`);
    });
});
assert.deepEqual(
  expected.map(({ classes, likelihoods }) => readingOf(classes, likelihoods).text),
  [
    ...['HARBOUR', 'BOOKS', 'Maps,charts and old novels'],
    ...['Coffee', '2.80', 'Apple cake', '3.50', '-20%', 'this Friday'],
    ...['Open daily from 9:30 to 18:00', 'Quay Street 17, tel. 0431 556 021'],
  ],
);
