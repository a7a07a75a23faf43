import { join } from 'node:path';
import { OptionError, parseOptions, usage } from './options';
import { runExample } from './run';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) {
    console.log(usage);
    return;
  }
  await runExample(options, join(__dirname, '..', 'output'));
}

main().catch((error: unknown) => {
  if (error instanceof OptionError) console.error(`${error.message}\n\n${usage}`);
  else console.error(error);
  process.exitCode = 1;
});
