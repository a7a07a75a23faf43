import * as mx from '../index';
import {
  all,
  inexact,
  input,
  named,
  numbers,
  operation,
  reals,
  sample,
  withArguments,
  type Operation,
  type Options,
} from './operation';
import { between, distinct, ternary, type Values } from './values';

const some = [0, -1, null, [0, 2], [-1, -2], []];

function reduction(name: string, values: Values, options: Partial<Options> = {}): Operation {
  return operation(
    name,
    [
      ...withArguments(name, [input([3, 4, 5], values)], ...some.map((axis) => [axis])),
      ...withArguments(name, [input([2, 3], values)], [0, true], [null, true]),
      ...withArguments(name, [input([], values)], []),
      ...withArguments(name, [input([70], values)], [0]),
      ...withArguments(name, [input([3, 0], values)], [0]),
      ...withArguments(name, [input([0, 3], values)], [1]),
    ],
    { relativeTo: 'largest', ...options },
  );
}

function scan(name: string, values: Values, options: Partial<Options> = {}): Operation[] {
  const call = named(name);
  const all: Partial<Options> = { relativeTo: 'largest', ...options };
  return [
    operation(
      name,
      [
        ...withArguments(name, [input([3, 4, 5], values)], [0], [1], [-1], [null]),
        sample((a) => call(a, { axis: -1, reverse: true }), input([3, 9], values)),
        sample((a) => call(a, 0), input([0, 2], values)),
      ],
      all,
    ),
    operation(
      name,
      [
        sample((a) => call(a, { axis: 0, inclusive: false }), input([6, 2], values)),
        sample((a) => call(a, 1, true, false), input([2, 5], values)),
      ],
      // The least integer, with which an exclusive cummax begins, is each dtype's own.
      { ...all, widens: name !== 'cummax' && name !== 'cummin' },
    ),
  ];
}

function softmaxLike(name: string, lists: readonly (readonly unknown[])[]): Operation {
  return operation(
    name,
    [
      ...withArguments(name, [[3, 4, 5]], ...lists),
      ...withArguments(name, [[70]], [0]),
      ...withArguments(name, [[0, 3]], [-1]),
    ],
    { relativeTo: 'largest' },
  );
}

const half = between(-2, 2);
const nearOne = between(0.6, 1.6);

export const reductions: readonly Operation[] = [
  reduction('sum', half, { dtypes: all }),
  reduction('prod', nearOne, { dtypes: numbers, ulps: 8 }),
  reduction('mean', half, { dtypes: all }),
  reduction('variance', half, { dtypes: reals, ulps: 8 }),
  operation(
    'std',
    withArguments('std', [input([3, 4, 5], half)], [0], [-1, true], [[0, 2]], [null, false, 1]),
    { dtypes: reals, relativeTo: 'largest', ulps: 8 },
  ),
  operation(
    'max',
    [
      ...withArguments(
        'max',
        [input([3, 4, 5], distinct)],
        ...some.slice(0, 5).map((axis) => [axis]),
      ),
      ...withArguments('max', [input([70], distinct)], [0, true]),
    ],
    { dtypes: all },
  ),
  operation(
    'min',
    [
      ...withArguments(
        'min',
        [input([3, 4, 5], distinct)],
        ...some.slice(0, 5).map((axis) => [axis]),
      ),
      ...withArguments('min', [input([70], distinct)], [0, true]),
    ],
    { dtypes: all },
  ),
  reduction('logsumexp', half),
  reduction('all', between(-1, 3), { dtypes: all, differentiable: false }),
  reduction('any', between(-3, 1), { dtypes: all, differentiable: false }),
  ...['argmax', 'argmin'].map((name) =>
    operation(
      name,
      [
        ...withArguments(name, [input([3, 4, 5], distinct)], [0], [-1, true], [1], [null]),
        ...withArguments(name, [input([4, 6], between(-1, 1))], [0], [-1]),
      ],
      { dtypes: all, differentiable: false },
    ),
  ),
  ...scan('cumsum', half, { dtypes: numbers }),
  ...scan('cumprod', nearOne, { dtypes: numbers, ulps: 16 }),
  ...scan('cummax', distinct, { dtypes: reals }),
  ...scan('cummin', distinct, { dtypes: reals }),
  ...scan('logcumsumexp', half, { dtypes: inexact, ulps: 8 }),
  softmaxLike('softmax', [[0], [-1], [null], [[0, 2]], [-1, true]]),
  ...['sort', 'argsort'].map((name) =>
    operation(
      name,
      [
        ...withArguments(name, [input([3, 4, 5], distinct)], [0], [-1], [1], [null]),
        ...withArguments(name, [input([70], distinct)], []),
        ...withArguments(name, [input([3, 0], distinct)], [-1]),
      ],
      { dtypes: [...reals, mx.bool_], differentiable: name === 'sort' },
    ),
  ),
  // Only the place kth is determined; the order at both sides is not.
  operation(
    'partition',
    [
      sample((a) => mx.take(mx.partition(a, 2), 2, -1), input([3, 7], distinct)),
      sample((a) => mx.take(mx.partition(a, -2, 0), -2, 0), input([5, 3], distinct)),
      sample((a) => mx.sum(mx.partition(a, 3, null)), input([4, 3], distinct)),
    ],
    { dtypes: reals, relativeTo: 'largest' },
  ),
  operation(
    'argpartition',
    [
      sample((a) => mx.take(mx.argpartition(a, 2), 2, -1), input([3, 7], distinct)),
      sample((a) => mx.take(mx.argpartition(a, 1, 0), 1, 0), input([5, 3], distinct)),
    ],
    { dtypes: reals, differentiable: false },
  ),
  operation(
    'topk',
    [
      sample((a) => mx.sort(mx.topk(a, 3)), input([3, 7], distinct)),
      sample((a) => mx.sort(mx.topk(a, 2, 0), 0), input([5, 3], distinct)),
    ],
    { dtypes: reals },
  ),
  operation(
    'median',
    withArguments('median', [input([3, 4, 5], distinct)], [0], [-1, true], [null], [[0, 1]]),
    { dtypes: reals },
  ),
  operation(
    'countNonzero',
    withArguments(
      'countNonzero',
      [input([3, 4, 5], ternary)],
      [],
      [{ axis: 0 }],
      [{ axis: [0, -1], keepdims: true }],
    ),
    { dtypes: all, differentiable: false },
  ),
  operation('diff', withArguments('diff', [[3, 5]], [], [2], [1, 0], [0]), {
    dtypes: numbers,
    relativeTo: 'largest',
  }),
  operation(
    'searchsorted',
    [
      sample(
        (a, v) => mx.searchsorted(mx.sort(a), v),
        input([9], distinct),
        input([2, 3], distinct),
      ),
      sample(
        (a, v) => mx.searchsorted(mx.sort(a), v, 'right'),
        input([9], distinct),
        input([], distinct),
      ),
    ],
    { dtypes: reals, differentiable: false },
  ),
];
