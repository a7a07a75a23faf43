import { native } from '../addon/native';
import * as mx from '../index';
import { runScript } from './child-script.test-support';

// An ordinary loop, with neither tidy nor dispose in it.
const loop = (wait: string): string => `
  const a = mx.ones([256, 1024]);
  mx.eval(a);
  let begin, most = 0;
  for (let i = 0; i < 20000; i++) {
    const b = a.add(i);
    ${wait};
    if (i === 200) begin = resident();
    if (i > 200 && i % 100 === 0) most = Math.max(most, resident());
  }
  return { begin, most };`;

describe('resident memory', () => {
  test('stays flat in a loop that never yields', () => {
    const { begin, most } = runScript(loop('mx.eval(b)'));
    expect(most! - begin!).toBeLessThan(100);
  }, 60_000);

  test('stays flat in a loop that awaits', () => {
    const { begin, most } = runScript(loop('await mx.asyncEval(b)'));
    expect(most! - begin!).toBeLessThan(100);
  }, 60_000);

  test('stays bounded for millions of tiny arrays', () => {
    const { begin, most } = runScript(`
      const a = mx.array(1);
      let begin, most = 0;
      for (let i = 0; i < 2000000; i++) {
        a.add(a);
        if (i === 200000) begin = resident();
        if (i > 200000 && i % 10000 === 0) most = Math.max(most, resident());
      }
      return { begin, most };`);
    expect(most! - begin!).toBeLessThan(200);
  }, 60_000);

  test('stays flat when parameters are replaced by storage moved into them', () => {
    const { begin, most, same } = runScript(`
      const internals = mx.array[Symbol.for('mlx.internals')];
      let p = mx.zeros([256, 1024]).add(0);
      internals.own(p);
      let begin, most = 0;
      for (let i = 0; i < 3000; i++) {
        internals.move(p, p.add(1));
        mx.eval(p);
        if (i === 200) begin = resident();
        if (i > 200) most = Math.max(most, resident());
      }
      return { begin, most, same: p.index(0, 0).item() };`);
    expect(same).toBe(3000);
    expect(most! - begin!).toBeLessThan(100);
  }, 60_000);

  test('stays as flat after work on many tiny arrays beside a large one', () => {
    const { rise } = runScript(`
      const large = mx.zeros([4096, 1024]), one = mx.array(1);
      mx.eval(large, one);
      for (let step = 0; step < 100; step++) {
        let x = one;
        for (let i = 0; i < 1000; i++) x = x.add(one);
        mx.eval(x);
      }
      const before = mx.getActiveMemory();
      mx.resetPeakMemory();
      for (let i = 0; i < 500; i++) mx.eval(mx.ones([1000, 1000]).add(i));
      return { rise: (mx.getPeakMemory() - before) / 2 ** 20 };`);
    expect(rise).toBeLessThan(100);
  }, 60_000);

  test('becomes flat again after work that held on to much', () => {
    const { rise } = runScript(`
      const a = mx.zeros([1000, 1000]);
      mx.eval(a);
      for (let step = 0; step < 20; step++) {
        const held = [];
        for (let i = 0; i < 200; i++) held.push(a.add(i));
      }
      const before = mx.getActiveMemory();
      for (let i = 0; i < 1000; i++) mx.eval(a.add(i));
      mx.resetPeakMemory();
      for (let i = 0; i < 500; i++) mx.eval(a.add(i));
      return { rise: (mx.getPeakMemory() - before) / 2 ** 20 };`);
    expect(rise).toBeLessThan(100);
  }, 60_000);

  // Each computation of a large array looks for what died young, which by then these have not.
  test('stays bounded when large arrays outlive a computation', () => {
    const { rise } = runScript(`
      const a = mx.zeros([2048, 1024]);
      mx.eval(a);
      mx.resetPeakMemory();
      const before = mx.getActiveMemory();
      for (let i = 0; i < 300; i++) {
        const b = mx.exp(a);
        mx.eval(b);
        mx.eval(b.add(1));
      }
      return { rise: (mx.getPeakMemory() - before) / 2 ** 20 };`);
    expect(rise).toBeLessThan(200);
  }, 60_000);

  test('stays bounded when large parameters are replaced step by step', () => {
    const { rise } = runScript(`
      let parameters = Array.from({ length: 4 }, () => mx.zeros([2048, 1024]));
      mx.eval(parameters);
      mx.resetPeakMemory();
      const before = mx.getActiveMemory();
      for (let step = 0; step < 300; step++) {
        parameters = parameters.map((p) => mx.sin(p).add(step));
        mx.eval(parameters);
      }
      return { rise: (mx.getPeakMemory() - before) / 2 ** 20 };`);
    expect(rise).toBeLessThan(300);
  }, 60_000);

  test('holds no intermediate values that only dead objects could ask for', () => {
    const a = mx.ones([1024, 1024]);
    mx.eval(a);
    const rise = (evaluate: (b: mx.array) => void) => {
      const chain = (b: mx.array) => b.add(1).multiply(2).subtract(a).exp().add(a);
      const result = mx.sum(chain(chain(a)));
      const before = mx.getActiveMemory();
      mx.resetPeakMemory();
      evaluate(result);
      return mx.getPeakMemory() - before;
    };
    expect(rise((b) => mx.eval(b))).toBeLessThan(3 * a.nbytes);
    expect(rise((b) => b.item())).toBeLessThan(3 * a.nbytes);
  });

  test('does not grow by small reads while a graph is built', () => {
    const a = mx.ones([1024, 1024]);
    const small = mx.array([1, 2, 3]);
    mx.eval(a, small);
    const rise = (reads: number) => {
      const held: mx.array[] = [];
      let x = a;
      for (let i = 0; i < 60; i++) {
        x = x.multiply(0.5).add(i);
        held.push(x);
        if (i % 60 < reads) small.add(i).tolist();
      }
      held.length = 0;
      const before = mx.getActiveMemory();
      mx.resetPeakMemory();
      mx.eval(x);
      return mx.getPeakMemory() - before;
    };
    expect(rise(0)).toBeLessThan(6 * a.nbytes);
    expect(rise(20)).toBeLessThan(6 * a.nbytes);
  });

  test('is not looked for among arrays that wait to be computed', () => {
    const a = mx.ones([2048, 2048]);
    mx.eval(a);
    const chain = () => {
      let x = a;
      for (let i = 0; i < 15; i++) x = x.multiply(a).add(1);
      mx.eval(x);
    };
    chain();
    const collections = () => native.collections() as number;
    const before = collections();
    for (let i = 0; i < 10; i++) chain();
    // One for each evaluation, and now and then one for the results.
    expect(collections() - before).toBeLessThan(20);
  });

  test('is given back while the process idles', () => {
    const { held, idle } = runScript(`
      const a = mx.ones([256, 1024]);
      mx.eval(a);
      (() => { for (let i = 0; i < 20; i++) mx.eval(a.add(i)); })();
      const held = mx.getWrappersCount();
      for (let i = 0; i < 50 && mx.getWrappersCount() > 2; i++) {
        globalThis.garbage = new Array(1e5).fill(0).map(() => ({}));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return { held, idle: mx.getWrappersCount() };`);
    expect(held).toBeGreaterThan(10);
    expect(idle).toBeLessThanOrEqual(2);
  }, 60_000);
});

