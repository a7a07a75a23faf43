import * as mx from '../index';

// Shares of exponentials in JavaScript's doubles, relative to the largest.

type Numbers = readonly number[];

function shares(x: Numbers): number[] {
  const largest = Math.max(...x);
  const terms = x.map((one) => Math.exp(one - largest));
  const total = terms.reduce((sum, term) => sum + term, 0);
  return terms.map((term) => term / total);
}

/** Equal infinities have no difference, and share alike as other ties do. */
const shareBeside = (x: number, other: number): number =>
  x === other ? 0.5 : 1 / (1 + Math.exp(other - x));

const dot = (a: Numbers, b: Numbers): number => a.reduce((sum, one, i) => sum + one * b[i]!, 0);

const numbersOf = (a: mx.array): number[] => [
  ...(a.astype(mx.float64).flatten().toTypedArray() as Float64Array),
];

/** Units of rounding that a result of sums may be away, relative to 1. */
const tolerances = new Map([
  [mx.float16, 2 ** -8],
  [mx.bfloat16, 2 ** -5],
  [mx.float32, 2 ** -20],
  [mx.float64, 2 ** -48],
]);

const huge = [...tolerances.keys()].map((dtype) => [dtype, mx.finfo(dtype).max] as const);

const rowsOf = (max: number): number[][] => [
  [0.5, -1, 2, 0.25],
  [3, 3, 3],
  [100, 100, 99],
  [max / 4, max / 4, 0],
  [0, 0, max / 4],
  [-max / 4, -max / 4, -max / 4, 3],
  [max, -max, 0],
  [max, max, max],
  [-max, -max],
  [-Infinity, -Infinity, 0, -Infinity, 1],
  [-Infinity, max, max],
  [7],
];

function expectClose(got: mx.array, want: Numbers, dtype: mx.Dtype, row: Numbers): void {
  const values = numbersOf(got);
  const near = values.every((one, i) => Math.abs(one - want[i]!) <= tolerances.get(dtype)!);
  if (!near) throw new Error(`[${row.join()}]: [${values.join()}] instead of [${want.join()}]`);
}

describe.each(huge)('gradients of %s at huge, tied and infinite values', (dtype, max) => {
  const weightsOf = (row: Numbers): number[] => row.map((_, i) => (i % 3) - 0.5);

  test('softmax', () => {
    for (const row of rowsOf(max)) {
      const x = mx.array(row, dtype);
      const weights = weightsOf(row);
      const p = shares(numbersOf(x));
      const mean = dot(p, weights);
      // The Jacobian is symmetric.
      const want = p.map((one, i) => one * (weights[i]! - mean));
      const v = mx.array(weights, dtype);
      for (const axis of [-1, null]) {
        const f = (a: mx.array): mx.array => mx.softmax(a, axis);
        expectClose(mx.vjp(f, [x], [v])[1][0]!, want, dtype, row);
        expectClose(mx.jvp(f, [x], [v])[1][0]!, want, dtype, row);
      }
    }
  });

  test('logsumexp', () => {
    for (const row of rowsOf(max)) {
      const x = mx.array(row, dtype);
      const p = shares(numbersOf(x));
      const weights = weightsOf(row);
      const v = mx.array(weights, dtype);
      expectClose(mx.grad((a: mx.array) => mx.logsumexp(a))(x), p, dtype, row);
      expectClose(mx.jvp((a) => mx.logsumexp(a), [x], [v])[1][0]!, [dot(p, weights)], dtype, row);
      // Down the columns of a matrix, and over two axes at once.
      const columns = mx.stack([x, x], 1);
      const each = mx.grad((a: mx.array) => mx.logsumexp(a, 0).index(1))(columns);
      expectClose(
        each,
        p.flatMap((one) => [0, one]),
        dtype,
        row,
      );
      const all = mx.grad((a: mx.array) => mx.logsumexp(a, [0, 1]))(columns);
      expectClose(
        all,
        p.flatMap((one) => [one / 2, one / 2]),
        dtype,
        row,
      );
    }
  });

  test('logaddexp', () => {
    const ends = [-Infinity, -max, -max / 4, -1, 0, 1, 100, max / 4, max, Infinity];
    for (const first of ends)
      for (const second of ends) {
        const [x, y] = [mx.array(first, dtype), mx.array(second, dtype)];
        const want = [shareBeside(first, second), shareBeside(second, first)];
        const got = mx.grad((a: mx.array, b: mx.array) => mx.logaddexp(a, b), [0, 1])(x, y);
        expectClose(mx.stack(got), want, dtype, [first, second]);
        const tangents = [mx.array(2, dtype), mx.array(-1, dtype)];
        const tangent = mx.jvp((a, b) => mx.logaddexp(a, b), [x, y], tangents)[1][0]!;
        expectClose(tangent, [2 * want[0]! - want[1]!], dtype, [first, second]);
      }
  });
});

test('a row of nothing but minus infinity has no shares', () => {
  const x = mx.full([2], -Infinity);
  expect(mx.logsumexp(x).item()).toBe(-Infinity);
  expect(
    mx
      .grad((a: mx.array) => mx.logsumexp(a))(x)
      .tolist(),
  ).toEqual([NaN, NaN]);
  expect(mx.softmax(x).tolist()).toEqual([NaN, NaN]);
});
