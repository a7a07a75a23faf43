import { argumentsOf, checkResult, type Core } from '../../../../fixtures/check';
import { loadFixtures, type Case } from '../../../../fixtures/load';
import * as mx from '../index';

const fixtures = loadFixtures('linalg');
const core = mx as unknown as Core;

type Linalg = Record<string, (...args: unknown[]) => mx.array | mx.array[]>;

/** The result that a case speaks of: one of several, or what doesn't depend on choices in it. */
function select(results: mx.array | mx.array[], place: string[]): mx.array {
  const [index, view] = place;
  if (index === 'sorted') return sortComplex(results as mx.array);
  const result = Array.isArray(results) ? results[Number(index)]! : results;
  if (view === 'abs') return mx.abs(result);
  return view === 'projection' ? project(results as mx.array[], Number(index)) : result;
}

/** By real and then imaginary parts. */
function sortComplex(a: mx.array): mx.array {
  const pairs = a.tolist() as unknown as { re: number; im: number }[];
  // Conjugate pairs may differ in the last place of their real parts.
  const key = ({ re, im }: { re: number; im: number }) => Math.round(re * 1e4) + Math.sign(im) / 4;
  return mx.array([...pairs].sort((p, q) => key(p) - key(q)) as unknown as mx.array, mx.complex64);
}

/** The projection on the singular vectors of one side. */
function project(usv: mx.array[], index: number): mx.array {
  const side = usv[index]!;
  const vectors = index === 2 ? mx.conj(side.swapaxes(-1, -2)) : side;
  const kept = vectors.index('...', new mx.Slice(0, usv[1]!.shape.at(-1)));
  return kept.matmul(mx.conj(kept.swapaxes(-1, -2)));
}

function compute({ function: path, options }: Case, args: unknown[]): mx.array {
  const [name, ...place] = path.split('/');
  const run = (mx.linalg as unknown as Linalg)[name!]!;
  const settings = options ? [readOptions(options)] : [];
  if (place.at(-1) !== 'grad') return select(run(...args, ...settings), place);
  const weights = args.at(-1) as mx.array;
  const loss = (x: mx.array) =>
    mx.sum(select(run(x, ...args.slice(1, -1)), place).multiply(weights)).real;
  return mx.grad(loss)(args[0] as mx.array);
}

/** JSON has no infinities. */
function readOptions(options: Record<string, unknown>): Record<string, unknown> {
  const { ord } = options;
  return typeof ord === 'string' && ord.endsWith('Infinity')
    ? { ...options, ord: Number(ord) }
    : options;
}

const byFunction = new Map<string, Case[]>();
for (const test of fixtures.cases)
  byFunction.set(test.function, [...(byFunction.get(test.function) ?? []), test]);

test.each([...byFunction])('%s agrees with NumPy, SciPy and PyTorch', (name, cases) => {
  cases.forEach((test, i) => {
    const args = argumentsOf(core, fixtures, test.args);
    try {
      checkResult(core, fixtures, test, compute(test, args));
    } catch (error) {
      const shapes = args.map((a) => (a instanceof mx.array ? `${a.dtype}(${a.shape})` : a));
      const options = JSON.stringify(test.options);
      throw new Error(
        `case ${i}, ${name}(${shapes.join(', ')}, ${options}): ${(error as Error).message}`,
        { cause: error },
      );
    }
  });
});
