import * as mx from '../index';

const model = { [mx.treeSymbol]: () => ({ weight: 1, layers: [{ bias: 2 }] }) };

describe('trees', () => {
  test('map over leaves and the trees beside them', () => {
    expect(mx.treeMap((x) => x * 2, { a: [1, { b: 2 }], c: [] })).toEqual({
      a: [2, { b: 4 }],
      c: [],
    });
    expect(mx.treeMap((x, y) => [x, y], { a: 1 }, [{ a: 2, b: 3 }])).toEqual({ a: [1, 2] });
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

  test('a tree beside them that lacks a leaf is refused, and where it does', () => {
    const tree = { layers: [{ w: 1 }, { w: 2 }] };
    const pair = (a: unknown, b: unknown): unknown => [a, b];
    const missing = { layers: [{ w: 1 }] };
    expect(() => mx.treeMap(pair, tree, [tree, missing])).toThrow(
      new TypeError("[treeMap] rest[1] has nothing at 'layers.1.w', where tree has a leaf."),
    );
    expect(() => mx.treeMapWithPath(pair, tree, [{ layers: [{ w: 1 }, 5] }])).toThrow(
      new TypeError(
        "[treeMapWithPath] rest[0] has nothing at 'layers.1.w', where tree has a leaf.",
      ),
    );
    // What objects inherit is nothing of the tree's.
    expect(() => mx.treeMap(pair, { toString: 1 }, [{}])).toThrow(/nothing at 'toString'/);
    expect(mx.treeMap(pair, { a: 1 }, [{ a: undefined }])).toEqual({ a: [1, undefined] });
    // Empty containers have no leaves that could be lacking.
    expect(mx.treeMap(pair, { dropout: {}, a: [] }, [{}])).toEqual({ dropout: {}, a: [] });
  });

  test.each<[string, string, () => unknown]>([
    ['treeMap', 'fn', () => mx.treeMap(undefined as never, { a: 1 })],
    ['treeMap', 'rest', () => mx.treeMap((x) => x, { a: 1 }, 1 as never)],
    ['treeMap', 'isLeaf', () => mx.treeMap((x) => x, { a: 1 }, [], 1 as never)],
    ['treeMapWithPath', 'fn', () => mx.treeMapWithPath('f' as never, {})],
    ['treeMapWithPath', 'path', () => mx.treeMapWithPath((path) => path, {}, [], null, 1 as never)],
    ['treeFlatten', 'prefix', () => mx.treeFlatten({}, 1 as never)],
    ['treeFlatten', 'isLeaf', () => mx.treeFlatten({}, '', 1 as never)],
    ['treeFlatten', 'destination', () => mx.treeFlatten({}, '', null, 1 as never)],
    ['treeUnflatten', 'tree', () => mx.treeUnflatten([1] as never)],
    ['treeUnflatten', 'tree', () => mx.treeUnflatten(null as never)],
    ['treeReduce', 'fn', () => mx.treeReduce(undefined as never, {})],
    ['treeMerge', 'mergeFn', () => mx.treeMerge({}, {}, 1 as never)],
  ])('[%s] says that %s is of another kind', (name, parameter, call) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(`[${name}] ${parameter} must be `);
  });

  test('trees that contain themselves are refused by the name of what was called', () => {
    const tree: Record<string, unknown> = {};
    tree.self = tree;
    const calls: [string, () => unknown][] = [
      ['treeMap', () => mx.treeMap((x) => x, tree)],
      ['treeFlatten', () => mx.treeFlatten(tree)],
      ['treeReduce', () => mx.treeReduce((x) => x, tree)],
      ['treeMerge', () => mx.treeMerge(tree, tree)],
      ['eval', () => mx.eval(tree)],
      ['dispose', () => mx.dispose(tree)],
      ['tidy', () => mx.tidy(() => tree)],
    ];
    for (const [name, call] of calls) {
      expect(call).toThrow(RangeError);
      expect(call).toThrow(`[${name}] `);
    }
  });

  test('a Map or Set is refused, whose members would be passed over, and so are promises', () => {
    const array = mx.array([1]);
    const calls: [string, (tree: unknown) => unknown][] = [
      ['treeMap', (tree) => mx.treeMap((x) => x, tree)],
      ['treeFlatten', (tree) => mx.treeFlatten(tree)],
      ['treeReduce', (tree) => mx.treeReduce((x) => x, tree)],
      ['treeMerge', (tree) => mx.treeMerge(tree, tree)],
      ['eval', (tree) => mx.eval(tree)],
      ['asyncEval', (tree) => mx.asyncEval(tree)],
      ['dispose', (tree) => mx.dispose(tree)],
      ['tidy', (tree) => mx.tidy(() => tree)],
      ['savez', (tree) => mx.savez('map.npz', tree as never)],
      ['grad', (tree) => mx.grad((_: unknown) => array.sum())(tree)],
      ['valueAndGrad', (tree) => mx.valueAndGrad((_: unknown) => array.sum())(tree)],
      ['vmap', (tree) => mx.vmap((_: unknown) => array)(tree)],
      ['compile', (tree) => mx.compile((_: unknown) => array)(tree)],
      ['compile', (tree) => mx.compile(() => array, [tree])()],
      ['compile', (tree) => mx.compile((_: mx.array) => tree)(array)],
      ['checkpoint', (tree) => mx.checkpoint((_: unknown) => array)(tree)],
      ['customFunction', (tree) => mx.customFunction((_: unknown) => array)(tree)],
    ];
    for (const [name, call] of calls)
      for (const collection of [new Map([['a', array]]), new Set([array]), new Map()])
        for (const tree of [collection, { below: [collection] }]) {
          expect(() => call(tree)).toThrow(TypeError);
          expect(() => call(tree)).toThrow(`[${name}] `);
        }
    for (const name of ['eval', 'asyncEval'] as const)
      expect(() => mx[name]({ loss: Promise.resolve(array) })).toThrow(
        new TypeError(`[${name}] Expected arrays, but loss is a promise: await it first.`),
      );
    // Where it is said to be a leaf, it is one.
    const map = new Map();
    expect(mx.treeFlatten({ map }, '', (node) => node === map)).toEqual([['map', map]]);
  });

  test('the trees beside one are no more than arguments can be', () => {
    const rest = new Array<number>(2 ** 20).fill(1);
    expect(() => mx.treeMap((x) => x, 1, rest)).toThrow(
      new RangeError('[treeMap] rest must be a list of at most 1024 trees, but got a list.'),
    );
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

  test('names that objects inherit are names like others', () => {
    expect(mx.treeMerge({ toString: 1 }, { constructor: 2 })).toEqual({
      toString: 1,
      constructor: 2,
    });
    const tree = JSON.parse('{"__proto__": {"x": 1}, "a": 2}') as object;
    expect(JSON.stringify(mx.treeMerge(tree, { b: 3 }))).toBe('{"__proto__":{"x":1},"a":2,"b":3}');
    const destination: Record<string, number> = {};
    mx.treeFlatten({ ['__proto__']: 5 }, '', null, destination);
    expect(Object.entries(destination)).toEqual([['__proto__', 5]]);
  });

  test('a destination that takes nothing is refused', () => {
    const calls = [
      () => mx.treeFlatten({ a: 1 }, '', null, Object.freeze([]) as never),
      () => mx.treeFlatten({ a: 1 }, '', null, Object.freeze({}) as Record<string, number>),
    ];
    for (const call of calls) expect(call).toThrow(/^\[treeFlatten\] destination takes no/);
  });

  test('pairs to unflatten are checked one by one', () => {
    expect(() => mx.treeUnflatten(Object.assign(new Array(2), { 1: ['a', 1] }))).toThrow(
      /^\[treeUnflatten\] tree must be .*, but tree\[0\] is undefined/,
    );
    let reads = 0;
    const changing = new Proxy(['a', 1], {
      get: (pair, key) => (key === '0' && reads++ > 0 ? 5 : Reflect.get(pair, key)),
    });
    expect(mx.treeUnflatten([changing] as never)).toEqual({ a: 1 });
    expect(() =>
      mx.treeUnflatten([
        ['a.b', 1],
        ['a.b', 2],
      ]),
    ).toThrow(new TypeError("[treeUnflatten] Two leaves have the path 'a.b'."));
    expect(() => mx.treeUnflatten([[`a.${'9'.repeat(400)}`, 1]])).toThrow(
      /^\[treeUnflatten\] The index 9{400} is/,
    );
  });

  test('trees whose parts stand in each other again and again have an end', () => {
    let tree: unknown = 1;
    for (let i = 0; i < 100; i++) tree = [tree, tree];
    expect(() => mx.treeReduce((sum, x) => sum + x, tree)).toThrow(
      new RangeError('[treeReduce] A tree has at most 1048576 nodes.'),
    );
    expect(() => mx.treeMerge(tree, tree, (a) => a)).toThrow(/^\[treeMerge\] A tree has at most/);
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
