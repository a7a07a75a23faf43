import * as mx from '../index';

describe('errors', () => {
  test('are of the classes that the page on the API names, with a JavaScript stack', () => {
    const cases: [() => unknown, new (...args: never[]) => Error][] = [
      [() => mx.add(mx.zeros([2]), mx.zeros([3])), mx.ShapeError],
      [() => mx.reshape(mx.zeros([3]), [2]), mx.ShapeError],
      [() => mx.matmul(mx.zeros([2, 3]), mx.zeros([2, 3])), mx.ShapeError],
      [() => mx.bitwiseAnd(mx.zeros([1]), mx.zeros([1])), mx.DtypeError],
      [() => mx.sum(mx.zeros([1]), 3), RangeError],
      [() => mx.sum('a' as never), TypeError],
      [() => mx.sum(mx.zeros([1]), 'a' as never), TypeError],
      [() => mx.load('missing.safetensors'), mx.EngineError],
    ];
    for (const [run, ErrorClass] of cases) {
      let error: unknown;
      try {
        run();
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(ErrorClass);
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).stack).toContain('errors.test');
      expect((error as Error).message).toMatch(/^\[\w+(\.\w+)?\] /);
    }
  });

  test('extend the built-in classes', () => {
    expect(new mx.ShapeError('')).toBeInstanceOf(RangeError);
    expect(new mx.DtypeError('')).toBeInstanceOf(TypeError);
    expect(new mx.EngineError('').name).toBe('EngineError');
  });

  test('name operations in camelCase, shapes and dtypes', () => {
    expect(() => mx.expandDims(mx.zeros([2]), 5)).toThrow(/^\[expandDims\]/);
    expect(() => mx.add(mx.zeros([2]), mx.zeros([3]))).toThrow(/\(2\).*\(3\)/);
  });

  test('of indices name what takes them, while computing and in gradients', () => {
    const x = mx.ones([2, 2]);
    const [list, rows] = [mx.array([7], mx.int32), mx.array([[7, 7]], mx.int32)];
    const calls: [string, (indices: mx.array) => mx.array, mx.array][] = [
      ['take', (indices) => mx.take(x, indices, 0), list],
      ['take', (indices) => x.index(indices), list],
      ['takeAlongAxis', (indices) => mx.takeAlongAxis(x, indices, 0), rows],
      ['putAlongAxis', (indices) => mx.putAlongAxis(x, indices, mx.array([[1]]), 0), rows],
      ['at', (indices) => x.at(indices).add(1), list],
    ];
    for (const [name, call, indices] of calls) {
      const text = `[${name}] index 7 is out of range for axis 0 of size 2`;
      expect(() => call(indices).tolist()).toThrow(text);
    }
    const gradient = mx.grad((indices: mx.array) => mx.take(x, indices, 0).sum());
    expect(() => gradient(list)).toThrow('[take] There is no derivative with respect to indices');
  });

  test('fakes and proxies of arrays are a TypeError', () => {
    const a = mx.array([1]);
    const fake = Object.create(mx.array.prototype) as mx.array;
    const proxy = new Proxy(a, {});
    for (const value of [fake, proxy]) {
      expect(() => mx.add(a, value)).toThrow(TypeError);
      expect(() => value.shape).toThrow(TypeError);
    }
  });

  test('what only inherits from an array is none, and of no other copy', () => {
    const a = mx.array([1]);
    for (const one of [new Proxy(a, {}), Object.create(a) as mx.array])
      expect(() => mx.add(a, one)).toThrow(
        '[add] Expected an array, but got an object that only inherits from one, or its proxy.',
      );
  });

  test('an array of another copy of the package is named as such', () => {
    let other: typeof mx | undefined;
    jest.isolateModules(() => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- a second copy
      other = require('../index') as typeof mx;
    });
    const foreign = other!.array([1]);
    expect(foreign).not.toBeInstanceOf(mx.array);
    expect(() => mx.add(mx.array([1]), foreign as never)).toThrow(/another copy.*npm dedupe/);
    expect(() => mx.eval({ a: [foreign] })).toThrow(/^\[eval\] .*another copy/);
    expect(() => mx.grad((a: mx.array) => a.sum())(foreign as never)).toThrow(/another copy/);
    expect(other!.add(foreign, foreign).tolist()).toEqual([2]);
  });
});

