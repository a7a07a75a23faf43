import * as mx from '../index';
import {
  all,
  indices,
  input,
  operation,
  sample,
  withArguments,
  type Operation,
  type Options,
} from './operation';
import { distinct } from './values';

const any: Partial<Options> = { dtypes: all };
const cube = [2, 3, 4];

function row(name: string, shape: readonly number[], ...lists: unknown[][]): Operation {
  return operation(name, withArguments(name, [shape], ...lists), any);
}

/** A function of a list of arrays. */
function joining(name: 'concatenate' | 'stack', shapes: number[][][], axes: (number | null)[]) {
  return operation(
    name,
    shapes.flatMap((one) =>
      axes.map((axis) => sample((...arrays) => mx[name](arrays, axis), ...one)),
    ),
    any,
  );
}

export const rearrangements: readonly Operation[] = [
  row('reshape', cube, [[4, 6]], [[-1]], [[2, 1, 12]], [[3, 2, 2, 2]]),
  row('unflatten', [2, 12], [1, [3, 4]], [-1, [2, -1]]),
  row('flatten', cube, [], [1], [0, 1], [-2, -1]),
  row('squeeze', [1, 3, 1, 2], [], [0], [-2], [[0, 2]]),
  row('expandDims', [3, 2], [0], [-1], [[0, 2]]),
  row('atleast1d', [], []),
  row('atleast2d', [3], []),
  row('atleast3d', [3, 2], []),
  row('transpose', cube, [], [[2, 0, 1]], [[-1, 0, 1]]),
  row('swapaxes', cube, [0, 2], [-1, 1]),
  row('matrixTranspose', cube, []),
  row('moveaxis', cube, [0, -1], [2, 0]),
  row('flip', cube, [], [0], [[-1, 0]]),
  row('broadcastTo', [3, 1], [[3, 4]], [[2, 3, 1]], [[0, 3, 2]]),
  operation(
    'broadcastArrays',
    [sample((a, b) => mx.broadcastArrays(a, b), [3, 1], [2, 1, 4])],
    any,
  ),
  operation(
    'meshgrid',
    [
      sample((a, b) => mx.meshgrid(a, b), [3], [4]),
      sample((a, b, c) => mx.meshgrid([a, b, c], { sparse: true, indexing: 'ij' }), [3], [4], [2]),
    ],
    any,
  ),
  row(
    'asStrided',
    [24],
    [[3, 4], [4, 1], 2],
    [
      [5, 3],
      [1, 2],
    ],
    [[4, 4], [0, 3], 1],
  ),
  row('contiguous', cube, [], [true]),
  row('diagonal', [4, 3], [], [1], [-1], [0, 1, 0]),
  row('diag', [4], [], [1], [-2]),
  row('trace', [4, 3], [], [1]),
  row('tril', [4, 3], [], [1], [-1]),
  row('triu', [4, 3], [], [1], [-1]),
  joining(
    'concatenate',
    [
      [
        [2, 3],
        [2, 3],
      ],
      [
        [2, 3],
        [2, 3],
        [2, 3],
      ],
    ],
    [0, 1, -1, null],
  ),
  joining(
    'stack',
    [
      [
        [2, 3],
        [2, 3],
      ],
    ],
    [0, 1, -1],
  ),
  row('split', [6, 4], [3], [2, 1], [[1, 4]], [[3], -1]),
  row('unstack', [3, 2], [], [{ axis: 1 }]),
  row('repeat', [2, 3], [2, 0], [3, -1], [2]),
  row('tile', [2, 3], [2], [[2, 1]], [[2, 1, 3]]),
  row(
    'roll',
    [4, 3],
    [1],
    [-2, 0],
    [
      [1, -1],
      [0, 1],
    ],
  ),
  operation(
    'pad',
    [
      ...withArguments(
        'pad',
        [[3, 4]],
        [1],
        [[1, 2]],
        [
          [
            [0, 1],
            [2, 0],
          ],
        ],
      ),
      ...withArguments('pad', [[3, 4]], [1, 'edge'], [2, 'reflect'], [[1, 2], 'symmetric']),
      sample((a, value) => mx.pad(a, 1, 'constant', value), [3, 4], []),
    ],
    any,
  ),
  operation(
    'takeAlongAxis',
    [
      sample((a, i) => mx.takeAlongAxis(a, i, 0), [4, 3], indices([2, 3], 4)),
      sample((a, i) => mx.takeAlongAxis(a, i, -1), [4, 3], indices([4, 5], 3)),
      sample((a, i) => mx.takeAlongAxis(a, i, null), [4, 3], indices([5], 12)),
    ],
    any,
  ),
  operation(
    'slice',
    [
      sample((a, s) => mx.slice(a, s, [0], [2, 3]), [4, 3], indices([1], 3)),
      sample((a, s) => mx.slice(a, s, [1, 0], [2, 2]), [4, 3], indices([2], 2)),
    ],
    any,
  ),
  operation(
    'sliceUpdate',
    [
      sample((a, u, s) => mx.sliceUpdate(a, u, s, [0]), [4, 3], [2, 3], indices([1], 3)),
      sample((a, u, s) => mx.sliceUpdate(a, u, s, [0, 1]), [4, 3], [2, 2], indices([2], 2)),
    ],
    any,
  ),
  operation(
    'putAlongAxis',
    [
      sample(
        (a, v, order) => mx.putAlongAxis(a, mx.argsort(order, 0).index(mx.Slice(0, 2)), v, 0),
        [4, 3],
        [2, 3],
        { ...input([4, 3], distinct), dtype: mx.float32 },
      ),
      sample((a, v) => mx.putAlongAxis(a, mx.array([3, 0, 7], mx.int32), v, null), [3, 3], [3]),
    ],
    any,
  ),
  operation('view', withArguments('view', [[3, 4]], [mx.uint8]), {
    dtypes: all,
    differentiable: false,
    widens: false,
  }),
];
