import * as mx from '../index';

test('searchsorted takes numbers, lists, options and streams', () => {
  const ascending = mx.array([1, 2, 2, 4], mx.int32);
  expect(mx.searchsorted(ascending, 2).item()).toBe(1);
  expect(mx.searchsorted(ascending, 2, 'right').item()).toBe(3);
  expect(mx.searchsorted(ascending, 2.5).item()).toBe(3);
  expect(
    mx.searchsorted([1, 2, 3], [[0], [9]], { side: 'right', stream: mx.cpu }).tolist(),
  ).toEqual([[0], [3]]);
  expect(mx.searchsorted(ascending, [3]).dtype).toBe(mx.uint32);
  expect(mx.searchsorted([], [3]).tolist()).toEqual([0]);
  expect(() => mx.searchsorted([[1]], [1])).toThrow(mx.ShapeError);
  expect(() => mx.searchsorted([1], [1], 'middle' as 'left')).toThrow(/'left' or 'right'/);
  expect(() => mx.searchsorted([1], [1], 'middle' as 'left')).toThrow(TypeError);
});

test('median, countNonzero and diff take options', () => {
  const a = mx.array([
    [4, 0, 2],
    [1, 5, 0],
  ]);
  expect(mx.median(a).item()).toBe(1.5);
  expect(mx.median(a, { axis: 1, keepdims: true }).tolist()).toEqual([[2], [1]]);
  expect(mx.median(a, [0, -1]).item()).toBe(1.5);
  expect(mx.median(mx.array([1, 2], mx.int32)).dtype).toBe(mx.float32);
  expect(() => mx.median([])).toThrow(/\[median\].*empty/);
  expect(mx.countNonzero(a, { axis: 0 }).tolist()).toEqual([2, 1, 1]);
  expect(mx.countNonzero(a, -1, { keepdims: true }).tolist()).toEqual([[2], [2]]);
  expect(mx.countNonzero(a).dtype).toBe(mx.int32);
  expect(mx.diff(a, { n: 2 }).tolist()).toEqual([[6], [-9]]);
  expect(mx.diff(a, 1, 0).tolist()).toEqual([[-3, 5, -2]]);
  expect(mx.diff(a, 7).shape).toEqual([2, 0]);
  expect(() => mx.diff(a, -1)).toThrow(TypeError);
  expect(() => mx.diff(1)).toThrow(RangeError);
});
