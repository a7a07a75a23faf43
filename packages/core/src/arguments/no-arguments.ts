/** Throws for arguments of a function that takes none; `undefined` is none. */
export function refuseArguments(values: readonly unknown[], name: string): void {
  if (values.some((value) => value !== undefined))
    throw new TypeError(`[${name}] Too many arguments; it takes none.`);
}
