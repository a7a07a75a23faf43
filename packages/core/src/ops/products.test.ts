import * as mx from '../index';

describe('einsum', () => {
  const a = mx.array([
    [1, 2],
    [3, 4],
  ]);

  test('takes operands one by one, as a list, and as plain values', () => {
    const expected = [
      [7, 10],
      [15, 22],
    ];
    expect(mx.einsum('ij,jk->ik', a, a).tolist()).toEqual(expected);
    expect(mx.einsum('ij,jk->ik', [a, a]).tolist()).toEqual(expected);
    expect(mx.einsum('ij,jk->ik', [a, a], { stream: mx.cpu }).tolist()).toEqual(expected);
    expect(mx.einsum('ij,jk->ik', a, a, mx.cpu).tolist()).toEqual(expected);
    expect(mx.einsum('i,i->', [1, 2], [3, 4]).item()).toBe(11);
  });

  test('scalars take the dtype of the arrays beside them', () => {
    const half = a.astype(mx.float16);
    expect(mx.einsum(',ij->ij', 2, half).dtype).toBe(mx.float16);
    expect(mx.einsum(',ij->ij', 2, half).tolist()).toEqual([
      [2, 4],
      [6, 8],
    ]);
  });

  test('names what is wrong', () => {
    expect(() => mx.einsum('ij,jk', a)).toThrow(/\[einsum\].*2 operands, but 1/);
    expect(() => mx.einsum('ij,jk', a)).toThrow(TypeError);
    expect(() => mx.einsum('ijk', a)).toThrow(mx.ShapeError);
    expect(() => mx.einsum('i->i')).toThrow(TypeError);
    expect(() => mx.einsum(a as unknown as string)).toThrow(/\[einsum\] Expected subscripts/);
    expect(() => mx.einsumPath('i', a)).toThrow(/\[einsumPath\]/);
  });

  test('the path and its description', () => {
    const [path, text] = mx.einsumPath('ij,jk,kl->il', [
      mx.zeros([2, 50]),
      mx.zeros([50, 3]),
      mx.zeros([3, 40]),
    ]);
    expect(path).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(text).toContain('ij,jk,kl->il');
  });
});

test('kron, vecdot and convolve take numbers, options and streams', () => {
  expect(mx.kron(2, mx.array([1, 2])).tolist()).toEqual([2, 4]);
  expect(mx.kron(2, mx.array([1, 2], mx.int32)).dtype).toBe(mx.int32);
  expect(mx.vecdot([1, 2], [3, 4], { axis: 0 }).item()).toBe(11);
  expect(() => mx.vecdot([1, 2], [3, 4], 1)).toThrow(RangeError);
  expect(mx.convolve([1, 2], [1, 1], { mode: 'valid' }).tolist()).toEqual([3]);
  expect(() => mx.convolve([1], [1], 'wrap' as 'full')).toThrow(TypeError);
});

test('windows take a size, also by name', () => {
  expect(mx.hanning(3).tolist()).toEqual([0, 1, 0]);
  expect(mx.hanning(3, { stream: mx.cpu }).tolist()).toEqual([0, 1, 0]);
  expect(() => mx.hamming(2.5)).toThrow(TypeError);
  expect(() => mx.hamming(undefined as unknown as number)).toThrow(TypeError);
});

describe('products of chosen parts', () => {
  const a = mx.arange(8).reshape(2, 2, 2);

  test('gatherMm by position, by option and under its other name', () => {
    const expected = mx.matmul(a.index(1), a.index(0)).reshape(1, 2, 2).tolist();
    expect(mx.gatherMm(a, a, [1], [0]).tolist()).toEqual(expected);
    expect(mx.gatherMm(a, a, { lhsIndices: [1], rhsIndices: mx.array([0], mx.uint32) }).tolist()) //
      .toEqual(expected);
    expect(mx.gatherMm(a, a, [1], [0], { sortedIndices: true }).tolist()).toEqual(expected);
    expect(mx.gatherMM(a, a, [1], [0]).tolist()).toEqual(expected);
    expect(mx.gatherMm(a, a, null, [0, 0]).shape).toEqual([2, 2, 2]);
    expect(() => mx.gatherMm(a, a, mx.array([0.5]))).toThrow(mx.DtypeError);
    expect(() => mx.gatherMm(a, a, [2]).toTypedArray()).toThrow(mx.EngineError);
  });

  test('segmentedMm', () => {
    const row = mx.ones([1, 4]);
    const parts = mx.segmentedMm(row, mx.ones([4, 1]), [
      [0, 1],
      [1, -1],
    ]);
    expect(parts.flatten().tolist()).toEqual([1, 2]);
    expect(() => mx.segmentedMm(row, row, [[0, 1]])).toThrow(/\[segmentedMm\]/);
  });

  test('blockMaskedMm by position, by option and under its other name', () => {
    const square = mx.ones([64, 64]);
    const mask = mx.array([
      [true, false],
      [false, true],
    ]);
    const total = (product: mx.array): unknown => product.sum().item();
    expect(total(mx.blockMaskedMm(square, square, 32, mask))).toBe(64 * 64 * 32);
    expect(total(mx.blockMaskedMm(square, square, 32, { maskOut: mask }))).toBe(64 * 64 * 32);
    expect(total(mx.blockMaskedMM(square, square, { blockSize: 32, maskLhs: mask }))).toBe(
      64 * 64 * 32,
    );
    expect(total(mx.blockMaskedMm(square, square, 64, [[0.5]]))).toBe(64 * 64 * 32);
    expect(() => mx.blockMaskedMm(square, square, 48)).toThrow(TypeError);
  });

  test('gradients reach what was chosen', () => {
    const gradient = mx.grad((b: mx.array) => mx.gatherMm(a, b, [0, 1], [1, 1]).sum())(a);
    expect(gradient.index(0).tolist()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(gradient.index(1).tolist()).toEqual([
      [12, 12],
      [16, 16],
    ]);
  });
});
