import { gridDifference } from '../../../../fixtures/grid';
import { loadFixtures, type Case } from '../../../../fixtures/load';
import * as mx from '../index';
import { checkSameBits, listOf } from './checks';
import { named } from './operation';

/** What the rows of fixtures/core_grid_cases.py say beside their arrays. */
interface Options {
  dtype: string;
  result: string;
  settings: Record<string, unknown>;
}

type Call = (...args: unknown[]) => mx.array;

/** What has several right answers is compared by the part that has one. */
const parts: Readonly<Record<string, Call>> = {
  topk: (...args) => mx.sort(named('topk')(...args), (args[2] as number | null) ?? -1),
  partition: (...args) =>
    mx.take(named('partition')(...args), args[1] as number, (args[2] as number | null) ?? -1),
};

const fixtures = loadFixtures('core_grid');

function dtypeNamed(name: string): mx.Dtype {
  return (mx as unknown as Record<string, mx.Dtype>)[name === 'bool' ? 'bool_' : name]!;
}

function argument(arg: unknown): unknown {
  if (Array.isArray(arg)) return arg.map(argument);
  if (typeof arg !== 'object' || arg === null) return arg;
  const { values: name, kind } = arg as { values: string; kind: string };
  const { values, shape } = fixtures.array(name);
  const wide = mx.array(Float64Array.from(values as ArrayLike<number>), mx.float64);
  return wide.astype(dtypeNamed(kind)).reshape(shape);
}

function difference(test: Case): string | null {
  const { result, settings } = test.options as unknown as Options;
  const [name, part] = test.function.split('/') as [string, string?];
  const options = Object.keys(settings).length > 0 ? [settings] : [];
  const args = [...test.args.map(argument), ...options];
  const arrays = args.filter((arg) => arg instanceof mx.array);
  const call = (...given: mx.array[]): mx.array => {
    let next = 0;
    const filled = args.map((arg) => (arg instanceof mx.array ? given[next++] : arg));
    return listOf((parts[name] ?? named(name))(...filled))[Number(part ?? 0)]!;
  };
  const got = call(...arrays);
  if (got.dtype !== dtypeNamed(result)) return `dtype ${got.dtype} instead of ${result}`;
  checkSameBits(mx.compile(call)(...arrays), got);
  const values = got.astype(mx.float64).toTypedArray() as Float64Array;
  const described = { dtype: result, shape: got.shape, values };
  return gridDifference(fixtures, test.expected, described, test.ulps, test.scale!);
}

const byFunction = new Map<string, Case[]>();
for (const test of fixtures.cases)
  byFunction.set(test.function, [...(byFunction.get(test.function) ?? []), test]);

test.each([...byFunction])('%s', (_name, cases) => {
  const differences: string[] = [];
  for (const one of cases) {
    let found: string | null;
    try {
      found = difference(one);
    } catch (error) {
      found = (error as Error).message;
    }
    if (found !== null) differences.push(`${JSON.stringify([one.args, one.options])}: ${found}`);
  }
  expect(differences).toEqual([]);
});
