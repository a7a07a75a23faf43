// The network gives what onnxruntime gives for the published file (fixture.mjs wrote that down).
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linesOf } from './lines';
import { likeliest, loadRecognizer, readingOf } from './read';

const folder = join(__dirname, '..', 'picture');
const expected = JSON.parse(readFileSync(join(folder, 'page.json'), 'utf8')) as {
  classes: number[];
  likelihoods: number[];
}[];
const lines = linesOf(readFileSync(join(folder, 'page.png')));
assert.equal(lines.length, expected.length);

const temporary = mkdtempSync(join(tmpdir(), 'mlx-text-'));
const file = join(temporary, 'weights.safetensors');
// Converted from the published file, then read from the converted one.
for (const recognizer of [loadRecognizer(file), loadRecognizer(file)])
  lines.forEach((line, i) => {
    const [classes, likelihoods] = likeliest(recognizer, line);
    assert.deepEqual(classes, expected[i]!.classes);
    // Rounding of float32 through 40 layers.
    likelihoods.forEach((one, place) =>
      assert.ok(Math.abs(one - expected[i]!.likelihoods[place]!) < 1e-3, `line ${i}, ${place}`),
    );
  });
assert.deepEqual(
  expected.map(({ classes, likelihoods }) => readingOf(classes, likelihoods).text),
  ['Arrays are lazy: nothing is computed', 'until a value is asked for.', 'Page 42, 17 March 2026'],
);
rmSync(temporary, { recursive: true });
