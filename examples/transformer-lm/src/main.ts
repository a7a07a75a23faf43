import { runMain } from '@mlx/example-shared';
import { parseOptions, usage } from './options';
import { runExample } from './run';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) console.log(usage);
  else await runExample(options);
}

runMain(main);
