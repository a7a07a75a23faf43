import * as mx from '../index';

describe('grad', () => {
  test('of one argument, of several, of trees', () => {
    const f = (a: mx.array, b: mx.array): mx.array => a.multiply(b).sum();
    const [a, b] = [mx.array([1, 2]), mx.array([3, 4])];
    expect(mx.grad(f)(a, b).tolist()).toEqual([3, 4]);
    expect(mx.grad(f, 1)(a, b).tolist()).toEqual([1, 2]);
    expect(mx.grad(f, -1)(a, b).tolist()).toEqual([1, 2]);
    const both = mx.grad(f, [1, 0])(a, b) as mx.array[];
    expect(both.map((one) => one.tolist())).toEqual([
      [1, 2],
      [3, 4],
    ]);

    const loss = (p: { w: mx.array; rest: [mx.array, string] }): mx.array =>
      p.w.multiply(p.rest[0]).sum();
    const tree = mx.grad(loss)({ w: a, rest: [b, 'kept'] });
    expect(tree.w.tolist()).toEqual([3, 4]);
    expect(tree.rest[0].tolist()).toEqual([1, 2]);
    expect(tree.rest[1]).toBe('kept');
  });

  test('of members of the last argument', () => {
    const f = (a: mx.array, named: { b: mx.array; c: number }): mx.array =>
      a.multiply(named.b).multiply(named.c).sum();
    const [a, b] = [mx.array([1, 2]), mx.array([3, 4])];
    const byName = mx.grad(f, null, 'b')(a, { b, c: 2 }) as { b: mx.array };
    expect(byName.b.tolist()).toEqual([2, 4]);
    const [, [first, named]] = mx.valueAndGrad(f, { argnums: 0, argnames: ['b', 'c'] })(a, {
      b,
      c: 2,
    }) as [mx.array, [mx.array, { b: mx.array; c: mx.array }]];
    expect(first.tolist()).toEqual([6, 8]);
    expect(named.c.item()).toBe(11);
    expect(() => mx.grad(f, null, 'd')(a, { b, c: 2 })).toThrow(/no member 'd'/);
    expect(() => mx.grad(f, null, ['b', 'b'])).toThrow(TypeError);
    expect(() => mx.grad(f, { argnum: 0 } as never)).toThrow(/Unknown option/);
  });

  test('of a number', () => {
    expect(
      mx
        .grad((x: mx.array | number) => mx.square(x))(3)
        .item(),
    ).toBe(6);
  });

  test('of itself', () => {
    const cube = (x: mx.array): mx.array => x.power(3);
    expect(mx.grad(mx.grad(cube))(mx.array(2)).item()).toBe(12);
  });

  test('values may be looked at on the way', () => {
    const f = (x: mx.array): mx.array => (x.item() > 0 ? x.square() : x.negative());
    expect(mx.grad(f)(mx.array(3)).item()).toBe(6);
    expect(mx.grad(f)(mx.array(-3)).item()).toBe(-1);
  });

  test('arrays stored elsewhere stay ordinary arrays', () => {
    let seen: mx.array | undefined;
    const gradient = mx.grad((x: mx.array) => {
      seen = x.multiply(2);
      return seen.square().sum();
    })(mx.array([1, 2]));
    expect(seen!.tolist()).toEqual([2, 4]);
    expect(gradient.tolist()).toEqual([8, 16]);
  });

  test('further outputs come out of valueAndGrad only', () => {
    const f = (x: mx.array): [mx.array, { twice: mx.array }, string] => [
      x.sum(),
      { twice: x.multiply(2) },
      'note',
    ];
    const [[value, more, note], gradient] = mx.valueAndGrad(f)(mx.array([1, 2]));
    expect(value.item()).toBe(3);
    expect(more.twice.tolist()).toEqual([2, 4]);
    expect(note).toBe('note');
    expect(gradient.tolist()).toEqual([1, 1]);
    expect(() => mx.grad(f)(mx.array([1, 2]))).toThrow(/valueAndGrad/);
  });

  test('errors pass through and leave nothing behind', () => {
    const failure = new Error('inside');
    const f = (x: mx.array): mx.array => {
      if (x.shape[0] === 2) throw failure;
      return x.sum();
    };
    expect(() => mx.grad(f)(mx.zeros([2]))).toThrow(failure);
    expect(
      mx
        .grad(f)(mx.zeros([3]))
        .tolist(),
    ).toEqual([1, 1, 1]);
    expect(() => mx.grad((x: mx.array) => x)(mx.zeros([2]))).toThrow(/scalar/);
  });

  test('of what is no scalar is refused', () => {
    const square = (x: mx.array): mx.array => x.square();
    for (const name of ['grad', 'valueAndGrad'] as const) {
      const differentiated = mx[name] as typeof mx.grad;
      expect(() => differentiated(square)(mx.array([1, 2]))).toThrow(mx.ShapeError);
      expect(() => differentiated(square)(mx.array([1]))).toThrow(
        new RegExp(`^\\[${name}\\] The function must return a scalar.* has shape \\(1\\)`),
      );
    }
  });

  test('bad arguments', () => {
    const f = (x: mx.array): mx.array => x.sum();
    expect(() => mx.grad(f, [0, 0])).toThrow(TypeError);
    expect(() => mx.grad(f, 0.5)).toThrow(TypeError);
    expect(() => mx.grad(f, [])).toThrow(TypeError);
    expect(() => mx.grad(f, 2)(mx.zeros([1]))).toThrow(RangeError);
    expect(() => mx.grad(f, [0, -1])(mx.zeros([1]))).toThrow(TypeError);
    expect(() => mx.grad(f)('text' as never)).toThrow(TypeError);
  });

  test('asynchronous functions are refused, by their types already', () => {
    const loss = async (x: mx.array) => Promise.resolve(x.sum());
    const w = mx.zeros([1]);
    // @ts-expect-error -- it returns a promise
    expect(() => mx.grad(loss)(w)).toThrow(/promise/);
    // @ts-expect-error -- it returns a promise
    expect(() => mx.grad(loss, { argnums: 0 })(w)).toThrow(/promise/);
    // @ts-expect-error -- it returns a promise
    expect(() => mx.valueAndGrad(loss)(w)).toThrow(/promise/);
    // @ts-expect-error -- it returns a promise
    expect(() => mx.vmap(loss)(w)).toThrow(/promise/);
  });
});

