import * as mx from '../index';
import {
  halves,
  indices,
  input,
  operation,
  sample,
  type Input,
  type Operation,
  type Options,
} from './operation';
import { between, below } from './values';

const single = [mx.float32, ...halves];
const product: Partial<Options> = { dtypes: single, relativeTo: 'largest', ulps: 16 };
const weight: Input = { ...input([6, 64], between(-1, 1)), dtype: mx.float32 };
const stacked: Input = { ...input([3, 6, 64], between(-1, 1)), dtype: mx.float32 };

/** Words of codes none of which stands for NaN in any mode. */
const codes = (...shape: number[]): Input => ({
  shape,
  values: (random, count) => below(1 << 30)(random, count).map((word) => word & 0x3f3f3f3f),
  dtype: mx.uint32,
});
/** Scales as they are in the modes without biases; none of these codes is far from 1. */
const coded = (...shape: number[]): Input => ({
  shape,
  values: (random, count) => below(12)(random, count).map((value) => value + 50),
  dtype: mx.uint8,
});

/** For each mode without biases: its name, the words and the scales of rows of 64. */
const modes = [
  ['mxfp4', 8, 2],
  ['mxfp8', 16, 2],
  ['nvfp4', 8, 4],
] as const;

export const quantized: readonly Operation[] = [
  operation(
    'quantize',
    [
      sample((w) => mx.quantize(w), [6, 64]),
      sample((w) => mx.quantize(w, 32, 3), [2, 3, 32]),
      sample((w) => mx.quantize(w, { mode: 'mxfp4' }), [6, 64]),
      sample((w) => mx.quantize(w, { mode: 'nvfp4' }), [6, 64]),
      sample((w) => mx.quantize(w, { mode: 'mxfp8' }), [6, 64]),
    ],
    // Rounding to codes is no small change.
    { dtypes: [mx.float32], differentiable: false },
  ),
  operation(
    'dequantize',
    [
      sample(
        (codes, scales, biases) => mx.dequantize(codes, scales, biases),
        { shape: [6, 8], values: below(1 << 30), dtype: mx.uint32 },
        input([6, 1]),
        input([6, 1]),
      ),
      sample(
        (codes, scales, biases) => mx.dequantize(codes, scales, biases, 32, 8),
        { shape: [2, 3, 8], values: below(1 << 30), dtype: mx.uint32 },
        input([2, 3, 1]),
        input([2, 3, 1]),
      ),
      ...modes.map(([mode, words, groups]) =>
        sample(
          (w, scales) => mx.dequantize(w, scales, { mode, dtype: mx.float32 }),
          codes(3, words),
          coded(3, groups),
        ),
      ),
    ],
    product,
  ),
  operation('toFp8', [sample((a) => mx.toFp8(a), [3, 5])], {
    dtypes: single,
    differentiable: false,
  }),
  operation(
    'fromFp8',
    [
      sample((a) => mx.fromFp8(a), { shape: [3, 5], values: below(120), dtype: mx.uint8 }),
      sample((a) => mx.fromFp8(a, mx.float32), {
        shape: [37],
        values: below(120),
        dtype: mx.uint8,
      }),
    ],
    { dtypes: [mx.float32], differentiable: false },
  ),
  operation(
    'quantizedMatmul',
    [
      sample((x, w) => mx.quantizedMatmul(x, ...mx.quantize(w)), [3, 64], weight),
      sample(
        (x, w) => {
          const [codes, scales, biases] = mx.quantize(w, 32, 8);
          return mx.quantizedMatmul(x, codes, scales, biases, false, 32, 8);
        },
        [2, 3, 6],
        weight,
      ),
      sample(
        (x, w) => {
          const [codes, scales] = mx.quantize(w, { mode: 'mxfp4' });
          return mx.quantizedMatmul(x, codes, scales, { mode: 'mxfp4' });
        },
        [3, 64],
        weight,
      ),
      sample(
        (x, w, scales, biases) => mx.quantizedMatmul(x, w, scales, biases),
        [2, 64],
        codes(3, 8),
        input([3, 1]),
        input([3, 1]),
      ),
      ...modes.map(([mode, words, groups]) =>
        sample(
          (x, w, scales) => mx.quantizedMatmul(x, w, scales, { mode }),
          input([2, 64]),
          codes(3, words),
          coded(3, groups),
        ),
      ),
    ],
    { ...product, dtypes: [mx.float32] },
  ),
  operation(
    'gatherQmm',
    [
      sample(
        (x, w, left, right) => {
          const [codes, scales, biases] = mx.quantize(w);
          return mx.gatherQmm(x, codes, scales, biases, left, right);
        },
        [2, 3, 64],
        stacked,
        indices([4], 2),
        indices([4], 3),
      ),
      ...modes.map(([mode, words, groups]) =>
        sample(
          (x, w, scales, left, right) =>
            mx.gatherQmm(x, w, scales, { lhsIndices: left, rhsIndices: right, mode }),
          input([2, 2, 64]),
          codes(3, 4, words),
          coded(3, 4, groups),
          indices([4], 2),
          indices([4], 3),
        ),
      ),
    ],
    { ...product, dtypes: [mx.float32] },
  ),
  operation(
    'qqmm',
    [
      sample(
        (x, w) => {
          const [codes, scales] = mx.quantize(w, { mode: 'nvfp4' });
          return mx.qqmm(x, codes, scales);
        },
        [3, 64],
        weight,
      ),
      sample((x, w) => mx.qqmm(x, w, { mode: 'mxfp8' }), [3, 64], weight),
    ],
    // The values go through codes, so differences see steps; the C++ tests know the formula.
    { ...product, dtypes: [mx.float32], differentiable: false },
  ),
  operation(
    'gatherQqmm',
    [
      sample(
        (x, w, left, right) => {
          const [codes, scales] = mx.quantize(w, { mode: 'nvfp4' });
          return mx.gatherQqmm(x, codes, scales, left, right);
        },
        [2, 3, 64],
        stacked,
        indices([4], 2),
        indices([4], 3),
      ),
    ],
    { ...product, dtypes: [mx.float32], differentiable: false },
  ),
];
