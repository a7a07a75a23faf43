import { argumentsOf, checkResult, toArray, type Core } from '../../../../fixtures/check';
import { loadFixtures, type Case, type Fixtures } from '../../../../fixtures/load';
import * as mx from '../index';
import { checkSameBits, listOf, within } from './checks';
import { checkProducts } from './derivatives';
import { layouts } from './inputs';
import { named } from './operation';
import { operations } from './table';

// The fixtures are compared with NumPy, SciPy and PyTorch as they are by tests beside the sources;
// here they go through transforms, strides and traces on the way.
const files: Readonly<Record<string, string>> = {
  core: '',
  products: '',
  quantized: '',
  fft: 'fft.',
  fast: 'fast.',
  linalg: 'linalg.',
};
const core = mx as unknown as Core;

/** A case as a function of its arrays. */
interface Call {
  readonly f: (...arrays: mx.array[]) => mx.array;
  readonly arrays: mx.array[];
}

/** JSON has no infinities. */
const number = ([name, value]: [string, unknown]): [string, unknown] =>
  typeof value === 'string' && value.endsWith('Infinity') ? [name, Number(value)] : [name, value];

function callOf(fixtures: Fixtures, test: Case, path: string): Call {
  const [name, part] = path.split('/') as [string, string?];
  const arrays: mx.array[] = [];
  const collect = (arg: unknown): unknown => {
    if (Array.isArray(arg)) return arg.map(collect);
    if (typeof arg !== 'object' || arg === null || !('array' in arg))
      return argumentsOf(core, fixtures, [arg])[0];
    arrays.push(toArray(core, fixtures.array(arg.array as string)) as mx.array);
    return { place: arrays.length - 1 };
  };
  const args = test.args.map(collect);
  const fill = (arg: unknown, values: readonly mx.array[]): unknown => {
    if (Array.isArray(arg)) return arg.map((one) => fill(one, values));
    const isPlace = typeof arg === 'object' && arg !== null && 'place' in arg;
    return isPlace ? values[arg.place as number] : arg;
  };
  const rest = test.options ? [Object.fromEntries(Object.entries(test.options).map(number))] : [];
  const f = (...values: mx.array[]): mx.array => {
    const result = named(name)(...args.map((arg) => fill(arg, values)), ...rest);
    return part === undefined ? result : listOf(result)[Number(part)]!;
  };
  return { f, arrays };
}

function checkCase(fixtures: Fixtures, test: Case, path: string, turn: number): void {
  const { f, arrays } = callOf(fixtures, test, path);
  if (arrays.length === 0) return;
  const lays = Object.entries(layouts);
  const [layout, lay] = lays[turn % lays.length]!;
  within(layout, () => {
    const strided = arrays.map(lay);
    mx.eval(strided);
    checkResult(core, fixtures, test, f(...strided));
  });
  within('compile', () => checkSameBits(mx.compile(f)(...arrays), f(...arrays)));
  const axes = arrays.map((a, i) => ((turn + i) % (2 * a.ndim + 2)) - a.ndim - 1);
  within(`vmap along ${JSON.stringify(axes)}`, () => {
    const twice = arrays.map((a, i) => mx.stack([a, a], axes[i]));
    for (const result of mx.unstack(mx.vmap(f, axes)(...twice)))
      checkResult(core, fixtures, test, result);
  });
  within('jvp and vjp', () => checkForms(path, f, arrays));
}

const precise = [mx.float32, mx.float64, mx.complex64];
const derivable = new Set(operations.filter((one) => one.differentiable).map((one) => one.name));

function checkForms(path: string, f: Call['f'], arrays: mx.array[]): void {
  const isFree = arrays.map((a) => precise.includes(a.dtype));
  if (!derivable.has(path) || !isFree.includes(true)) return;
  if (!precise.includes(f(...arrays).dtype)) return;
  const primals = arrays.filter((_, i) => isFree[i]);
  const g = (...given: mx.array[]): mx.array[] => {
    let next = 0;
    return [f(...arrays.map((a, i) => (isFree[i] ? given[next++]! : a)))];
  };
  checkProducts(g, primals, primals[0]!.size);
}

describe.each(Object.entries(files))('%s fixtures, transformed', (file, prefix) => {
  const fixtures = loadFixtures(file);
  const byFunction = new Map<string, Case[]>();
  for (const test of fixtures.cases) {
    // Linear algebra's other cases are made of several steps, which have rows in the table.
    if (prefix === 'linalg.' && test.function.includes('/')) continue;
    byFunction.set(test.function, [...(byFunction.get(test.function) ?? []), test]);
  }
  test.each([...byFunction])('%s', (name, cases) => {
    cases.forEach((one, i) =>
      within(`case ${i}`, () => checkCase(fixtures, one, prefix + name, i)),
    );
  });
});