describe('arguments that stand for a tree', () => {
  const treeSymbol: unique symbol = Symbol.for('mlx.tree') as never;
  class Scale {
    readonly inner: { weight: mx.array };
    readonly [treeSymbol] = (): unknown => ({ inner: { weight: this.inner.weight } });
    calls = mx.array(0);

    constructor(readonly weight = mx.array([2, 3])) {
      this.inner = { weight };
    }

    apply(x: mx.array): mx.array {
      this.calls = this.calls.add(1);
      return x.multiply(this.inner.weight);
    }
  }
  const x = mx.array([1, 10]);

  test('are what the function is called with', () => {
    const scale = new Scale();
    const loss = (m: Scale, by: mx.array): mx.array => m.apply(by).square().sum();
    const gradient = mx.grad(loss)(scale, x) as unknown as { inner: { weight: mx.array } };
    expect(gradient.inner.weight.tolist()).toEqual([4, 600]);
    // Its members are as before, but for those that the function set.
    expect(scale.inner.weight).toBe(scale.weight);
    expect(scale.calls.item()).toBe(1);
    const again = mx.grad((tree: [Scale]) => mx.checkpoint(loss)(tree[0], x));
    expect((again([scale])[0] as unknown as typeof gradient).inner.weight.tolist()).toEqual([
      4, 600,
    ]);
  });

  test('get their members back when the function throws', () => {
    const scale = new Scale();
    const failure = new Error('inside');
    const throwing = (_scale: Scale): mx.array => {
      throw failure;
    };
    expect(() => mx.valueAndGrad(throwing)(scale)).toThrow(failure);
    expect(scale.inner.weight).toBe(scale.weight);
  });

  test('are mapped', () => {
    const scale = new Scale(
      mx.array([
        [1, 2],
        [3, 4],
      ]),
    );
    const mapped = mx.vmap((m: Scale) => m.apply(x), [{ inner: { weight: 1 } }])(scale);
    expect(mapped.tolist()).toEqual([
      [1, 30],
      [2, 40],
    ]);
  });
});

describe('vjp and jvp', () => {
  test('products and outputs', () => {
    const f = (x: mx.array, y: mx.array): mx.array[] => [x.multiply(y), x.add(y)];
    const primals = [mx.array([2]), mx.array([3])];
    const [outputs, products] = mx.vjp(f, primals, [mx.array([1]), mx.array([10])]);
    expect(outputs.map((one) => one.item())).toEqual([6, 5]);
    expect(products.map((one) => one.item())).toEqual([13, 12]);
    const [, tangents] = mx.jvp(f, primals, [mx.array([1]), mx.array([0])]);
    expect(tangents.map((one) => one.item())).toEqual([3, 1]);
  });

  test('shapes must fit', () => {
    const f = (x: mx.array): mx.array => x;
    expect(() => mx.vjp(f, [mx.zeros([2])], [mx.zeros([3])])).toThrow(mx.ShapeError);
    expect(() => mx.jvp(f, [mx.zeros([2])], [mx.zeros([3])])).toThrow();
  });
});

