import * as mx from '../index';

const large = (): mx.array => mx.random.normal([1024, 1024]);

describe('evaluation', () => {
  test('eval takes arrays, trees and what stands for trees', () => {
    const a = mx.ones([2]).add(1);
    const b = mx.ones([2]).add(2);
    mx.eval(a, { b, n: 5, s: 'text' }, [null]);
    mx.evaluate({ [Symbol.for('mlx.tree')]: () => ({ a }) });
    expect(b.tolist()).toEqual([3, 3]);
  });

  test('several evaluations are in flight and all finish', async () => {
    const jobs = Array.from({ length: 5 }, (_, i) => {
      const a = large().multiply(0).add(i);
      return mx.asyncEval(a).then(() => a.index(0, 0).item());
    });
    expect(await Promise.all(jobs)).toEqual([0, 1, 2, 3, 4]);
  });

  test('streams overlap and wait for each other', async () => {
    const other = mx.newStream(mx.cpu);
    const a = large();
    const b = mx.matmul(a, a, other);
    const c = mx.add(b, 1, mx.defaultStream(mx.cpu));
    await mx.asyncEval(c);
    expect(c.shape).toEqual([1024, 1024]);
    mx.synchronize(other);
  });

  test('errors reject, and surface again at who looks', async () => {
    const bad = mx.arange(4).index(mx.array([9], mx.int32));
    await expect(mx.asyncEval(bad)).rejects.toThrow(mx.EngineError);
    expect(() => bad.tolist()).toThrow(mx.EngineError);
    // Not handled, and harmless.
    void mx.asyncEval(mx.arange(4).index(mx.array([9], mx.int32)));
    await new Promise((resolve) => setTimeout(resolve, 10));
  });

  test('a signal rejects the promise', async () => {
    const controller = new AbortController();
    const done = mx.asyncEval(mx.matmul(large(), large()), controller.signal);
    controller.abort(new Error('stopped'));
    await expect(done).rejects.toThrow('stopped');
    // One that aborted before.
    await expect(mx.asyncEval(mx.ones([1]), controller.signal)).rejects.toThrow('stopped');
  });

  test('argument errors and calls inside a trace throw at once', () => {
    const a = mx.ones([1]);
    mx.dispose(a);
    expect(() => mx.asyncEval(a)).toThrow(/released/);
    expect(() =>
      mx.grad((x: mx.array) => {
        void mx.asyncEval(x);
        return x.sum();
      })(mx.ones([1])),
    ).toThrow(TypeError);
  });

  test('a million operations are built, evaluated and freed', () => {
    let a = mx.array(0);
    for (let i = 0; i < 1_000_000; i++) a = a.add(1);
    expect(a.item()).toBe(1_000_000);
  });
});

describe('streams and devices', () => {
  test('are singletons', () => {
    expect(mx.Device('cpu')).toBe(mx.cpu);
    expect(new mx.Device('cpu', 0)).toBe(mx.cpu);
    expect(mx.defaultStream(mx.cpu)).toBe(mx.defaultStream('cpu'));
    expect(mx.defaultDevice()).toBe(mx.cpu);
    expect(mx.cpu).toBeInstanceOf(mx.Device);
    expect(mx.defaultStream(mx.cpu)).toBeInstanceOf(mx.Stream);
    expect(String(mx.gpu)).toBe('Device(gpu, 0)');
    expect(() => mx.Device('tpu' as never)).toThrow(TypeError);
    for (const index of [2 ** 31, 2 ** 53, -1])
      expect(() => mx.Device('cpu', index)).toThrow(RangeError);
    const missing = mx.Device('cpu', 7);
    for (const name of ['defaultStream', 'newStream', 'newThreadLocalStream'] as const)
      expect(() => mx[name](missing)).toThrow(`[${name}] `);
  });

  test('a device that is not there is an error', () => {
    if (mx.isAvailable(mx.gpu)) return;
    expect(() => mx.setDefaultDevice(mx.gpu)).toThrow();
    expect(() => mx.stream(mx.gpu)).toThrow(TypeError);
  });

  test('a stream scope follows what its caller awaits, and only that', async () => {
    const usual = mx.defaultDevice();
    const inside = async (): Promise<void> => {
      using scope = mx.stream(mx.newStream(mx.cpu));
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(mx.ones([2]).add(1).tolist()).toEqual([2, 2]);
      void scope;
    };
    await Promise.all([inside(), inside()]);
    expect(mx.defaultDevice()).toBe(usual);
  });
});
