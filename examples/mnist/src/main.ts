import { readOptions, runMain, usage } from '@mlx/example-shared';
import { join } from 'node:path';
import commandLine from './options.cjs';
import { runExample } from './run';

async function main(): Promise<void> {
  const options = readOptions(commandLine, process.argv.slice(2));
  if (options === null) console.log(usage(commandLine));
  else await runExample(options, join(__dirname, '..', 'output'));
}

runMain(main);
