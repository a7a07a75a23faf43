import * as mx from '../index';
import {
  floats,
  indices,
  input,
  mask,
  operation,
  sample,
  type Operation,
  type Options,
} from './operation';
import { between } from './values';

const layer: Partial<Options> = { dtypes: floats, relativeTo: 'largest', ulps: 8 };
const positive = between(0.5, 2);
const { fast } = mx;

export const fusedLayers: readonly Operation[] = [
  operation(
    'fast.rmsNorm',
    [
      sample((x, w) => fast.rmsNorm(x, w, 1e-5), [2, 3, 8], [8]),
      sample((x) => fast.rmsNorm(x, null, 0.1), [37]),
    ],
    layer,
  ),
  operation(
    'fast.layerNorm',
    [
      sample((x, w, b) => fast.layerNorm(x, w, b, 1e-5), [2, 3, 8], [8], [8]),
      sample((x, b) => fast.layerNorm(x, null, b, 0.1), [4, 9], [9]),
      sample((x) => fast.layerNorm(x, null, null, 0.1), [37]),
    ],
    layer,
  ),
  operation(
    'fast.rope',
    [
      sample((x) => fast.rope(x, 8, { base: 100 }), [2, 2, 3, 8]),
      sample(
        (x) => fast.rope(x, 4, { base: 100, traditional: true, offset: 3, scale: 0.5 }),
        [2, 3, 6],
      ),
      sample((x, freqs) => fast.rope(x, 6, { base: null, freqs }), [2, 3, 6], {
        ...input([3], positive),
        dtype: mx.float32,
      }),
      sample((x, offset) => fast.rope(x, 4, { base: 100, offset }), [2, 3, 6], indices([2], 9)),
    ],
    // Angles are computed in float32.
    { ...layer, dtypes: [mx.float32, ...floats.slice(2)] },
  ),
  operation(
    'fast.scaledDotProductAttention',
    [
      sample(
        (q, k, v) => fast.scaledDotProductAttention(q, k, v, { scale: 0.5 }),
        [1, 2, 3, 4],
        [1, 2, 5, 4],
        [1, 2, 5, 3],
      ),
      sample(
        (q, k, v) => fast.scaledDotProductAttention(q, k, v, { scale: 0.5, mask: 'causal' }),
        [2, 4, 3, 4],
        [2, 2, 5, 4],
        [2, 2, 5, 4],
      ),
      sample(
        (q, k, v, m, sinks) =>
          fast.scaledDotProductAttention(q, k, v, { scale: 0.5, mask: m, sinks }),
        [1, 2, 3, 4],
        [1, 2, 5, 4],
        [1, 2, 5, 4],
        mask([3, 5]),
        [2],
      ),
      sample(
        (q, k, v, m) => fast.scaledDotProductAttention(q, k, v, { scale: 0.5, mask: m }),
        [1, 2, 3, 4],
        [1, 2, 5, 4],
        [1, 2, 5, 4],
        [2, 3, 5],
      ),
    ],
    layer,
  ),
];
