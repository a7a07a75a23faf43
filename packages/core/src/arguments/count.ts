/** Throws for arguments of a function that takes none; `undefined` is none. */
export function refuseArguments(values: readonly unknown[], name: string): void {
  if (values.some((value) => value !== undefined))
    throw new TypeError(`[${name}] Too many arguments; it takes none.`);
}

/** Throws for arguments behind the stream. */
export function checkStreamIsLast(count: number, most: number, name: string): void {
  if (count > most) throw new TypeError(`[${name}] Too many arguments; the stream is the last.`);
}

/** Throws for more arguments than a function takes that has a fixed number of them. */
export function checkCount(count: number, most: number, name: string): void {
  if (count > most) throw new TypeError(`[${name}] Too many arguments; it takes at most ${most}.`);
}
