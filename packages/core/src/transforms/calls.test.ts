import * as mx from '../index';

// How transforms are called: options stand from any place on, and trees are told from options.

const square = (...given: mx.array[]): mx.array =>
  given.reduce((total, one) => total.add(one.square()), mx.array(0));
const named = ({ a, b }: { a: mx.array; b: mx.array }): mx.array => a.multiply(b).sum();
const x = mx.array([1, 2]);
const rows = mx.array([
  [1, 2],
  [3, 4],
]);

type AnyFunction = (...values: unknown[]) => unknown;

/** A transform, what the made function is called with, and options that aren't the defaults. */
const table: [string, AnyFunction, AnyFunction, unknown[], Record<string, unknown>][] = [
  [
    'grad',
    mx.grad as AnyFunction,
    named as AnyFunction,
    [{ a: x, b: x }],
    { argnums: [0], argnames: 'b' },
  ],
  [
    'valueAndGrad',
    mx.valueAndGrad as AnyFunction,
    named as AnyFunction,
    [{ a: x, b: x }],
    { argnums: [0], argnames: ['a'] },
  ],
  [
    'vmap',
    mx.vmap as AnyFunction,
    ((a: mx.array) => a) as AnyFunction,
    [rows],
    { inAxes: 1, outAxes: 1 },
  ],
  [
    'compile',
    mx.compile as AnyFunction,
    square as AnyFunction,
    [x],
    { inputs: [x], outputs: { held: [] }, shapeless: true },
  ],
];

const show = (value: unknown): unknown =>
  value instanceof mx.array
    ? value.tolist()
    : Array.isArray(value)
      ? value.map(show)
      : value !== null && typeof value === 'object'
        ? Object.entries(value).map(show)
        : value;

test.each(table)('%s', (name, transform, fn, given, options) => {
  const values = Object.values(options);
  const names = Object.keys(options).join(', ');
  const run = (...settings: unknown[]): unknown =>
    show((transform(fn, ...settings) as AnyFunction)(...given));
  const expected = run(...values);
  for (let from = 0; from < values.length; from++)
    expect(
      run(...values.slice(0, from), Object.fromEntries(Object.entries(options).slice(from))),
    ).toEqual(expected);
  const refused = (...settings: unknown[]) => expect(() => transform(fn, ...settings));
  if (name !== 'vmap')
    refused({ nothing: true }).toThrow(
      new TypeError(`[${name}] Unknown option nothing; the options are ${names}.`),
    );
  refused(...values, 0).toThrow(new TypeError(`[${name}] Too many arguments; it takes ${names}.`));
  refused(Symbol('wrong')).toThrow(`[${name}] `);
});

test('a boolean is shapeless wherever it stands, and trees of state are no options', () => {
  const compile = mx.compile as AnyFunction;
  for (const settings of [[true], [null, true], [[x], true], [null, null, true], [undefined, true]])
    expect(show((compile(square, ...settings) as AnyFunction)(x))).toEqual([1, 4]);
  const state = { weights: x, shift: x };
  const shifted = mx.compile((a: mx.array) => a.add(state.shift), state);
  expect(shifted(x).tolist()).toEqual([2, 4]);
});

test.each([
  ['vjp', 'cotangents', [2, 4]],
  ['jvp', 'tangents', [6]],
] as const)('%s takes what stands for arrays, and nothing more', (name, vectors, expected) => {
  const products = mx[name] as AnyFunction;
  const fn = (a: mx.array): mx.array => a.square().sum();
  const direction = name === 'vjp' ? [1] : [[1, 1]];
  for (const settings of [
    [[x], direction],
    [[[1, 2]], direction],
    [[x], { [vectors]: direction }],
    [{ primals: [x], [vectors]: direction }],
  ]) {
    const [, [result]] = products(fn, ...settings) as [unknown, mx.array[]];
    expect([result!.tolist()].flat()).toEqual(expected);
  }
  const list = `fun, primals, ${vectors}`;
  expect(() => products(fn, [x], direction, 1)).toThrow(
    new TypeError(`[${name}] Too many arguments; it takes ${list}.`),
  );
  expect(() => products(fn, [x], { nothing: 1 })).toThrow(
    new TypeError(`[${name}] Unknown option nothing; the options are ${list}.`),
  );
  expect(() => products(fn, x, direction)).toThrow(`[${name}] primals must be a list of arrays`);
});

test.each(['hanning', 'hamming', 'blackman', 'bartlett'] as const)('%s', (name) => {
  const window = mx[name] as AnyFunction;
  const expected = show(window(5));
  expect(show(window(5, mx.cpu))).toEqual(expected);
  expect(show(window(5, { stream: mx.cpu }))).toEqual(expected);
  expect(() => window(5, { nothing: 1 })).toThrow(
    `[${name}] Unknown option nothing; the options are `,
  );
  expect(() => window(2.5)).toThrow(`[${name}] M must be an integer, but got 2.5.`);
  expect(() => window()).toThrow(`[${name}] The argument M is required`);
});

test('a compiled function takes lists that stand in each other many times, and traces once', () => {
  let shared: unknown[] = [x];
  for (let i = 0; i < 40; i++) shared = [shared, shared];
  let traces = 0;
  const first = mx.compile((_tree: unknown[]) => {
    traces++;
    return x;
  });
  for (let i = 0; i < 3; i++) first(shared);
  expect(traces).toBe(1);
  expect(() => first(new Array<unknown>(2 ** 32 - 1))).toThrow(/^\[compile\] A list of 4294967295/);
});
