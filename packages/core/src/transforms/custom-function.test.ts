import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as mx from '../index';

const x = mx.array([0.5, 1]);

describe('customFunction', () => {
  test('rules of its own, under other transforms', () => {
    const f = mx
      .customFunction((a: mx.array, b: mx.array) => mx.sin(a).multiply(b))
      .vjp(([a, b], cotangent, output) => {
        expect(output.shape).toEqual(cotangent.shape);
        return [cotangent.multiply(mx.cos(a)).multiply(b).multiply(10), null];
      })
      .jvp(([a, b], [da, db]) => {
        expect(db).toBeNull();
        return da.multiply(mx.cos(a)).multiply(b).multiply(100);
      })
      .vmap(([a, b], axes) => {
        expect(axes).toEqual([0, null]);
        return [mx.sin(a).multiply(b).multiply(1000), 0];
      });
    const y = mx.array([2, 3]);
    const slope = mx.cos(x).multiply(y);
    const close = (a: mx.array, b: mx.array): void => expect(mx.allclose(a, b).item()).toBe(true);
    close(f(x, y), mx.sin(x).multiply(y));
    const loss = (a: mx.array, b: mx.array): mx.array => f(a, b).sum();
    close(mx.grad(loss)(x, y), slope.multiply(10));
    expect(mx.grad(loss, 1)(x, y).tolist()).toEqual([0, 0]);
    close(mx.compile(mx.grad(loss))(x, y), slope.multiply(10));
    close(mx.grad(mx.compile(loss))(x, y), slope.multiply(10));
    close(mx.jvp((a) => f(a, y), [x], [mx.ones([2])])[1][0]!, slope.multiply(100));
    close(
      mx
        .vmap(f, [0, null])(mx.stack([x, x]), y)
        .index(1),
      mx.sin(x).multiply(y).multiply(1000),
    );
    close(
      mx.grad((a: mx.array) => mx.grad(loss)(a, y).sum())(x),
      mx.sin(x).multiply(y).multiply(-10),
    );
  });

  test('trees of arguments and results', () => {
    const f = mx
      .customFunction((p: { w: mx.array; rest: [mx.array] }, factor: number) => ({
        out: p.w.multiply(p.rest[0]).multiply(factor),
      }))
      .vjp(([p, factor], { out }) => [
        { w: out.multiply(p.rest[0]).multiply(factor), rest: [mx.zerosLike(p.rest[0])] },
        null,
      ]);
    const gradient = mx.grad((p: { w: mx.array; rest: [mx.array] }) => f(p, 3).out.sum())({
      w: x,
      rest: [mx.array([1, 2])],
    });
    expect(gradient.w.tolist()).toEqual([3, 6]);
    expect(gradient.rest[0].tolist()).toEqual([0, 0]);
  });

  describe('in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mlx-custom-'));
    afterAll(() => rmSync(folder, { recursive: true }));

    type Two = (a: mx.array, b: mx.array) => mx.array | mx.array[];
    const product = (a: mx.array, b: mx.array): mx.array => mx.sin(a).multiply(b);
    const ruled = mx
      .customFunction(product)
      .vjp((_, c) => [c.multiply(10), c.multiply(20)])
      .jvp((_, [da, db]) => da.multiply(100).add(db.multiply(200)));
    const loss: Two = (a, b) => ruled(a, b).sum();
    const y = mx.array([2, 3]);
    const rows = [mx.stack([x, x]), mx.stack([y, y])] as const;
    const formula = [mx.cos(x).multiply(y).tolist(), mx.sin(x).tolist()];

    function throughFile(f: Two, ...args: readonly [mx.array, mx.array]): mx.ImportedFunction {
      mx.exportFunction(join(folder, 'f'), f, ...args);
      return mx.importFunction(join(folder, 'f'));
    }
    const listsOf = (arrays: mx.array[]): unknown[] => arrays.map((a) => a.tolist());

    test('derivatives that were exported follow the rules', () => {
      const [whole, mapped] = [mx.grad(loss, [0, 1]), mx.vmap(mx.grad(loss, [0, 1]))];
      const ones = [mx.ones([2]), mx.ones([2])];
      const tangent: Two = (a, b) => mx.jvp(ruled, [a, b], ones)[1];
      for (const f of [whole, mx.compile(whole)])
        expect(listsOf(throughFile(f, x, y)(x, y))).toEqual([
          [10, 10],
          [20, 20],
        ]);
      expect(throughFile(mapped, ...rows)(...rows)[1]!.tolist()).toEqual([
        [20, 20],
        [20, 20],
      ]);
      expect(listsOf(throughFile(tangent, x, y)(x, y))).toEqual([[300, 300]]);
    });

    test('derivatives of what was imported are those of the formula', () => {
      for (const f of [ruled, mx.compile(ruled), mx.checkpoint(product)]) {
        const imported = throughFile(f, x, y);
        expect(imported(x, y)[0]!.tolist()).toEqual(product(x, y).tolist());
        const total = (a: mx.array, b: mx.array): mx.array => imported(a, b)[0]!.sum();
        expect(listsOf(mx.grad(total, [0, 1])(x, y))).toEqual(formula);
      }
      const imported = throughFile(mx.vmap(ruled), ...rows);
      const total = (a: mx.array, b: mx.array): mx.array => imported(a, b)[0]!.index(1).sum();
      const gradients = mx.grad(total, [0, 1])(...rows);
      expect(listsOf(gradients.map((a) => a.index(1)))).toEqual(formula);
    });
  });

  test('what no parameter is for is refused', () => {
    const f = (x: mx.array): mx.array => x;
    const custom = mx.customFunction(f);
    const calls: [string, (...values: unknown[]) => unknown, string][] = [
      ['checkpoint', mx.checkpoint as never, 'fun'],
      ['customFunction', mx.customFunction as never, 'fun'],
      ['customFunction.vjp', custom.vjp as never, 'rule'],
      ['customFunction.jvp', custom.jvp as never, 'rule'],
      ['customFunction.vmap', custom.vmap as never, 'rule'],
    ];
    for (const [name, call, parameter] of calls) {
      expect(() => call(f, 1)).toThrow(
        new TypeError(`[${name}] Too many arguments; it takes ${parameter}.`),
      );
      expect(() => call(f, { nothing: 1 })).toThrow(`[${name}] Unknown option nothing`);
      expect(() => call()).toThrow(`[${name}] The argument ${parameter} is required: a function.`);
      expect(() => call(1)).toThrow(`[${name}] ${parameter} must be a function, but got 1.`);
    }
  });

  test('wrong rules are clear errors, errors of rules pass through', () => {
    const wrong = mx.customFunction((a: mx.array, b: mx.array) => a.add(b)).vjp(() => [x]);
    expect(() => mx.grad((a: mx.array) => wrong(a, a).sum())(x)).toThrow(/one for each argument/);
    const failing = mx
      .customFunction((a: mx.array) => a)
      .vjp(() => {
        throw new Error('inside the rule');
      });
    expect(() => mx.grad((a: mx.array) => failing(a).sum())(x)).toThrow('inside the rule');
    const shape = mx.customFunction((a: mx.array) => a).vjp((_, c) => c.sum());
    expect(() => mx.grad((a: mx.array) => shape(a).sum())(x)).toThrow(mx.ShapeError);
    expect(() => mx.customFunction(1 as never)).toThrow(TypeError);
    expect(() => mx.customFunction((a: mx.array) => a).vjp(1 as never)).toThrow(TypeError);
  });
});

