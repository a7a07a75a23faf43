import { runMain } from '@mlx/example-shared';
import { join } from 'node:path';
import { parseOptions, usage } from './options';
import { runExample } from './run';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) {
    console.log(usage);
    return;
  }
  await runExample(options, join(__dirname, '..', 'output'));
}

runMain(main, usage);
