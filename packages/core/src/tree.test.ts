import * as mx from './index';

const model = { [Symbol.for('mlx.tree')]: () => ({ weight: 1, layers: [{ bias: 2 }] }) };

describe('trees', () => {
  test('map over leaves and the trees beside them', () => {
    expect(mx.treeMap((x) => x * 2, { a: [1, { b: 2 }], c: [] })).toEqual({
      a: [2, { b: 4 }],
      c: [],
    });
    expect(mx.treeMap((x, y) => [x, y], { a: 1 }, [{ b: 2 }])).toEqual({ a: [1, undefined] });
    expect(
      mx.treeMap(
        (x) => x.length,
        [[1, 2], [3]],
        [],
        (x) => typeof (x as unknown[])[0] === 'number',
      ),
    ).toEqual([2, 1]);
    expect(mx.treeMap((x) => x, 5)).toBe(5);
  });

  test('paths', () => {
    const paths: string[] = [];
    mx.treeMapWithPath((path) => paths.push(path), { a: [1, { b: 2 }] }, [], null, 'model');
    expect(paths).toEqual(['model.a.0', 'model.a.1.b']);
  });

  test('flatten and unflatten are inverse', () => {
    const tree = { a: [1, { b: 2 }], c: { d: [3] }, e: {} };
    const flat = mx.treeFlatten(tree);
    expect(flat).toEqual([
      ['a.0', 1],
      ['a.1.b', 2],
      ['c.d.0', 3],
    ]);
    expect(mx.treeUnflatten(flat)).toEqual({ a: [1, { b: 2 }], c: { d: [3] } });
    expect(mx.treeFlatten({ a: 1 }, 'x.')).toEqual([['x.a', 1]]);
    expect(mx.treeFlatten({ a: 1 }, '', null, {} as Record<string, number>)).toEqual({ a: 1 });
    expect(mx.treeUnflatten([['', 4]])).toBe(4);
    expect(mx.treeUnflatten({ 'a.10': 1, 'a.2': 2 })).toEqual({
      a: [{}, {}, 2, {}, {}, {}, {}, {}, {}, {}, 1],
    });
    expect(mx.treeUnflatten([['__proto__.x', 1]])).not.toHaveProperty('x');
  });

  test('reduce and merge', () => {
    expect(mx.treeReduce((sum, x) => sum + x, { a: [1, 2], b: 3 })).toBe(6);
    expect(mx.treeReduce((sum, x) => sum + x, {}, 7)).toBe(7);
    expect(mx.treeMerge({ a: [1], c: {} }, { a: [null, 2], c: { d: 3 } })).toEqual({
      a: [1, 2],
      c: { d: 3 },
    });
    expect(mx.treeMerge({ a: 1 }, { a: 2 }, (x, y) => x + y)).toEqual({ a: 3 });
    expect(() => mx.treeMerge({ a: 1 }, { a: 2 })).toThrow(TypeError);
  });

  test('objects show their tree by the protocol', () => {
    expect(mx.treeFlatten(model)).toEqual([
      ['weight', 1],
      ['layers.0.bias', 2],
    ]);
    expect(mx.treeMap((x) => x + 1, [model])).toEqual([{ weight: 2, layers: [{ bias: 3 }] }]);
    const callable = Object.assign(() => 1, model);
    expect(mx.treeFlatten({ callable })).toHaveLength(2);
  });

  test('arrays and other class instances are leaves', () => {
    const leaf = mx.array([1]);
    const [[path, value]] = mx.treeFlatten({ leaf }) as [[string, unknown]];
    expect(path).toBe('leaf');
    expect(value).toBe(leaf);
    expect(mx.treeFlatten([new Date(0)])).toHaveLength(1);
    expect(mx.utils.treeFlatten).toBe(mx.treeFlatten);
  });
});