describe('checkpoint', () => {
  const layer = (a: mx.array, w: mx.array): mx.array => {
    for (let i = 0; i < 6; i++) a = mx.sin(a.matmul(w));
    return a;
  };

  function peakOf(block: typeof layer): [number, number[]] {
    const w = mx.full([64, 64], 0.1);
    const loss = (a: mx.array, u: mx.array): mx.array => {
      for (let i = 0; i < 8; i++) a = block(a, u);
      return a.sum();
    };
    const a = mx.full([4096, 64], 0.01);
    mx.evaluate(a, w);
    mx.clearCache();
    mx.resetPeakMemory();
    const before = mx.getActiveMemory();
    const gradients = mx.grad(loss, [0, 1])(a, w) as mx.array[];
    mx.evaluate(gradients);
    return [mx.getPeakMemory() - before, gradients[1]!.index(0).tolist<number[]>()];
  }

  test('lowers the peak of memory and gives the same', () => {
    const [all, expected] = peakOf(layer);
    const [few, got] = peakOf(mx.checkpoint(layer));
    // The contributions to the weight's gradient are added in another order.
    expect(mx.allclose(mx.array(got), expected, 1e-5).item()).toBe(true);
    expect(few).toBeLessThan(all / 2);
  });

  test('also inside a compiled step', () => {
    const [all, expected] = peakOf(layer);
    const w = mx.full([64, 64], 0.1);
    const block = mx.checkpoint(layer);
    const step = mx.compile(
      mx.grad(
        (a: mx.array, u: mx.array) => {
          for (let i = 0; i < 8; i++) a = block(a, u);
          return a.sum();
        },
        [0, 1],
      ),
    );
    const a = mx.full([4096, 64], 0.01);
    mx.evaluate(a, w);
    mx.clearCache();
    mx.resetPeakMemory();
    const before = mx.getActiveMemory();
    const gradients = step(a, w) as mx.array[];
    mx.evaluate(gradients);
    expect(mx.allclose(gradients[1]!.index(0), expected, 1e-5).item()).toBe(true);
    expect(mx.getPeakMemory() - before).toBeLessThan(all / 2);
  });
});
