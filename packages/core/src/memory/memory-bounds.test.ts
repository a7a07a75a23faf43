import { runScript } from './child-script.test-support';

describe('memory stays bounded', () => {
  test('when asynchronous evaluations are not awaited', () => {
    const { begin, most } = runScript(`
      const a = mx.ones([1024, 1024]);
      mx.eval(a);
      let begin, most = 0;
      for (let i = 0; i < 1500; i++) {
        void mx.asyncEval(a.add(i));
        if (i === 300) begin = resident();
        if (i > 300) most = Math.max(most, resident());
      }
      return { begin, most };`);
    expect(most! - begin!).toBeLessThan(100);
  }, 120_000);

  test('when compiled functions that hold constants are dropped', () => {
    const { peak } = runScript(`
      const x = mx.ones([8]);
      for (let i = 0; i < 100; i++) {
        const constant = mx.full([2 ** 21], i);
        mx.eval(constant);
        mx.eval(mx.compile((a) => a.add(constant.sum()))(x));
      }
      return { peak: mx.getPeakMemory() / 2 ** 20 };`);
    expect(peak).toBeLessThan(300);
  }, 120_000);

  test('when imported functions are dropped', () => {
    const { peak } = runScript(`
      const { mkdtempSync, rmSync } = require('node:fs');
      const folder = mkdtempSync(require('node:os').tmpdir() + '/mlx-memory-');
      const x = mx.ones([8]), constant = mx.full([2 ** 21], 1);
      mx.exportFunction(folder + '/f.mlxfn', (a) => a.add(constant.sum()), x);
      mx.resetPeakMemory();
      for (let i = 0; i < 100; i++) mx.eval(mx.importFunction(folder + '/f.mlxfn')(x));
      rmSync(folder, { recursive: true });
      return { peak: mx.getPeakMemory() / 2 ** 20 };`);
    expect(peak).toBeLessThan(300);
  }, 120_000);

  test('of closures with rules of their own', () => {
    const { alive } = runScript(`
      const seen = [];
      const make = (wrap) => {
        const captured = {};
        seen.push(new WeakRef(captured));
        const f = wrap((x) => (captured.count = 1, x.square()));
        mx.eval(mx.grad((x) => f(x).sum())(mx.ones([3])));
      };
      make((f) => mx.customFunction(f).vjp((_, cotangent) => cotangent));
      make((f) => mx.checkpoint(f));
      const gc = require('node:vm').runInNewContext('gc');
      for (let i = 0; i < 5; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        gc();
      }
      return { alive: seen.filter((one) => one.deref() !== undefined).length };`);
    expect(alive).toBe(0);
  }, 120_000);

  test('over ever new shapes', () => {
    const { rise } = runScript(`
      let seed = 1, rise = 0;
      const below = (n) => (seed = (seed * 48271) % 2147483647) % n;
      for (let i = 0; i < 150; i++) {
        const a = mx.ones([100 + below(2000), 100 + below(5000)]);
        mx.eval(a.add(i));
        const total = mx.getActiveMemory() + mx.getCacheMemory();
        rise = Math.max(rise, (total - 2 * mx.getPeakMemory()) / 2 ** 20);
      }
      return { rise };`);
    // Or the 256 MiB that are always kept.
    expect(rise).toBeLessThan(256);
  }, 120_000);

  test('by ulimit -v: an error when small arrays have used it up, and no crash', () => {
    const { isEngineError, namesLimit, sum } = runScript(
      `
      const kept = [];
      const fill = () => {
        const one = mx.array(1);
        for (;;) kept.push(one.add(1));
      };
      let error;
      try {
        fill();
      } catch (caught) {
        error = caught;
      }
      kept.length = 0;
      return {
        isEngineError: Number(error instanceof mx.EngineError),
        namesLimit: Number(error.message.includes('setMemoryLimit')),
        sum: mx.ones([4]).sum().item(),
      };`,
      { addressSpace: 1500 },
    );
    expect([isEngineError, namesLimit, sum]).toEqual([1, 1, 4]);
  }, 120_000);
});
