import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as mx from '../index';

type Values = [shape: number[], values: number[]];
type Part =
  | number
  | boolean
  | string
  | null
  | { slice: [number | null, number | null, number] }
  | { array: number[]; shape: number[] }
  | { mask: number[]; shape: number[] };

interface Case {
  shape: number[];
  index: Part[];
  part: Values;
  value: Values;
  set: number[] | null;
  added: number[];
}

const file = join(__dirname, '..', '..', '..', '..', 'fixtures', 'indexing.json.gz');
const cases = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Case[];

const integers = (values: number[], shape: number[]): mx.array =>
  mx.array(Int32Array.from(values)).reshape(shape);

function decoded(part: Part): mx.Index {
  if (typeof part !== 'object' || part === null) return part;
  if ('slice' in part) return mx.Slice(...part.slice);
  if ('mask' in part) return integers(part.mask, part.shape).astype(mx.bool_);
  return integers(part.array, part.shape);
}

function check(a: mx.array, shape: number[], values: number[], what: string): void {
  const found = { what, shape: a.shape, values: Array.from(a.toTypedArray() as Int32Array) };
  expect(found).toEqual({ what, shape, values });
}

test('random index expressions read and write what they do in NumPy', () => {
  cases.forEach(({ shape, index, part, value, set, added }, i) => {
    const size = shape.reduce((product, n) => product * n, 1);
    const a = mx.arange(0, size, 1, mx.int32).reshape(shape);
    const parts = index.map(decoded);
    const what = `case ${i}: (${shape.join()}) at ${JSON.stringify(index)}`;
    try {
      check(a.index(...parts), ...part, `${what}, read`);
      const given = integers(value[1], value[0]);
      if (set !== null) check(mx.array(a).indexPut_(parts, given), shape, set, `${what}, set`);
      check(a.at(...parts).add(given), shape, added, `${what}, add`);
    } catch (error) {
      if (
        error instanceof mx.ShapeError ||
        error instanceof RangeError ||
        error instanceof TypeError
      )
        throw new Error(`${what}: ${error.message}`, { cause: error });
      throw error;
    }
  });
});
