// How far a build of the engine is, read from what it prints.

/** What a unit takes, in seconds of a processor; only their proportions count. */
const seconds = { kernels: 27, files: 15, single: 5 };

/** The kind of a unit, from the name of its object file; see native/scripts/groups.mjs. */
export function kindOf(object) {
  return object.match(/\/groups\/\w+-(kernels|files)\.\d+\.\w+$/)?.[1] ?? 'single';
}

/** The line that announces what is to be compiled. */
export function announcement(objects) {
  const counts = { kernels: 0, files: 0, single: 0 };
  for (const object of objects) counts[kindOf(object)] += 1;
  const { kernels, files, single } = counts;
  return `${objects.length} to compile: ${kernels} of kernels, ${files} of files, ${single} single`;
}

/** Follows a build that compiles `jobs` units at a time. */
export class CompileProgress {
  total = 0;
  #jobs;
  #now;
  #weight = 0;
  #begun = [];
  #begin = 0;

  /** @param now - returns milliseconds; tests have a clock of their own. */
  constructor(jobs, now = Date.now) {
    this.#jobs = jobs;
    this.#now = now;
  }

  /** Returns what a line of the builder tells, `{ done, left }`, or undefined where it tells nothing. */
  read(line) {
    const announced = line.match(
      /^(\d+) to compile: (\d+) of kernels, (\d+) of files, (\d+) single$/,
    );
    if (announced !== null) {
      const [total, kernels, files, single] = announced.slice(1).map(Number);
      this.total = total;
      this.#weight = kernels * seconds.kernels + files * seconds.files + single * seconds.single;
      this.#begun = [];
      this.#begin = this.#now();
    }
    // make names a file when its compilation begins.
    const [, object] = line.match(/^\s*CXX\(target\) (\S+)$/) ?? [];
    if (object === undefined) return undefined;
    this.#begun.push({ weight: seconds[kindOf(object)], begin: this.#now() });
    return { done: this.#begun.length, left: this.#left() };
  }

  /** Seconds, or undefined until the first unit has been compiled. */
  #left() {
    const now = this.#now();
    const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
    const finished = sum(this.#begun.slice(0, -this.#jobs).map((unit) => unit.weight));
    if (finished === 0) return undefined;
    const running = sum(this.#begun.slice(-this.#jobs).map((unit) => now - unit.begin));
    // All are busy all the time, so what was not spent on those still running went into the rest.
    const rate = finished / (this.#jobs * (now - this.#begin) - running);
    return Math.max(0, ((this.#weight - finished) / rate - running) / this.#jobs / 1000);
  }
}
