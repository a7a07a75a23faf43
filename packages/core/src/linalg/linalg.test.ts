import * as mx from '../index';

const { linalg } = mx;
const positive = [
  [4, 2],
  [2, 5],
];

/** The largest difference of two arrays. */
function distance(a: mx.array, b: mx.array): number {
  return mx.max(mx.abs(mx.subtract(a, b))).item();
}

test('options come by position or by name', () => {
  const upper = [
    [2, 1],
    [0, 2],
  ];
  expect(linalg.cholesky(positive, true).tolist()).toEqual(upper);
  expect(linalg.cholesky(positive, { upper: true }).tolist()).toEqual(upper);
  expect(distance(linalg.triInv(upper, { upper: true }), linalg.inv(upper))).toBe(0);
  expect(linalg.solveTriangular(upper, [4, 2], { upper: true }).tolist()).toEqual([1.5, 1]);
  expect(linalg.eigvalsh(positive, 'U').tolist()).toEqual(
    linalg.eigvalsh(positive, { UPLO: 'U' }).tolist(),
  );
  expect(linalg.svd(positive, { computeUv: false }).shape).toEqual([2]);
  expect(linalg.svd(positive, { stream: mx.cpu })).toHaveLength(3);
  expect(linalg.cross([1, 2, 3], [4, 5, 6], { axis: 0 }).tolist()).toEqual([-3, 6, -3]);
  expect(linalg.norm([3, 4], { keepdims: true }).tolist()).toEqual([5]);
  expect(linalg.norm(positive, null, 0).shape).toEqual([2]);
  expect(linalg.norm(positive, 'nuc', [0, 1], true).shape).toEqual([1, 1]);
  expect(linalg.norm(positive, -Infinity).item()).toBe(6);
});

test('several results are lists of arrays', () => {
  const a = mx.random.normal([3, 5, 4], { key: mx.random.key(3) });
  const [q, r] = linalg.qr(a);
  expect(distance(q.matmul(r), a)).toBeLessThan(1e-5);
  const [p, l, u] = linalg.lu(a);
  expect(p.dtype).toBe(mx.uint32);
  const rows = mx.takeAlongAxis(l.matmul(u), p.index('...', null), -2);
  expect(distance(rows, a)).toBeLessThan(1e-5);
  const [values, vectors] = linalg.eigh(a.swapaxes(-1, -2).matmul(a));
  expect(values.shape).toEqual([3, 4]);
  expect(vectors.shape).toEqual([3, 4, 4]);
  const [eigenvalues] = linalg.eig(mx.ones([2, 2]));
  expect(eigenvalues.dtype).toBe(mx.complex64);
});

test('gradients', () => {
  const a = mx.array(positive);
  const gradient = mx.grad((x: mx.array) => linalg.slogdet(x)[1])(a);
  expect(distance(gradient, linalg.inv(a).T)).toBeLessThan(1e-6);
  const [, gradients] = mx.valueAndGrad((x: mx.array) => mx.sum(linalg.solve(x, [1, 1])))(a);
  expect(gradients.shape).toEqual([2, 2]);
  const batched = mx.vmap((x: mx.array) => linalg.det(x))(mx.stack([a, a]));
  expect(batched.tolist()).toEqual([16, 16]);
  const compiled = mx.compile((x: mx.array) => linalg.inv(x));
  expect(compiled(a).tolist()).toEqual(linalg.inv(a).tolist());
});

test('errors', () => {
  expect(() => linalg.inv([1, 2])).toThrow(mx.ShapeError);
  expect(() => linalg.inv(mx.zeros([2, 3]))).toThrow(mx.ShapeError);
  expect(() => linalg.inv(mx.zeros([2, 2], mx.int32))).toThrow(mx.DtypeError);
  expect(() => mx.eval(linalg.inv(mx.zeros([2, 2])))).toThrow(mx.EngineError);
  expect(() => mx.eval(linalg.cholesky([[-1]]))).toThrow('not positive definite');
  expect(() => mx.eval(linalg.eigvals([[NaN]]))).toThrow(mx.EngineError);
  expect(() => linalg.eigh(positive, 'X')).toThrow('UPLO');
  expect(() => linalg.norm(positive, 'max')).toThrow('"fro"');
  expect(() => linalg.norm(positive, 3)).toThrow('[linalg.norm]');
  expect(() => linalg.norm(positive, { ord: [] as unknown as string })).toThrow(TypeError);
  expect(() => linalg.cross([1], [2])).toThrow(mx.ShapeError);
});

test('a failed evaluation leaves the engine in order', async () => {
  const bad = linalg.inv(mx.zeros([2, 2]));
  await expect(bad.data()).rejects.toThrow('[inv] The matrix is singular.');
  expect(linalg.inv([[2]]).tolist()).toEqual([[0.5]]);
});