describe('vmap', () => {
  const rows = mx.array([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);

  test('maps over axes, shares others, places outputs', () => {
    const f = (a: mx.array, b: mx.array): mx.array => a.add(b);
    expect(
      mx
        .vmap(f, [0, null])(rows, mx.array([10, 20]))
        .tolist(),
    ).toEqual([
      [11, 22],
      [13, 24],
      [15, 26],
    ]);
    expect(
      mx
        .vmap(
          (a: mx.array) => a.sum(),
          1,
        )(rows)
        .tolist(),
    ).toEqual([9, 12]);
    expect(
      mx
        .vmap(
          (a: mx.array) => a,
          0,
          1,
        )(rows)
        .tolist(),
    ).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
    expect(mx.vmap((a: mx.array) => a, -1, -1)(rows).shape).toEqual([3, 2]);
  });

  test('trees in and out', () => {
    const f = (p: { a: mx.array; b: mx.array }): { sum: mx.array; same: mx.array[] } => ({
      sum: p.a.add(p.b),
      same: [p.b],
    });
    const out = mx.vmap(f, [{ a: 0, b: null }], { sum: 0, same: null })({
      a: rows,
      b: mx.array([1, 1]),
    });
    expect(out.sum.tolist()).toEqual([
      [2, 3],
      [4, 5],
      [6, 7],
    ]);
    expect(out.same[0]!.tolist()).toEqual([1, 1]);
  });

  test('one argument may have a tree of axes', () => {
    const sum = (p: { a: mx.array; 'b.c': mx.array }): mx.array => p.a.add(p['b.c']);
    const tree = { a: rows, 'b.c': mx.array([10, 20]) };
    expect(mx.vmap(sum, { a: 0, 'b.c': null })(tree).shape).toEqual([3, 2]);
    const both = (list: mx.array[]): mx.array => list[0]!.add(list[1]!);
    expect(mx.vmap(both, [0, null])([rows, mx.array([10, 20])]).shape).toEqual([3, 2]);
    expect(() => mx.vmap(sum as (...trees: unknown[]) => mx.array, { a: 0 })(tree, rows)).toThrow(
      /2 arguments/,
    );
    expect(() => mx.vmap(sum, { a: 0 })(tree)).toThrow(/no axis for the array at '0.b.c'/);
  });

  test('random numbers inside: shared without keys, of their own with mapped keys', () => {
    const shared = mx.vmap((a: mx.array) => a.add(mx.random.uniform()))(mx.zeros([3]));
    expect(new Set(shared.tolist<number[]>()).size).toBe(1);
    const keys = mx.random.split(mx.random.key(3), 4);
    const draw = (key: mx.array): mx.array => mx.random.normal([2], { key });
    const mapped = mx.vmap(draw)(keys);
    for (let i = 0; i < 4; i++)
      expect(mapped.index(i).tolist()).toEqual(draw(keys.index(i)).tolist());
  });

  test('arguments that hold no arrays pass through', () => {
    const f = (a: mx.array, settings: { scale: number; name: string | null }): mx.array =>
      settings.name === null ? a.multiply(settings.scale) : a;
    expect(mx.vmap(f, [-1, null])(rows, { scale: 2, name: null }).shape).toEqual([2, 3]);
  });

  test('a leaked tracer says so', () => {
    let leaked: mx.array | undefined;
    let constant: mx.array | undefined;
    mx.vmap((a: mx.array) => {
      leaked = a.multiply(2);
      constant = mx.ones([2]).add(1);
      return a;
    })(rows);
    expect(() => leaked!.add(1)).toThrow(/vmap/);
    expect(() => leaked!.tolist()).toThrow(/vmap/);
    expect(constant!.tolist()).toEqual([2, 2]);
  });

  test('within grad and around it', () => {
    const f = (x: mx.array): mx.array => x.square().sum();
    expect(mx.vmap(mx.grad(f))(rows).tolist()).toEqual([
      [2, 4],
      [6, 8],
      [10, 12],
    ]);
    expect(mx.grad((x: mx.array) => mx.vmap(f)(x).sum())(rows).shape).toEqual([3, 2]);
  });

  test('looking at values inside is an error that says what to do', () => {
    expect(() => mx.vmap((a: mx.array) => a.multiply(a.sum().item()))(rows)).toThrow(/vmap/);
    expect(
      mx
        .vmap((a: mx.array) => a.sum())(rows)
        .tolist(),
    ).toEqual([3, 7, 11]);
  });

  test('bad arguments', () => {
    expect(() => mx.vmap((a: mx.array) => a, [0, 0])(rows)).toThrow(TypeError);
    expect(() => mx.vmap((a: mx.array) => a, 2)(rows)).toThrow(RangeError);
    expect(() => mx.vmap((a: mx.array, b: mx.array) => a.add(b))(rows, mx.zeros([2, 2]))).toThrow(
      mx.ShapeError,
    );
  });
});