describe('arguments', () => {
  const a = mx.array([
    [1, 2],
    [3, 4],
  ]);

  test('position, options, and both are one call', () => {
    const forms = [
      mx.sum(a, 0, true),
      mx.sum(a, { axis: 0, keepdims: true }),
      mx.sum(a, 0, { keepdims: true, stream: mx.cpu }),
      a.sum(0, true),
      a.sum({ axis: 0, keepdims: true }),
    ];
    for (const form of forms) expect(form.tolist()).toEqual([[4, 6]]);
  });

  test('undefined is the default', () => {
    expect(mx.sum(a, undefined, true).shape).toEqual([1, 1]);
    expect(mx.sum(a, { axis: undefined }).item()).toBe(10);
  });

  test('a kind that fits one parameter is that parameter', () => {
    expect(mx.sum(a, true).shape).toEqual([1, 1]);
    expect(mx.arange(3, mx.int32).dtype).toBe(mx.int32);
    expect(mx.arange(1, 4, mx.int32).tolist()).toEqual([1, 2, 3]);
    expect(mx.linspace(0, 10, 5, mx.int64 as never).dtype).toBe(mx.int64);
    expect(mx.sum(a, mx.cpu as never).item()).toBe(10);
    expect(mx.pad(mx.array([1]), 1, 5).tolist()).toEqual([5, 1, 5]);
  });

  test('unknown options are a TypeError that lists the known ones', () => {
    expect(() => mx.sum(a, { axes: 0 } as never)).toThrow(/axis, keepdims, stream/);
    expect(() => mx.exp(a, { axis: 0 } as never)).toThrow(TypeError);
  });

  test('too many arguments and values given twice are a TypeError', () => {
    expect(() => (mx.sum as (...values: unknown[]) => unknown)(a, 0, true, mx.cpu, 5)).toThrow(
      TypeError,
    );
    expect(() => mx.sum(a, 0, { axis: 1 } as never)).toThrow(TypeError);
  });

  test('reshape and transpose take numbers one by one too', () => {
    expect(a.reshape(4).shape).toEqual([4]);
    expect(a.reshape([1, 4]).shape).toEqual([1, 4]);
    expect(a.reshape(1, -1).shape).toEqual([1, 4]);
    expect(a.transpose(1, 0).tolist()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(a.transpose([1, 0]).tolist()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(a.transpose().tolist()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });
});

describe('the name in brackets is what was called', () => {
  const gone = mx.array([[1, 2]]);
  mx.dispose(gone);
  const x = mx.ones([2, 2]);
  const far = mx.Device('cpu', 3);
  const named: [string, () => unknown][] = [
    ['var', () => mx.var(x, 7)],
    ['variance', () => mx.variance(x, 7)],
    ['var', () => x.var(7)],
    ['variance', () => x.variance(7)],
    ['conj', () => mx.conj(x, 1 as never)],
    ['conj', () => x.conj(1 as never)],
    ['gatherMM', () => mx.gatherMM({} as never, x)],
    ['gatherMm', () => mx.gatherMm({} as never, x)],
    ['eval', () => mx.eval(gone)],
    ['evaluate', () => mx.evaluate(gone)],
    ['slice', () => mx.slice(x, [1], [5], [1, 1])],
    ['sliceUpdate', () => mx.sliceUpdate(x, [1], [1], [5])],
    ['add', () => mx.add(x, [[1], mx.ones([2])] as never)],
    ['array', () => mx.array([gone, x] as never)],
    ['zerosLike', () => mx.zerosLike(x, { stream: far })],
    ['argwhere', () => mx.argwhere(x, far)],
    ['takeAlongAxis', () => mx.takeAlongAxis(x, [0], null, far)],
    ['metal.startCapture', () => mx.metal.startCapture(1 as never)],
    ['setPrintoptions', () => mx.setPrintoptions(undefined as never)],
    ['synchronize', () => mx.synchronize(1 as never)],
    ['Stream', () => new (mx.Stream as unknown as new () => mx.Stream)()],
    ['Stream.toString', () => mx.Stream.prototype.toString.call({})],
    ['IndexedUpdate', () => Reflect.construct(mx.IndexedUpdate, [])],
    ['at.add', () => mx.IndexedUpdate.prototype.add.call({} as never, 1)],
  ];
  test.each(named)('[%s] (%#)', (name, call) => {
    expect(call).toThrow(Error);
    let message = '';
    try {
      call();
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.startsWith(`[${name}] `)).toBe(true);
  });

  test('of released arrays too, also where they are described', () => {
    const calls: [string, () => unknown][] = [
      ['pad', () => mx.pad(gone, 1)],
      ['tensordot', () => mx.tensordot(gone, x)],
      ['clip', () => mx.clip(gone, 0, 1)],
      ['cumsum', () => mx.cumsum(gone, { dtype: mx.int32 })],
      ['fast.rmsNorm', () => mx.fast.rmsNorm(gone, null, 1e-5)],
      ['onesLike', () => mx.onesLike(gone)],
      ['nonzero', () => mx.nonzero(gone)],
      ['sum', () => mx.sum(x, gone as never)],
      ['nbytes', () => gone.nbytes],
      ['save', () => mx.save('never.npy', gone)],
    ];
    for (const [name, call] of calls) {
      expect(call).toThrow(new RegExp(`^\\[${name.replace('.', '\\.')}\\] `));
      expect(call).toThrow(/released/);
    }
  });
});
