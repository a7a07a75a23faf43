import * as mx from '../index';
import {
  all,
  floats,
  indices,
  input,
  mask,
  numbers,
  operation,
  sample,
  type Operation,
  type Options,
} from './operation';
import { elsewhere } from './values';

const any: Partial<Options> = { dtypes: all };
const apart = (shape: number[]) => input(shape, elsewhere(1, 2));

type Update = 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum';

function update(name: Update, options: Partial<Options>): Operation {
  return operation(
    `array.at.${name}`,
    [
      sample((a, v) => a.at(mx.Slice(1, 3), '::2')[name](v), [4, 5], apart([2, 3])),
      // Without repeats, where maximum and minimum have ties.
      sample((a, v) => a.at([3, 0])[name](v), [4, 2], apart([2])),
      ...(name === 'add' || name === 'subtract'
        ? [sample((a, v, i) => a.at(i)[name](v), [4, 2], apart([5, 2]), indices([5], 4))]
        : []),
    ],
    options,
  );
}

export const indexing: readonly Operation[] = [
  operation(
    'array.index',
    [
      sample((a) => a.index(1), [4, 5]),
      sample((a) => a.index('1:3', null, '::-2'), [4, 5]),
      sample((a) => a.index('...', -1), [2, 3, 4]),
      sample((a) => a.index([2, 0, 2], '1:'), [4, 5]),
      sample((a, i) => a.index(i), [4, 5], indices([2, 3], 4)),
      sample((a, i, j) => a.index(i, ':', j), [4, 3, 5], indices([3], 4), indices([2, 1], 5)),
    ],
    any,
  ),
  operation(
    'array.indexPut_',
    [
      sample((a, v) => mx.array(a).indexPut_(['1:3', '::2'], v), [4, 5], apart([2, 3])),
      sample((a, v) => mx.array(a).indexPut_([[3, 0]], v), [4, 2], apart([2, 2])),
      sample((a, v, m) => mx.array(a).indexPut_(m, v), [4, 2], apart([]), mask([4])),
    ],
    any,
  ),
  update('add', { dtypes: numbers }),
  update('subtract', { dtypes: numbers }),
  update('multiply', { dtypes: floats }),
  update('divide', { dtypes: floats }),
  update('maximum', { dtypes: floats }),
  update('minimum', { dtypes: floats }),
  operation(
    'take',
    [
      sample((a, i) => mx.take(a, i, 0), [4, 3], indices([2, 3], 4)),
      sample((a, i) => mx.take(a, i, -1), [4, 3], indices([5], 3)),
      sample((a, i) => mx.take(a, i), [4, 3], indices([5], 12)),
      sample((a, i) => mx.take(a, i, 1), [4, 3], indices([], 3)),
    ],
    any,
  ),
  operation(
    'full',
    [sample((a) => mx.full([2, 3], a), []), sample((a) => mx.full([2, 3], a), [3])],
    any,
  ),
  operation('fullLike', [sample((a, v) => mx.fullLike(a, v), [2, 3], [])], any),
  operation('zerosLike', [sample((a) => mx.zerosLike(a), [2, 3])], any),
  operation('emptyLike', [sample((a) => mx.emptyLike(a), [2, 3])], any),
  operation('onesLike', [sample((a) => mx.onesLike(a), [2, 3])], any),
];
