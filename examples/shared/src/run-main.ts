import { OptionError } from './options.cjs';

/** Runs an example; an option that can't be used is told in its own words, not with a stack. */
export function runMain(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    console.error(error instanceof OptionError ? `${error.message}; see --help` : error);
    process.exitCode = 1;
  });
}
