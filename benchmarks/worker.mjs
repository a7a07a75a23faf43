// A process that times one case for each line it is sent.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a worker answers for a case that it doesn't have. */
export const none = 'none';

export class Worker {
  #child;
  #lines;
  #name;

  constructor(command, args, environment = {}) {
    this.#name = args.at(-1);
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...unheld(), ...environment },
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Milliseconds; undefined when the worker doesn't have the case. */
  async time(name) {
    this.#child.stdin.write(`${name}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#name} ended during ${name}`);
    return value === none ? undefined : Number(value);
  }

  stop() {
    this.#child.stdin.end();
  }
}

/** The environment, without what holds OpenBLAS to older processors' kernels on some machines. */
function unheld() {
  const variables = Object.entries(process.env);
  return Object.fromEntries(variables.filter(([name]) => !name.startsWith('OPENBLAS_')));
}

/**
 * Serves a worker's cases by their makers: each makes its inputs once and returns the work. `tidy` is
 * called between two cases.
 */
export async function serve(makers, tidy) {
  let made;
  for await (const name of createInterface({ input: process.stdin })) {
    if (!(name in makers)) {
      console.log(none);
      continue;
    }
    if (made?.name !== name) {
      tidy?.();
      made = { name, work: await makers[name]() };
      // Until V8 has compiled what it runs; a training has thousands of steps.
      const end = performance.now() + 500;
      while (performance.now() < end) await made.work();
    }
    // Others ran since the last turn: the first run finds cold caches and sleeping threads.
    await made.work();
    const times = [];
    for (let total = 0; total < 40 || times.length < 3; total += times.at(-1)) {
      const begin = performance.now();
      // Awaited only if it has to be: that takes some microseconds.
      const result = made.work();
      if (result instanceof Promise) await result;
      times.push(performance.now() - begin);
    }
    times.sort((p, q) => p - q);
    console.log(times[times.length >> 1]);
  }
}
