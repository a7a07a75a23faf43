/** An option that can't be used; its message is for the terminal. */
export class OptionError extends Error {}

/** The value of an option that is one of a few words. */
export function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  if (!(allowed as readonly string[]).includes(value))
    throw new OptionError(`--${name} is ${allowed.join(' or ')}, not "${value}"`);
  return value as T;
}

/** The value of an option that counts something. */
export function wholeNumber(name: string, value: string, least: number): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isSafeInteger(number) || number < least)
    throw new OptionError(`--${name} is a whole number from ${least} on, not "${value}"`);
  return number;
}

/** The value of an option that is a number greater than 0. */
export function positiveNumber(name: string, value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number <= 0)
    throw new OptionError(`--${name} is a number greater than 0, not "${value}"`);
  return number;
}

/** Runs an example; an option that can't be used is told with the usage, not with a stack. */
export function runMain(main: () => Promise<void>, usage: string): void {
  main().catch((error: unknown) => {
    if (error instanceof OptionError) console.error(`${error.message}\n\n${usage}`);
    else console.error(error);
    process.exitCode = 1;
  });
}
