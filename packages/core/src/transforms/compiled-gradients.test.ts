import * as mx from '../index';
import { checkSameBits } from '../operation-table/checks';
import { seeded, type Random } from '../operation-table/values';

type Unary = (a: mx.array) => mx.array;
type Binary = (a: mx.array, b: mx.array) => mx.array;

const unaries: readonly Unary[] = [
  mx.sin,
  mx.tanh,
  mx.sigmoid,
  mx.square,
  mx.abs,
  (a) => mx.exp(a.multiply(0.1)),
  (a) => a.T,
  (a) => a.index('::-1'),
  (a) => mx.softmax(a, 0),
  (a) => mx.softmax(a, -1),
  (a) => a.cumsum(0).multiply(0.1),
  (a) => a.subtract(mx.logsumexp(a, 1, true)),
  (a) => a.multiply(a.mean(0, true)),
  (a) => a.subtract(a.max(1, true)),
  (a) => a.divide(a.std(1, true).add(1)),
  (a) => a.matmul(a.T).multiply(0.05),
  (a) => a.T.matmul(a).multiply(0.05),
];

const elementwise: readonly Binary[] = [
  mx.add,
  mx.multiply,
  mx.maximum,
  (a, b) => a.divide(b.square().add(1)),
];

/** The product of two matrices in whichever way their shapes fit, if there is one. */
function product(a: mx.array, b: mx.array): mx.array {
  for (const [x, y] of [
    [a, b],
    [a.T, b],
    [a, b.T],
    [a.T, b.T],
  ] as const)
    if (x.shape[1] === y.shape[0]) return x.matmul(y).multiply(0.1);
  return a;
}

function fitted(a: mx.array, b: mx.array): mx.array {
  const [shape, turned] = [b.shape.join(), [...b.shape].reverse().join()];
  return a.shape.join() === shape ? b : a.shape.join() === turned ? b.T : a;
}

/** A function of two matrices, the same for the same numbers. */
function randomGraph(random: Random): (...inputs: mx.array[]) => mx.array {
  const below = (n: number): number => Math.floor(random() * n);
  const steps = Array.from({ length: 2 + below(7) }, () => {
    const [i, j, kind] = [below(8), below(8), random()];
    const [unary, binary] = [unaries[below(unaries.length)]!, elementwise[below(4)]!];
    return (pool: readonly mx.array[]): mx.array => {
      const [a, b] = [pool[i % pool.length]!, pool[j % pool.length]!];
      if (kind < 0.6) return unary(a);
      return kind < 0.8 ? product(a, b) : binary(a, fitted(a, b));
    };
  });
  return (...inputs) => {
    const pool = [...inputs];
    for (const step of steps) pool.push(step(pool));
    return pool
      .slice(inputs.length)
      .reduce((sum, a) => sum.add(a.astype(mx.float32).mean()), mx.array(0));
  };
}

/** Ways for a matrix to lie in memory. */
const layouts: readonly Unary[] = [
  (a) => a,
  (a) => mx.contiguous(a.T).T,
  (a) => mx.repeat(a, 2, 0).index('::2'),
];

const sizes = [3, 8, 17, 40, 65, 130];

test.each([1, 2, 3, 4, 5, 6])('compiled gradients have the bits of plain ones, seed %i', (seed) => {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  for (let graph = 0; graph < 20; graph++) {
    const f = mx.valueAndGrad(randomGraph(random), [0, 1]);
    const shape = [pick(sizes), pick(sizes)];
    const dtype = pick([mx.float32, mx.float32, mx.float16, mx.bfloat16]);
    const inputs = [0, 1].map((i) =>
      pick(layouts)(mx.random.normal(shape, { dtype, key: mx.random.key(100 * seed + i) })),
    );
    mx.evaluate(inputs);
    const flat = ([value, gradients]: readonly [unknown, unknown]): mx.array[] =>
      [value, gradients].flat() as mx.array[];
    checkSameBits(flat(mx.compile(f)(...inputs)), flat(f(...inputs)));
  }
});
