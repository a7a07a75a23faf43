// The whole example on a few steps of a small model, for `npm test`.
import { OptionError } from '@mlx/example-shared';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseOptions, type Options } from './options';
import { runExample } from './run';
import { loadSpeeches } from './speeches';
import { Tokenizer } from './tokenizer';

function optionsOf(output: string, ...args: string[]): Options {
  return parseOptions(['--output', output, '--sample', '20', ...args]) as Options;
}

async function main(): Promise<void> {
  for (const args of [['--steps', '0'], ['--heads', '3'], ['--resume', '--dims', '8'], ['--speed']])
    assert.throws(() => parseOptions(args), OptionError);

  const [speech] = loadSpeeches().validation;
  const unusual = `${speech} “naïve” 东 \n\n 3.14`;
  const tokenizer = Tokenizer.train([speech!], 400);
  const tokens = tokenizer.encode(unusual);
  assert.equal(tokenizer.decode(tokens), unusual);
  assert.ok(tokens.length < 0.6 * unusual.length, `${tokens.length} tokens`);

  const output = mkdtempSync(join(tmpdir(), 'mlx-transformer-lm-'));
  const [whole, halves] = [join(output, 'whole'), join(output, 'halves')];
  const sizes = ['--layers', '1', '--dims', '32', '--context', '32', '--vocabulary', '300'];
  const schedule = ['--steps', '40', '--checkpoint-every', '20'];
  try {
    await assert.rejects(runExample(optionsOf(output, '--resume')), OptionError);
    const { losses, text } = await runExample(optionsOf(whole, ...sizes, ...schedule));
    assert.ok(losses.at(-1)! < 0.85 * losses[0]!, `losses ${losses[0]} to ${losses.at(-1)}`);
    assert.match(text!, /^My fellow citizens/);

    // Stopped in the middle and resumed, it does the very same steps.
    setTimeout(() => process.emit('SIGINT'), 0);
    const first = await runExample(optionsOf(halves, ...sizes, ...schedule));
    assert.ok(first.step < 40, `${first.step} steps before the interrupt`);
    assert.equal(first.text, undefined);
    const second = await runExample(optionsOf(halves, '--resume'));
    assert.equal(second.step, 40);
    assert.deepEqual([...first.losses, ...second.losses], losses);
    assert.equal(second.text, text);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

void main();
