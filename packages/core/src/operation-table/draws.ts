import * as mx from '../index';
import { input, key, operation, sample, type Operation, type Options } from './operation';
import { between } from './values';

// A draw is a function of its key.
const single: Partial<Options> = { dtypes: [mx.float32], differentiable: false };
const smooth: Partial<Options> = { dtypes: [mx.float32] };
const { random } = mx;

export const draws: readonly Operation[] = [
  operation('random.split', [sample((k) => random.split(k, 3), key)], single),
  operation(
    'random.uniform',
    [
      sample((k) => random.uniform(0, 1, [7], mx.float32, k), key),
      sample((k, a, b) => random.uniform(a, b, [2, 3], mx.float32, k), key, [3], [2, 1]),
    ],
    smooth,
  ),
  operation(
    'random.normal',
    [
      sample((k) => random.normal([7], { key: k }), key),
      sample((k, loc, scale) => random.normal([2, 3], mx.float32, loc, scale, k), key, [3], [2, 1]),
    ],
    smooth,
  ),
  operation(
    'random.multivariateNormal',
    [sample((k, mean) => random.multivariateNormal(mean, mx.eye(3), [4], mx.float32, k), key, [3])],
    smooth,
  ),
  operation(
    'random.randint',
    [sample((k) => random.randint(-3, 9, [7], mx.int32, k), key)],
    single,
  ),
  operation(
    'random.bernoulli',
    [
      sample((k) => random.bernoulli(0.3, [7], k), key),
      sample((k, p) => random.bernoulli(p, null, k), key, input([5], between(0, 1))),
    ],
    single,
  ),
  operation(
    'random.truncatedNormal',
    [sample((k) => random.truncatedNormal(-1, 2, [7], mx.float32, k), key)],
    single,
  ),
  operation('random.gumbel', [sample((k) => random.gumbel([7], mx.float32, k), key)], single),
  operation(
    'random.laplace',
    [sample((k) => random.laplace([7], mx.float32, 0, 1, k), key)],
    single,
  ),
  operation(
    'random.categorical',
    [
      sample((k, logits) => random.categorical(logits, { key: k }), key, [3, 5]),
      sample((k, logits) => random.categorical(logits, { numSamples: 4, key: k }), key, [3, 5]),
      sample((k, logits) => random.categorical(logits, { shape: [2, 3], key: k }), key, [3, 5]),
    ],
    single,
  ),
  operation(
    'random.permutation',
    [
      sample((k, a) => random.permutation(a, 0, k), key, [5, 2]),
      sample((k) => random.permutation(6, 0, k), key),
    ],
    single,
  ),
];
