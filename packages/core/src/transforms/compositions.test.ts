import * as mx from '../index';

// Every transform, applied to a function of one number, gives the function again or its
// derivative; so any composition has a closed form.

type ScalarFunction = (x: mx.array) => mx.array;

interface Transform {
  readonly apply: (f: ScalarFunction) => ScalarFunction;
  /** How often it differentiates. */
  readonly order: 0 | 1;
}

const one = mx.array(1);

const transforms: Record<string, Transform> = {
  grad: { apply: (f) => mx.grad(f), order: 1 },
  jvp: { apply: (f) => (x) => mx.jvp(f, [x], [one])[1][0]!, order: 1 },
  vjp: { apply: (f) => (x) => mx.vjp(f, [x], [one])[1][0]!, order: 1 },
  vmap: {
    apply: (f) => (x) =>
      mx
        .vmap(f)(mx.stack([x.add(1), x]))
        .index(1),
    order: 0,
  },
  compile: { apply: (f) => mx.compile(f), order: 0 },
  shapeless: { apply: (f) => mx.compile(f, true), order: 0 },
  checkpoint: { apply: (f) => mx.checkpoint(f), order: 0 },
  custom: {
    apply: (f) =>
      mx
        .customFunction(f)
        .vjp(([x], cotangent) => cotangent.multiply(mx.vjp(f, [x], [one])[1][0]!))
        .jvp(([x], [tangent]) => tangent.multiply(mx.jvp(f, [x], [one])[1][0]!))
        .vmap(([x], [axis]) => [mx.vmap(f, axis as number)(x), 0]),
    order: 0,
  },
};

interface Case {
  readonly f: ScalarFunction;
  /** The function and its first three derivatives. */
  readonly closed: readonly ((x: number) => number)[];
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const weights = mx.array([1, 2]);

const cases: Record<string, Case> = {
  'x^3': {
    f: (x) => x.power(3),
    closed: [(x) => x ** 3, (x) => 3 * x ** 2, (x) => 6 * x, () => 6],
  },
  sin: {
    f: (x) => mx.sin(x),
    closed: [Math.sin, Math.cos, (x) => -Math.sin(x), (x) => -Math.cos(x)],
  },
  'x e^2x': {
    f: (x) => mx.exp(x.add(x)).multiply(x),
    closed: [0, 1, 2, 3].map(
      (n) => (x: number) => (2 ** n * x + n * 2 ** (n - 1)) * Math.exp(2 * x),
    ),
  },
  log: {
    f: (x) => mx.log(x),
    closed: [Math.log, (x) => 1 / x, (x) => -1 / x ** 2, (x) => 2 / x ** 3],
  },
  'log of a sum of exponentials': {
    f: (x) => mx.logsumexp(mx.stack([x, mx.array(0)])),
    closed: [
      (x) => Math.log(1 + Math.exp(x)),
      sigmoid,
      (x) => sigmoid(x) * (1 - sigmoid(x)),
      (x) => sigmoid(x) * (1 - sigmoid(x)) * (1 - 2 * sigmoid(x)),
    ],
  },
  'a product of matrices': {
    f: (x) => mx.matmul(mx.stack([x, x.square()]).reshape(1, 2), weights.reshape(2, 1)).sum(),
    closed: [(x) => x + 2 * x ** 2, (x) => 1 + 4 * x, () => 4, () => 0],
  },
  'sorting and indexing': {
    // Below 1 the square is the smaller.
    f: (x) =>
      mx
        .sort(mx.stack([x, x.square()]))
        .multiply(weights)
        .index('::-1')
        .sum(),
    closed: [(x) => x ** 2 + 2 * x, (x) => 2 * x + 2, () => 2, () => 0],
  },
  'a convolution': {
    f: (x) =>
      mx
        .conv1d(mx.stack([x, x.power(2), x.power(3)]).reshape(1, 3, 1), weights.reshape(1, 2, 1))
        .sum(),
    closed: [
      (x) => x + 3 * x ** 2 + 2 * x ** 3,
      (x) => 1 + 6 * x + 6 * x ** 2,
      (x) => 6 + 12 * x,
      () => 12,
    ],
  },
  'a scatter, a mean and a variance': {
    f: (x) => {
      const a = mx
        .zeros([4])
        .at([1, 1, 2])
        .add(mx.stack([x, x, x.square()]));
      return a.mean().multiply(4).add(mx.variance(a).multiply(0));
    },
    closed: [(x) => 2 * x + x ** 2, (x) => 2 + 2 * x, () => 2, () => 0],
  },
};

const names = Object.keys(transforms);
const tuples = (length: number): string[][] =>
  length === 0 ? [[]] : tuples(length - 1).flatMap((head) => names.map((name) => [...head, name]));

/** Applies the transforms from the innermost, which stands last. */
function compose(f: ScalarFunction, tuple: readonly string[]): [ScalarFunction, number] {
  const chosen = tuple.map((name) => transforms[name]!);
  const order = chosen.reduce((sum, transform) => sum + transform.order, 0);
  return [chosen.reduceRight((inner, transform) => transform.apply(inner), f), order];
}

function check(kind: string, tuple: readonly string[], at: number): void {
  const { f, closed } = cases[kind]!;
  const [composed, order] = compose(f, tuple);
  const expected = closed[order]!(at);
  const context = `${tuple.join(' of ')} of ${kind} at ${at}`;
  try {
    const got = composed(mx.array(at));
    expect(got.shape).toEqual([]);
    expect(Math.abs(got.item() - expected)).toBeLessThan(2e-4 * (1 + Math.abs(expected)));
  } catch (error) {
    throw new Error(`${context}, expected ${expected}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

describe.each(Object.keys(cases))('compositions on %s', (kind) => {
  test('every transform and every pair', () => {
    for (const tuple of [...tuples(1), ...tuples(2)])
      for (const at of [0.7, 0.3]) check(kind, tuple, at);
  });

  test('every triple', () => {
    for (const tuple of tuples(3)) check(kind, tuple, 0.6);
  });
});

describe('higher orders', () => {
  test.each([
    [['grad', 'grad', 'grad']],
    [['jvp', 'jvp', 'jvp']],
    [['vjp', 'jvp', 'grad']],
    [['compile', 'grad', 'compile', 'grad', 'compile', 'grad']],
    [['grad', 'checkpoint', 'jvp', 'custom', 'vjp', 'vmap']],
    [['vmap', 'grad', 'vmap', 'grad', 'vmap', 'grad', 'compile']],
  ])('%s', (tuple) => {
    for (const kind of Object.keys(cases)) check(kind, tuple, 0.55);
  });

  test('calling a composition again, with other values, uses nothing stale', () => {
    const [composed] = compose(cases.sin!.f, ['compile', 'grad', 'compile', 'custom']);
    for (const at of [0.1, 0.9, 0.1, 0.5])
      expect(composed(mx.array(at)).item()).toBeCloseTo(Math.cos(at), 5);
  });

  test('a Hessian from vmap of jvp of grad', () => {
    const f = (x: mx.array): mx.array => mx.sum(x.power(3)).add(x.prod());
    const at = mx.array([1, 2, 3]);
    const column = (direction: mx.array): mx.array => mx.jvp(mx.grad(f), [at], [direction])[1][0]!;
    expect(mx.vmap(column)(mx.eye(3)).tolist()).toEqual([
      [6, 3, 2],
      [3, 12, 1],
      [2, 1, 18],
    ]);
  });
});