describe('dispose and tidy', () => {
  test('a released array says so', () => {
    const a = mx.ones([2]);
    mx.dispose(a);
    expect(() => a.add(1)).toThrow(/released/);
    expect(() => a.tolist()).toThrow(/released/);
    mx.dispose(a);
  });

  test('using releases at the end of the block', () => {
    let kept: mx.array;
    {
      using a = mx.ones([2]);
      kept = a;
      expect(a.tolist()).toEqual([1, 1]);
    }
    expect(() => kept.item()).toThrow(/released/);
  });

  test('dispose walks trees', () => {
    const tree = { a: [mx.ones([1])], b: mx.zeros([1]) };
    mx.dispose(tree);
    expect(() => tree.b.item()).toThrow(/released/);
    expect(() => tree.a[0]!.item()).toThrow(/released/);
  });

  test('tidy keeps what it returns and releases the rest', () => {
    let inner: mx.array | undefined;
    const outer = mx.ones([2]);
    const kept = mx.tidy(() => {
      inner = outer.add(1);
      return { sum: inner.sum() };
    });
    expect(kept.sum.item()).toBe(4);
    expect(() => inner!.item()).toThrow(/released/);
    expect(outer.tolist()).toEqual([1, 1]);
  });

  test('tidy hands its result to the tidy around it', () => {
    let result: mx.array | undefined;
    mx.tidy(() => {
      result = mx.tidy(() => mx.ones([1]).add(1));
      expect(result.item()).toBe(2);
    });
    expect(() => result!.item()).toThrow(/released/);
  });

  test('tidy releases after an exception', () => {
    let inner: mx.array | undefined;
    expect(() =>
      mx.tidy(() => {
        inner = mx.ones([1]);
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(() => inner!.item()).toThrow(/released/);
  });

  test('two interleaved async tidies leave each other alone', async () => {
    const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
    const inner: mx.array[] = [];
    const work = (start: number): Promise<mx.array> =>
      mx.tidy(async () => {
        let value = mx.array(start);
        for (let i = 0; i < 5; i++) {
          value = value.add(1);
          inner.push(value);
          await later();
          expect(value.item()).toBe(start + i + 1);
        }
        return value;
      });
    const [a, b] = await Promise.all([work(0), work(100)]);
    expect([a!.item(), b!.item()]).toEqual([5, 105]);
    const released = inner.filter((value) => value !== a && value !== b);
    expect(released).toHaveLength(8);
    for (const value of released) expect(() => value.item()).toThrow(/released/);
  });

  test('gradients made in a tidy are its own', () => {
    let gradient: mx.array | undefined;
    mx.tidy(() => {
      gradient = mx.grad((x: mx.array) => x.square().sum())(mx.ones([2]));
      expect(gradient.tolist()).toEqual([2, 2]);
    });
    expect(() => gradient!.tolist()).toThrow(/released/);
  });

  test('arrays made outside of an open async tidy are not its own', async () => {
    const work = mx.tidy(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return mx.ones([1]);
    });
    const outside = mx.ones([1]).add(1);
    await work;
    expect(outside.item()).toBe(2);
  });
});

describe('limits', () => {
  test('memory that is not there is an EngineError', () => {
    const before = mx.setMemoryLimit(2 ** 30);
    try {
      expect(() => mx.eval(mx.ones([1024, 1024, 1024]).add(1))).toThrow(mx.EngineError);
    } finally {
      mx.setMemoryLimit(before);
    }
    expect(mx.ones([2]).add(1).tolist()).toEqual([2, 2]);
  });

  test('running short collects what is dead first', () => {
    mx.clearCache();
    const before = mx.setMemoryLimit(mx.getActiveMemory() + 100 * 2 ** 20);
    try {
      for (let i = 0; i < 30; i++) mx.eval(mx.full([2 ** 21], i).add(1));
    } finally {
      mx.setMemoryLimit(before);
    }
  });
});
