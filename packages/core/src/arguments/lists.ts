/** The most elements of a list of arrays or of settings: a list that promises more is no real one. */
export const mostElements = 2 ** 20;
/** The most values of a list of numbers, which is what V8's own lists hold. */
export const mostValues = 2 ** 27;

const mostLevels = 256;

/** Throws where lists or trees are nested too deep: one that contains itself would have no end. */
export function checkDepth(depth: number, name: string): void {
  if (depth > mostLevels)
    throw new RangeError(
      `[${name}] The value is nested more than ${mostLevels} levels deep, or contains itself.`,
    );
}

/** The most nodes of a tree: lists that stand in each other several times can have no end. */
export const mostNodes = 2 ** 20;

/** Bounds a walk over lists and objects in each other. */
export class Walk {
  #left = mostNodes;

  /** @param name - what the person called. */
  constructor(readonly name: string) {}

  /** Counts a node; throws RangeError if it is too deep, or one too many. */
  visit(level: number): void {
    checkDepth(level, this.name);
    if (this.#left-- <= 0)
      throw new RangeError(`[${this.name}] A tree has at most ${mostNodes} nodes.`);
  }
}

/** The length of a list, which a proxy may give as anything. */
export function lengthOf(list: { length: number }, name: string, most: number): number {
  const length: unknown = list.length;
  if (!Number.isInteger(length) || (length as number) < 0)
    throw new TypeError(`[${name}] A list has the length ${String(length)}.`);
  if ((length as number) > most)
    throw new RangeError(
      `[${name}] A list of ${String(length)} elements was given; at most ${most} are taken.`,
    );
  return length as number;
}

/**
 * A list's elements, each read once: getters and proxies may answer otherwise the next time, and
 * may run anything, so that nothing of the engine's is looked at before.
 */
export function copyList<T>(list: readonly T[], name: string, most = mostElements): T[] {
  const length = lengthOf(list, name, most);
  const copy: T[] = [];
  for (let i = 0; i < length; i++) copy.push(list[i]!);
  return copy;
}
