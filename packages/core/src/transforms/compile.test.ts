import * as mx from '../index';

const x = mx.array([1, 2, 3]);

describe('compile', () => {
  test('gives the same, and calls the function once for each combination', () => {
    let calls = 0;
    const f = (a: mx.array, power: number, options: { note: string }): mx.array => {
      calls++;
      return a.power(power).add(options.note.length);
    };
    const compiled = mx.compile(f);
    const note = { note: 'ab' };
    expect(compiled(x, 2, note).tolist()).toEqual([3, 6, 11]);
    expect(compiled(mx.array([2, 2, 2]), 2, { note: 'ab' }).tolist()).toEqual([6, 6, 6]);
    expect(calls).toBe(1);
    expect(compiled(x, 3, note).tolist()).toEqual([3, 10, 29]);
    expect(compiled(x, 2, { note: 'abc' }).tolist()).toEqual([4, 7, 12]);
    expect(compiled(mx.array([1, 2]), 2, note).tolist()).toEqual([3, 6]);
    expect(compiled(mx.array([1, 2, 3], mx.int32), 2, note).dtype).toBe(mx.int32);
    expect(calls).toBe(5);
  });

  test('trees of arguments and results, results that are no arrays', () => {
    const f = mx.compile((p: { w: mx.array; b: [mx.array, null] }) => ({
      sum: p.w.add(p.b[0]),
      same: [p.w, 'text'] as const,
      count: 3,
    }));
    for (let i = 0; i < 2; i++) {
      const out = f({ w: x, b: [x, null] });
      expect(out.sum.tolist()).toEqual([2, 4, 6]);
      expect(out.same[0].tolist()).toEqual([1, 2, 3]);
      expect(out.same[1]).toBe('text');
      expect(out.count).toBe(3);
    }
  });

  test('one array in two places is not two arrays', () => {
    const f = mx.compile((a: mx.array, b: mx.array) => (a === b ? a.add(1) : a.add(b)));
    expect(f(x, x).tolist()).toEqual([2, 3, 4]);
    expect(f(x, mx.array([1, 1, 1])).tolist()).toEqual([2, 3, 4]);
    expect(f(x, mx.array([5, 5, 5])).tolist()).toEqual([6, 7, 8]);
  });

  test('state is read and written', () => {
    const state = { count: mx.array(0), total: [mx.zeros([3])], fixed: mx.array(10) };
    const kept = state.fixed;
    const f = mx.compile(
      (a: mx.array) => {
        state.count = state.count.add(1);
        state.total[0] = state.total[0]!.add(a);
        return state.total[0].multiply(state.fixed);
      },
      state,
      state,
    );
    for (let i = 1; i <= 3; i++) expect(f(x).tolist()).toEqual([10 * i, 20 * i, 30 * i]);
    expect(state.count.item()).toBe(3);
    expect(state.total[0]!.tolist()).toEqual([3, 6, 9]);
    expect(state.fixed).toBe(kept);
    state.fixed = mx.array(1);
    expect(f(x).tolist()).toEqual([4, 8, 12]);
  });

  test('state changed in place counts as changed', () => {
    const state = [mx.zeros([2])];
    const f = mx.compile(() => state[0]!.indexPut_([0], state[0]!.index(0).add(1)), state, state);
    f();
    f();
    expect(state[0]!.tolist()).toEqual([2, 0]);
  });

  test('state is whole again after an error', () => {
    const state = { a: mx.array(1) };
    const f = mx.compile(
      () => {
        state.a = state.a.add(1);
        throw new Error('inside');
      },
      state,
      state,
    );
    expect(() => f()).toThrow('inside');
    expect(state.a.item()).toBe(1);
  });

  test('arrays from elsewhere are constants', () => {
    let factor = mx.array(2);
    const f = mx.compile((a: mx.array) => a.multiply(factor));
    expect(f(x).tolist()).toEqual([2, 4, 6]);
    factor = mx.array(3);
    expect(f(x).tolist()).toEqual([2, 4, 6]);
  });

  test('random numbers move on when the state is captured', () => {
    const fixed = mx.compile(() => mx.random.uniform());
    expect(fixed().item()).toBe(fixed().item());
    const draw = mx.compile(() => mx.random.uniform(), mx.random.state, mx.random.state);
    mx.random.seed(4);
    const compiled = [draw().item(), draw().item(), mx.random.uniform().item()];
    mx.random.seed(4);
    const plain = [0, 1, 2].map(() => mx.random.uniform().item());
    expect(compiled).toEqual(plain);
  });

  test('a state taken before stays what it was', () => {
    mx.random.seed(1);
    const before = mx.random.state;
    const first = mx.random.uniform().item();
    mx.random.state = before;
    expect(mx.random.uniform().item()).toBe(first);
  });

  test('looking at values is an error that says what to do', () => {
    const f = mx.compile((a: mx.array) => (a.sum().item() > 0 ? a : a.negative()));
    expect(() => f(x)).toThrow(/traced by vmap or compile.*Compute with it inside/s);
    // @ts-expect-error -- it returns a promise
    expect(() => mx.compile((a: mx.array) => mx.asyncEval(a))(x)).toThrow(/traced/);
    // @ts-expect-error -- it returns a promise
    expect(() => mx.compile(async (a: mx.array) => Promise.resolve(a))(x)).toThrow(/promise/);
  });

  test('what leaks out of a trace says so', () => {
    let leaked: mx.array | undefined;
    const f = mx.compile((a: mx.array) => {
      leaked = a.add(1);
      return a;
    });
    f(x);
    expect(() => leaked!.add(1)).toThrow(/compile traced.*outputs/s);
  });

  test('shapeless traces serve other sizes, but not when sizes flow into values', () => {
    let calls = 0;
    const f = mx.compile((a: mx.array) => {
      calls++;
      return a.subtract(a.mean()).abs().sum(-1);
    }, true);
    for (const n of [2, 3, 4, 5]) {
      const a = mx.arange(n);
      const expected = a.subtract(a.mean()).abs().sum(-1);
      expect(f(a).item()).toBeCloseTo(expected.item(), 5);
    }
    expect(calls).toBe(2);
    const scaled = mx.compile((a: mx.array) => a.multiply(a.shape[0]!), { shapeless: true });
    const branch = mx.compile((a: mx.array) => (a.size > 3 ? a.sum() : a.max()), true);
    const tail = mx.compile((a: mx.array) => a.index('1:'), null, null, { shapeless: true });
    for (const n of [2, 5, 3, 5, 2]) {
      expect(scaled(mx.ones([n])).tolist()).toEqual(Array<number>(n).fill(n));
      expect(branch(mx.ones([n])).item()).toBe(n > 3 ? n : 1);
      expect(tail(mx.ones([n])).shape).toEqual([n - 1]);
    }
  });

  test('nests, differentiates and vectorises', () => {
    const f = mx.compile((a: mx.array) => mx.sin(a).multiply(a).sum());
    const expected = mx.cos(x).multiply(x).add(mx.sin(x));
    expect(mx.allclose(mx.grad(f)(x), expected).item()).toBe(true);
    expect(mx.allclose(mx.compile(mx.grad(f))(x), expected).item()).toBe(true);
    expect(mx.allclose(mx.vmap(f)(mx.stack([x, x])), mx.stack([f(x), f(x)])).item()).toBe(true);
    expect(
      mx
        .compile((a: mx.array) => f(a).add(f(a)))(x)
        .item(),
    ).toBeCloseTo(2 * f(x).item(), 5);
  });

  test('disableCompile calls the function itself', () => {
    let calls = 0;
    const f = mx.compile((a: mx.array) => {
      calls++;
      return a.add(1);
    });
    f(x);
    mx.disableCompile();
    try {
      expect(f(x).tolist()).toEqual([2, 3, 4]);
      expect(calls).toBe(2);
    } finally {
      mx.enableCompile();
    }
    f(x);
    expect(calls).toBe(2);
  });

  test('bad arguments', () => {
    expect(() => mx.compile(3 as never)).toThrow(TypeError);
    expect(() => mx.compile((a: Float32Array) => mx.array(a))(new Float32Array(1))).toThrow(
      /TypedArray/,
    );
    expect(() => mx.compile((a: mx.array) => a, null, null, 'yes' as never)).toThrow(TypeError);
  });

  test('objects that are no state are misspelt options', () => {
    const f = (x: mx.array): mx.array => x;
    const known = 'the options are inputs, outputs, shapeless.';
    const state = { w: mx.array(1) };
    for (const options of [
      { nothing: 1 },
      { nothing: true },
      { nothing: 'yes' },
      { inputs: state, nothing: state },
      { shapeless: true, nothing: [state] },
    ]) {
      const unknown = new TypeError(`[compile] Unknown option nothing; ${known}`);
      expect(() => mx.compile(f, options)).toThrow(unknown);
      if (!('inputs' in options)) expect(() => mx.compile(f, state, options)).toThrow(unknown);
    }
    // What a state holds may be missing at first.
    for (const empty of [{}, [], { cache: null }, { cache: [] }, { model: () => 1 }])
      expect(mx.compile(f, empty)(mx.array(2)).item()).toBe(2);
  });

  test('state that is read-only is refused, and stays as it is', () => {
    const w = mx.array(3);
    const states: [string, { readonly w: mx.array }][] = [
      [
        'a getter',
        {
          get w() {
            return w;
          },
        },
      ],
      ['a frozen object', Object.freeze({ w })],
      ['a proxy', new Proxy({ w }, { set: () => false })],
    ];
    for (const [, state] of states) {
      const other = { v: mx.array(1) };
      const step = mx.compile((x: mx.array) => x.add(state.w), { inputs: { other, state } });
      expect(() => step(mx.array(1))).toThrow(
        new TypeError(
          '[compile] The member state.w is read-only, so that no other array can take its place.',
        ),
      );
      expect([state.w.item(), other.v.item()]).toEqual([3, 1]);
    }
    const lists: unknown[] = [];
    let deepest = lists;
    for (let i = 0; i < 20_000; i++) deepest.push((deepest = []));
    expect(() => mx.compile((x: mx.array) => x, [lists])(mx.array(1))).toThrow(
      /^\[compile\] The value is nested more than/,
    );
  });

  test('symbols are constants, told apart', () => {
    const f = mx.compile((key: symbol, x: mx.array) => (key === Symbol.for('a') ? x : x.add(1)));
    const x = mx.array([1]);
    expect(f(Symbol.for('a'), x).item()).toBe(1);
    expect(f(Symbol('a'), x).item()).toBe(2);
    expect(f(Symbol.for('a'), x).item()).toBe(1);
    const state = { unused: Symbol('state'), x };
    expect(
      mx
        .compile(() => state.x.add(1), state)()
        .item(),
    ).toBe(2);
  });

  test('100,000 recompilations hold memory flat', () => {
    const f = mx.compile((a: mx.array, n: number) => a.add(n));
    const small = mx.zeros([16]);
    const run = (from: number, to: number): void => {
      for (let n = from; n < to; n++) f(small, n);
    };
    run(0, 20_000);
    const [bytes, rss] = [mx.getActiveMemory(), process.memoryUsage().rss];
    run(20_000, 100_000);
    expect(f(small, 99_999).index(0).item()).toBe(99_999);
    expect(mx.getActiveMemory() - bytes).toBeLessThan(1 << 20);
    expect(process.memoryUsage().rss - rss).toBeLessThan(64 << 20);
  }, 60_000);
});
