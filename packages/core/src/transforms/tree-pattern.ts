import { isArray, type MLXArray } from '../array/array';
import { treeMap } from '../trees/tree';
import { callWith, standsForTree } from './argument-swap';

/** Stands for an array. */
class Hole {
  constructor(readonly index: number) {}
}

const isHole = (leaf: unknown): boolean => leaf instanceof Hole;

/** A tree without its arrays: what remains of arguments and results when a trace is kept. */
export class TreePattern {
  readonly #pattern: unknown;
  readonly #count: number;

  constructor(tree: unknown) {
    let count = 0;
    this.#pattern = treeMap((leaf: unknown) => (isArray(leaf) ? new Hole(count++) : leaf), tree);
    this.#count = count;
  }

  /** How many arrays the tree held. */
  get count(): number {
    return this.#count;
  }

  /** The tree with something in each array's place. */
  fill(make: (index: number) => unknown): unknown {
    const pattern = this.#pattern;
    if (pattern instanceof Hole) return make(pattern.index);
    return treeMap((leaf: unknown) => (leaf instanceof Hole ? make(leaf.index) : leaf), pattern);
  }

  fillWith(arrays: readonly MLXArray[]): unknown {
    return this.fill((index) => arrays[index]);
  }
}

/** The arguments of a call without their arrays; modules among them stay themselves. */
export class ArgumentPattern {
  readonly #args: readonly unknown[];
  readonly #name: string;

  /** @param name - what the person called. */
  constructor(args: readonly unknown[], name: string) {
    this.#name = name;
    let count = 0;
    this.#args = args.map((arg) =>
      treeMap(
        (leaf: unknown) => (isArray(leaf) ? new Hole(count++) : leaf),
        arg,
        [],
        standsForTree,
      ),
    );
  }

  call(fun: (...args: never[]) => unknown, arrays: readonly MLXArray[]): unknown {
    return callWith(fun, this.#args, arrays, this.#name, isHole);
  }
}
