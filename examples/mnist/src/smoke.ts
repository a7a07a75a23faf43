// The whole example on a few steps, for `npm test`.
import { OptionError, readOptions } from '@mlx/example-shared';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import commandLine from './options.cjs';
import { runExample, type Options } from './run';

const parseOptions = (args: string[]) => readOptions(commandLine, args);

async function main(): Promise<void> {
  assert.throws(() => parseOptions(['--model', 'rnn']), OptionError);
  assert.throws(() => parseOptions(['--epochs', '0']), OptionError);
  assert.throws(() => parseOptions(['--speed', '1']), OptionError);
  assert.throws(() => parseOptions(['--seed', '']), OptionError);
  assert.equal(parseOptions(['--model', 'cnn', '--help']), null);

  const output = mkdtempSync(join(tmpdir(), 'mlx-mnist-'));
  try {
    for (const args of [[], ['--model', 'cnn', '--optimizer', 'sgd']]) {
      const options = parseOptions(args) as Options;
      const result = await runExample(options, output, 30);
      assert.equal(result.reloadedAccuracy, result.accuracy);
      // Guessing reaches a tenth.
      assert.ok(result.accuracy > 0.5, `accuracy ${result.accuracy} after 30 steps`);
      const [chart, sheet] = result.files.map((file) => readFileSync(file, 'latin1'));
      assert.match(chart!, /^<svg [^]*prefers-color-scheme: dark[^]*>30<\/text>/);
      assert.match(sheet!, /read as/);
    }
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

void main();
