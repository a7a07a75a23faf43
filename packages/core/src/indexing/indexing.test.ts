import * as mx from '../index';

// Every case is checked against the same index applied to the places of the elements.
const shape = [3, 4, 5];
const places = Array.from({ length: 60 }, (_, i) => i);
const a = mx.array(places, mx.int32).reshape(...shape);
const at = (i: number, j: number, k: number): number => (i * 4 + j) * 5 + k;

describe('index', () => {
  test('integers drop axes', () => {
    expect(a.index(1, 2, 3).item()).toBe(at(1, 2, 3));
    expect(a.index(-1).shape).toEqual([4, 5]);
    expect(a.index(-1, 0, 0).item()).toBe(at(2, 0, 0));
    expect(a.index()).toBe(a);
  });

  test('slices and their texts', () => {
    expect(a.index(0, 0, mx.Slice(1, null)).tolist()).toEqual([1, 2, 3, 4]);
    expect(a.index(0, 0, '1:').tolist()).toEqual([1, 2, 3, 4]);
    expect(a.index(0, 0, '::-1').tolist()).toEqual([4, 3, 2, 1, 0]);
    expect(a.index(0, 0, '-2::-2').tolist()).toEqual([3, 1]);
    expect(a.index(0, 0, '10:').shape).toEqual([0]);
    expect(a.index(mx.Slice(2)).shape).toEqual([1, 4, 5]);
    expect(a.index(mx.Slice(5)).shape).toEqual([0, 4, 5]);
    expect(a.index(mx.Slice()).shape).toEqual([3, 4, 5]);
  });

  test('ellipsis and new axes', () => {
    expect(a.index('...', 0).shape).toEqual([3, 4]);
    expect(a.index(0, '...', 0).shape).toEqual([4]);
    expect(a.index(mx.newaxis, '...', null).shape).toEqual([1, 3, 4, 5, 1]);
    expect(a.index(0, null, '1:3').shape).toEqual([1, 2, 5]);
  });

  test('integer arrays select along an axis', () => {
    expect(a.index([2, 0], 0, 0).tolist()).toEqual([at(2, 0, 0), at(0, 0, 0)]);
    expect(a.index(mx.array([[0, -1]], mx.int32)).shape).toEqual([1, 2, 4, 5]);
    expect(a.index('...', [0, 1]).shape).toEqual([3, 4, 2]);
    expect(a.index(new Int32Array([1, 1])).shape).toEqual([2, 4, 5]);
  });

  test('several index arrays go together, as in NumPy', () => {
    const rows = mx.array([0, 1], mx.int32);
    const columns = mx.array([2, 3], mx.int32);
    expect(a.index(rows, columns).index('...', 0).tolist()).toEqual([at(0, 2, 0), at(1, 3, 0)]);
    // Neighbours keep their place, others come in front.
    expect(a.index(':', rows, columns).shape).toEqual([3, 2]);
    expect(a.index(':', rows, columns).tolist()).toEqual(
      [0, 1, 2].map((i) => [at(i, 0, 2), at(i, 1, 3)]),
    );
    expect(a.index(rows, ':', columns).shape).toEqual([2, 4]);
    expect(a.index(rows, ':', columns).tolist()).toEqual(
      [
        [0, 2],
        [1, 3],
      ].map(([i, k]) => [0, 1, 2, 3].map((j) => at(i!, j, k!))),
    );
    expect(a.index(0, ':', columns).shape).toEqual([2, 4]);
    expect(a.index('1:', rows.index(null), '::2').shape).toEqual([2, 1, 2, 3]);
  });

  test('bounds are checked at once', () => {
    expect(() => a.index(3)).toThrow(/Index 3 .*axis 0 with size 3/);
    expect(() => a.index(0, -5)).toThrow(RangeError);
    expect(() => a.index([0, 3])).toThrow(RangeError);
    expect(() => a.index(0, 0, 0, 0)).toThrow(RangeError);
    expect(() => mx.take(a, 60)).toThrow(RangeError);
    expect(() => mx.take(a, [3], 0)).toThrow(RangeError);
  });

  test('computed indices out of bounds are an EngineError', () => {
    expect(() => a.index(mx.array([7], mx.int32)).tolist()).toThrow(mx.EngineError);
  });

  test('wrong kinds are named', () => {
    expect(() => a.index(mx.array([0.5]))).toThrow(mx.DtypeError);
    expect(() => a.index(mx.array([0.5]))).toThrow(/astype\(mx\.int32\)/);
    expect(() => a.index(1.5)).toThrow(TypeError);
    expect(() => a.index('x')).toThrow(TypeError);
    expect(() => a.index('...', '...')).toThrow(TypeError);
    expect(() => a.index({} as never)).toThrow(TypeError);
  });

  test('masks select what they are true for', () => {
    const rows = mx.array([true, false, true]);
    expect(a.index(rows).shape).toEqual([2, 4, 5]);
    expect(a.index([true, false, true], 0, 0).tolist()).toEqual([at(0, 0, 0), at(2, 0, 0)]);
    expect(a.index(a.greater(57)).tolist()).toEqual([58, 59]);
    expect(a.index(':', mx.ones([4, 5]).greater(0)).shape).toEqual([3, 20]);
    expect(a.index(a.less(0)).shape).toEqual([0]);
    expect(a.index(true).shape).toEqual([1, 3, 4, 5]);
    expect(mx.array(5).index(mx.array(false)).shape).toEqual([0]);
    expect(mx.zeros([0, 3]).index(mx.array([], mx.bool_)).shape).toEqual([0, 3]);
    expect(() => a.index([true, false])).toThrow(RangeError);
  });

  test('what masks select is differentiated by its values', () => {
    const x = mx.array([-1, 2, 3]);
    const positive = (y: mx.array): mx.array => y.index(y.greater(0)).square();
    const gradient = mx.grad((y: mx.array) => positive(y).sum());
    expect(gradient(x).tolist()).toEqual([0, 4, 6]);
    expect(mx.jvp(positive, [x], [mx.array([1, 1, 10])])[1][0]!.tolist()).toEqual([4, 60]);
    expect(mx.vjp(positive, [x], [mx.array([1, 10])])[1][0]!.tolist()).toEqual([0, 4, 60]);
  });

  test('inside vmap and compile a mask of what is traced is an error that says what to use', () => {
    const f = (x: mx.array): mx.array => x.index(x.greater(0));
    const g = (x: mx.array): mx.array => mx.argwhere(x);
    for (const fun of [f, g, (x: mx.array): mx.array => mx.nonzero(x)[0]!]) {
      expect(() => mx.vmap(fun)(mx.ones([2, 3]))).toThrow(/mx\.where/);
      expect(() => mx.compile(fun)(mx.ones([3]))).toThrow(/mx\.where/);
    }
    const known = (x: mx.array): mx.array => x.index([true, false, true]);
    expect(mx.vmap(known)(mx.ones([2, 3])).shape).toEqual([2, 2]);
  });

  test('gradients flow through', () => {
    const f = (x: mx.array): mx.array => x.index('1:', [0, 0]).sum();
    expect(
      mx
        .grad(f)(mx.ones([2, 2]))
        .tolist(),
    ).toEqual([
      [0, 0],
      [2, 0],
    ]);
  });
});

