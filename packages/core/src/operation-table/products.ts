import * as mx from '../index';
import {
  floats,
  indices,
  inexact,
  input,
  integers,
  mask,
  operation,
  sample,
  withArguments,
  type Operation,
  type Options,
} from './operation';
import { ascending, between } from './values';

const summed: Partial<Options> = { dtypes: inexact, relativeTo: 'largest', ulps: 16 };
const real: Partial<Options> = { ...summed, dtypes: floats };
const small = between(-1, 1);

export const products: readonly Operation[] = [
  operation(
    'matmul',
    [
      ...withArguments(
        'matmul',
        [
          [3, 4],
          [4, 5],
        ],
        [],
      ),
      ...withArguments('matmul', [[4], [4]], []),
      ...withArguments('matmul', [[4], [2, 4, 3]], []),
      ...withArguments(
        'matmul',
        [
          [2, 1, 3, 4],
          [3, 4, 2],
        ],
        [],
      ),
      ...withArguments(
        'matmul',
        [
          [33, 65],
          [65, 34],
        ],
        [],
      ),
      ...withArguments(
        'matmul',
        [
          [3, 0],
          [0, 2],
        ],
        [],
      ),
    ],
    summed,
  ),
  operation(
    'addmm',
    [
      ...withArguments(
        'addmm',
        [
          [3, 5],
          [3, 4],
          [4, 5],
        ],
        [],
        [0.5, -2],
      ),
      ...withArguments('addmm', [[5], [2, 3, 4], [4, 5]], [2, 0.5]),
    ],
    summed,
  ),
  operation('outer', withArguments('outer', [[3], [4]], []), {
    ...summed,
    dtypes: [...inexact, ...integers],
  }),
  operation(
    'inner',
    [
      ...withArguments('inner', [[4], [4]], []),
      ...withArguments(
        'inner',
        [
          [3, 4],
          [2, 4],
        ],
        [],
      ),
    ],
    summed,
  ),
  operation(
    'tensordot',
    [
      ...withArguments(
        'tensordot',
        [
          [2, 3, 4],
          [3, 4, 5],
        ],
        [2],
      ),
      ...withArguments(
        'tensordot',
        [
          [2, 3, 4],
          [4, 5, 2],
        ],
        [1],
        [
          [
            [0, 2],
            [2, 0],
          ],
        ],
      ),
      ...withArguments('tensordot', [[2, 3], [4]], [0]),
    ],
    summed,
  ),
  operation(
    'kron',
    [
      ...withArguments(
        'kron',
        [
          [2, 3],
          [3, 2],
        ],
        [],
      ),
      ...withArguments('kron', [[2], [3, 2]], []),
    ],
    summed,
  ),
  operation(
    'vecdot',
    [
      ...withArguments(
        'vecdot',
        [
          [3, 4],
          [3, 4],
        ],
        [],
      ),
      sample((a, b) => mx.vecdot(a, b, { axis: 0 }), [3, 4], [3, 1]),
    ],
    summed,
  ),
  operation(
    'einsum',
    [
      sample((a, b) => mx.einsum('ij,jk->ik', a, b), [3, 4], [4, 5]),
      sample((a, b) => mx.einsum('bij,bkj->bik', a, b), [2, 3, 4], [2, 5, 4]),
      sample((a) => mx.einsum('iij->j', a), [3, 3, 2]),
      sample((a, b, c) => mx.einsum('ab,bc,cd->ad', a, b, c), [2, 3], [3, 4], [4, 2]),
      sample((a, b) => mx.einsum('...i,...i->...', a, b), [2, 3, 4], [4]),
    ],
    summed,
  ),
  operation(
    'gatherMm',
    [
      sample(
        (a, b, i, j) => mx.gatherMm(a, b, i, j),
        [3, 2, 4],
        [2, 4, 5],
        indices([4], 3),
        indices([4], 2),
      ),
      sample((a, b, j) => mx.gatherMm(a, b, null, j), [4, 2, 3], [3, 3, 2], indices([4], 3)),
    ],
    real,
  ),
  operation(
    'segmentedMm',
    [
      sample((a, b, s) => mx.segmentedMm(a, b, s.reshape([2, 2])), [3, 8], [8, 2], {
        shape: [4],
        values: ascending(2, 8),
        dtype: mx.uint32,
      }),
    ],
    real,
  ),
  operation(
    'blockMaskedMm',
    [
      sample(
        (a, b, out, left, right) => mx.blockMaskedMm(a, b, 32, out, left, right),
        input([40, 33], small),
        input([33, 34], small),
        mask([2, 2]),
        mask([2, 2]),
        mask([2, 2]),
      ),
    ],
    real,
  ),
  operation(
    'conv1d',
    [
      ...withArguments(
        'conv1d',
        [
          [2, 9, 4],
          [3, 3, 4],
        ],
        [],
        [2, 1],
        [1, 2, 2],
      ),
      ...withArguments(
        'conv1d',
        [
          [2, 9, 4],
          [4, 3, 2],
        ],
        [1, 1, 1, 2],
      ),
    ],
    real,
  ),
  operation(
    'conv2d',
    [
      ...withArguments(
        'conv2d',
        [
          [2, 6, 5, 4],
          [3, 3, 2, 4],
        ],
        [],
        [2, [1, 0]],
        [1, 1, [1, 2]],
      ),
      ...withArguments(
        'conv2d',
        [
          [1, 5, 6, 4],
          [4, 3, 3, 2],
        ],
        [1, 1, 1, 2],
      ),
    ],
    real,
  ),
  operation(
    'conv3d',
    withArguments(
      'conv3d',
      [
        [2, 4, 5, 4, 2],
        [3, 2, 3, 2, 2],
      ],
      [],
      [2, 1],
    ),
    real,
  ),
  operation(
    'convTranspose1d',
    [
      ...withArguments(
        'convTranspose1d',
        [
          [2, 5, 4],
          [3, 3, 4],
        ],
        [],
        [2, 1, 1, 1],
      ),
      ...withArguments(
        'convTranspose1d',
        [
          [2, 5, 4],
          [4, 3, 2],
        ],
        [2, 0, 2, 0, 2],
      ),
    ],
    real,
  ),
  operation(
    'convTranspose2d',
    withArguments(
      'convTranspose2d',
      [
        [2, 4, 3, 4],
        [3, 3, 2, 4],
      ],
      [],
      [2, [1, 0], 1, [1, 0]],
    ),
    real,
  ),
  operation(
    'convTranspose3d',
    withArguments(
      'convTranspose3d',
      [
        [2, 3, 2, 3, 2],
        [3, 2, 3, 2, 2],
      ],
      [],
      [2, 1],
    ),
    real,
  ),
  operation(
    'convGeneral',
    [
      sample(
        (a, w) =>
          mx.convGeneral(a, w, {
            stride: 2,
            padding: [
              [1, 0],
              [0, 2],
            ],
            inputDilation: 2,
          }),
        [2, 5, 4, 4],
        [3, 2, 3, 4],
      ),
      sample(
        (a, w) => mx.convGeneral(a, w, { kernelDilation: 2, flip: true, groups: 2 }),
        [2, 9, 4],
        [4, 3, 2],
      ),
    ],
    real,
  ),
  operation('convolve', withArguments('convolve', [[9], [4]], [], ['same'], ['valid']), real),
  operation(
    'hadamardTransform',
    [
      ...withArguments('hadamardTransform', [[3, 8]], [], [0.5]),
      ...withArguments('hadamardTransform', [[2, 24]], []),
    ],
    real,
  ),
];
