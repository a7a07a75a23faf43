import * as mx from '../index';
import {
  inexact,
  input,
  operation,
  sample,
  withArguments,
  type Operation,
  type Options,
} from './operation';
import { between } from './values';

// Any matrix makes one that an operation accepts, so that the inputs stay free to be moved.
const adjoint = (a: mx.array): mx.array => mx.swapaxes(mx.conj(a), -1, -2);
const hermitian = (a: mx.array): mx.array => a.add(adjoint(a));
const definite = (a: mx.array): mx.array =>
  mx.matmul(a, adjoint(a)).add(mx.eye(a.shape.at(-1)!, { dtype: a.dtype }));
const dominant = (a: mx.array): mx.array =>
  a.add(mx.eye(a.shape.at(-1)!, { dtype: a.dtype }).multiply(4));
/** Apart from each other's eigenvalues, so that these are smooth. */
const spread = (a: mx.array): mx.array =>
  a.add(mx.diag(mx.arange(a.shape.at(-1)!).multiply(4)).astype(a.dtype));

const exact: Partial<Options> = {
  dtypes: [mx.float32, mx.float64, mx.complex64],
  relativeTo: 'largest',
  ulps: 64,
};
const values = between(-1, 1);
const square = [input([3, 3], values), input([2, 4, 4], values)];

function ofSquare(
  name: string,
  call: (a: mx.array) => mx.array | readonly mx.array[],
  options: Partial<Options> = {},
): Operation {
  return operation(
    `linalg.${name}`,
    square.map((one) => sample(call, one)),
    { ...exact, ...options },
  );
}

const { linalg } = mx;
/** Away from 0, where absolute values of complex numbers turn fast. */
const away = (...shape: number[]) => input(shape, between(0.5, 2));

export const linear: readonly Operation[] = [
  operation(
    'linalg.cholesky',
    [
      ...square.map((one) => sample((a) => linalg.cholesky(definite(a)), one)),
      sample((a) => linalg.cholesky(definite(a), true), square[1]!),
    ],
    exact,
  ),
  operation(
    'linalg.choleskyInv',
    [
      ...square.map((one) => sample((a) => linalg.choleskyInv(mx.tril(dominant(a))), one)),
      sample((a) => linalg.choleskyInv(mx.triu(dominant(a)), true), square[1]!),
    ],
    exact,
  ),
  operation(
    'linalg.triInv',
    [
      ...square.map((one) => sample((a) => linalg.triInv(mx.tril(dominant(a))), one)),
      sample((a) => linalg.triInv(mx.triu(dominant(a)), true), square[1]!),
    ],
    exact,
  ),
  ofSquare('inv', (a) => linalg.inv(dominant(a))),
  ofSquare('det', (a) => linalg.det(dominant(a))),
  ofSquare('slogdet', (a) => linalg.slogdet(dominant(a))),
  ofSquare('lu', (a) => linalg.lu(dominant(a)), { differentiable: false }),
  ofSquare('luFactor', (a) => linalg.luFactor(dominant(a)), { differentiable: false }),
  operation(
    'linalg.qr',
    [...square, input([4, 3], values)].map((one) => sample((a) => linalg.qr(a), one)),
    exact,
  ),
  operation(
    'linalg.svd',
    [
      ...square.map((one) => sample((a) => linalg.svd(spread(a), false), one)),
      sample((a) => linalg.svd(a, false), input([4, 2], values)),
      sample((a) => linalg.svd(a, false), input([2, 3], values)),
    ],
    exact,
  ),
  ofSquare('eigvalsh', (a) => linalg.eigvalsh(hermitian(spread(a)))),
  // Vectors are known up to a factor, which the products of entries with themselves don't have.
  ofSquare('eigh', (a) => {
    const [values, vectors] = linalg.eigh(hermitian(spread(a)));
    return [values, vectors.multiply(mx.conj(vectors))];
  }),
  ofSquare('eigvals', (a) => mx.sum(linalg.eigvals(spread(a)).square(), -1), {
    dtypes: [mx.float32, mx.float64],
  }),
  ofSquare('eig', (a) => mx.sum(linalg.eig(spread(a))[0].square(), -1), {
    dtypes: [mx.float32, mx.float64],
  }),
  operation(
    'linalg.pinv',
    [input([3, 3], values), input([2, 4, 2], values), input([2, 3], values)].map((one) =>
      sample((a) => linalg.pinv(a), one),
    ),
    { ...exact, ulps: 1024 },
  ),
  operation(
    'linalg.solve',
    [
      sample((a, b) => linalg.solve(dominant(a), b), square[0]!, [3]),
      sample((a, b) => linalg.solve(dominant(a), b), square[1]!, [4, 2]),
      sample((a, b) => linalg.solve(dominant(a), b), square[0]!, [2, 3, 1]),
    ],
    exact,
  ),
  operation(
    'linalg.solveTriangular',
    [
      sample((a, b) => linalg.solveTriangular(mx.tril(dominant(a)), b), square[0]!, [3]),
      sample(
        (a, b) => linalg.solveTriangular(mx.triu(dominant(a)), b, { upper: true }),
        square[1]!,
        [2, 4, 2],
      ),
    ],
    exact,
  ),
  operation(
    'linalg.norm',
    [
      ...withArguments(
        'linalg.norm',
        [away(4)],
        [],
        [1],
        [3],
        [0.5],
        [-1],
        [Infinity],
        [-Infinity],
      ),
      ...withArguments('linalg.norm', [away(3, 4)], [], [2, 0], [1, -1, true], ['nuc'], ['fro']),
      // Sums of columns that lie apart.
      sample(
        (a) => linalg.norm(a.multiply(mx.array([1, 3, 9], a.dtype)), 1, [-2, -1]),
        away(2, 3, 3),
      ),
      sample(
        (a) => linalg.norm(a.multiply(mx.array([1, 3, 9], a.dtype)), -1, [0, 2]),
        away(2, 2, 3),
      ),
    ],
    { ...exact, dtypes: inexact },
  ),
  operation(
    'matrixNorm',
    withArguments('matrixNorm', [away(2, 3, 4)], [], [true], [false, 'nuc'], [{ ord: 1 }]),
    { ...exact, dtypes: inexact },
  ),
  operation(
    'linalg.cross',
    [
      ...withArguments(
        'linalg.cross',
        [
          [2, 3],
          [2, 3],
        ],
        [],
      ),
      ...withArguments(
        'linalg.cross',
        [
          [3, 2],
          [3, 1],
        ],
        [0],
      ),
    ],
    { ...exact, dtypes: inexact },
  ),
];