describe('indexPut_', () => {
  const fresh = (): mx.array => mx.zeros([3, 4]);

  test('writes parts, broadcasting the value', () => {
    expect(fresh().indexPut_([0], 5).index(0).tolist()).toEqual([5, 5, 5, 5]);
    expect(fresh().indexPut_(1, [1, 2, 3, 4]).index(1).tolist()).toEqual([1, 2, 3, 4]);
    expect(fresh().indexPut_(['...', '::2'], 1).sum().item()).toBe(6);
    expect(
      fresh()
        .indexPut_([mx.Slice(null, null, -1), 0], [1, 2, 3])
        .index(':', 0)
        .tolist(),
    ).toEqual([3, 2, 1]);
    expect(fresh().indexPut_(['...'], 2).sum().item()).toBe(24);
    expect(
      fresh()
        .indexPut_([null, 0], mx.ones([1, 4]))
        .sum()
        .item(),
    ).toBe(4);
  });

  test('writes by index arrays', () => {
    const a = fresh().indexPut_([[2, 0]], 1);
    expect(a.sum(1).tolist()).toEqual([4, 0, 4]);
    const b = fresh().indexPut_(
      [
        [0, 1],
        [1, 2],
      ],
      [5, 6],
    );
    expect(b.index(0, 1).item()).toBe(5);
    expect(b.index(1, 2).item()).toBe(6);
    const c = mx.zeros([2, 3, 2]).indexPut_(
      [':', [0, 2], 1],
      [
        [1, 2],
        [3, 4],
      ],
    );
    expect(c.index('...', 1).tolist()).toEqual([
      [1, 0, 2],
      [3, 0, 4],
    ]);
    const d = fresh().indexPut_(['1:', [3]], 7);
    expect(d.index(':', 3).tolist()).toEqual([0, 7, 7]);
  });

  test('writes by masks', () => {
    const a = mx.arange(4);
    a.indexPut_(a.greater(1), 9);
    expect(a.tolist()).toEqual([0, 1, 9, 9]);
    const b = fresh().indexPut_([[true, false, true]], 1);
    expect(b.sum(1).tolist()).toEqual([4, 0, 4]);
    const c = mx.arange(4);
    c.indexPut_([mx.array([true, false, false, true])], [7, 8]);
    expect(c.tolist()).toEqual([7, 1, 2, 8]);
    expect(() => fresh().indexPut_([mx.array([true])], 1)).toThrow(RangeError);
  });

  test('writes by masks of what is traced', () => {
    const fill = (x: mx.array, v: mx.array): mx.array => mx.array(x).indexPut_(x.greater(1), v);
    const [x, v] = [mx.array([1, 2, 0, 3]), mx.array([7, 8])];
    expect(mx.compile(fill)(x, v).tolist()).toEqual([1, 7, 0, 8]);
    expect(
      mx
        .vmap(fill, [0, null])(x.reshape([2, 2]), v.index('1:'))
        .tolist(),
    ).toEqual([
      [1, 8],
      [0, 8],
    ]);
  });

  test('takes extra leading axes of one', () => {
    expect(
      fresh()
        .indexPut_([0], mx.array([[[1]]]))
        .sum()
        .item(),
    ).toBe(4);
    expect(
      mx
        .zeros([4])
        .at('1:3')
        .add([[1, 2]])
        .tolist(),
    ).toEqual([0, 1, 2, 0]);
    expect(() =>
      mx
        .zeros([4])
        .at('1:3')
        .add([[1], [2]]),
    ).toThrow(/\[at\.add\]/);
  });

  test('never changes another array', () => {
    const a = mx.arange(4);
    const view = a.index('1:');
    a.indexPut_([1], 100);
    expect(view.tolist()).toEqual([1, 2, 3]);
    view.indexPut_([0], -1);
    expect(a.tolist()).toEqual([0, 100, 2, 3]);
  });

  test('changes its own object only, also inside a transformed function', () => {
    const x = mx.array([1, 2]);
    const gradient = mx.grad((y: mx.array) => {
      y.indexPut_([0], 10);
      return y.square().sum();
    })(x);
    expect(gradient.tolist()).toEqual([0, 4]);
    expect(x.tolist()).toEqual([1, 2]);
  });

  test('keeps the dtype', () => {
    const a = mx.zeros([2], mx.int32).indexPut_([0], 3);
    expect(a.dtype).toBe(mx.int32);
    expect(() => mx.zeros([2], mx.int8).indexPut_([0], 300)).toThrow(RangeError);
    expect(() => mx.zeros([2, 2]).indexPut_([0], [1, 2, 3])).toThrow(mx.ShapeError);
  });
});

describe('at', () => {
  test('accumulates repeats', () => {
    const a = mx.zeros([3]);
    expect(a.at([0, 0, 2]).add(1).tolist()).toEqual([2, 0, 1]);
    expect(a.at([0, 0]).subtract([1, 2]).tolist()).toEqual([-3, 0, 0]);
    expect(mx.ones([2]).at([1, 1]).multiply(3).tolist()).toEqual([1, 9]);
    expect(mx.full([2], 8).at([1, 1]).divide(2).tolist()).toEqual([8, 2]);
    expect(a.at([1]).maximum(5).tolist()).toEqual([0, 5, 0]);
    expect(a.at([1]).minimum(-5).tolist()).toEqual([0, -5, 0]);
    expect(a.tolist()).toEqual([0, 0, 0]);
  });

  test('takes slices and integers too', () => {
    expect(mx.ones([2, 2]).at(0, '1:').add(1).tolist()).toEqual([
      [1, 2],
      [1, 1],
    ]);
    expect(mx.array([4, 6], mx.int32).at(':').divide(2).dtype).toBe(mx.int32);
  });
});
