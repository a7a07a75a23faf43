import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import * as mx from '../index';

const library = join(__dirname, '..', '..', 'dist', 'index.js');

/** What a call throws; it must be an error of the documented kinds that names the operation. */
function errorOf(run: () => unknown): Error {
  let thrown: unknown;
  try {
    const result = run();
    for (const [, leaf] of mx.treeFlatten(result)) if (leaf instanceof mx.array) mx.eval(leaf);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Error);
  const error = thrown as Error;
  expect(
    [TypeError, RangeError, mx.EngineError].some((ErrorClass) => error instanceof ErrorClass),
  ).toBe(true);
  expect(error.message).toMatch(/^\[\w+(\.\w+)?\] /);
  return error;
}

/** A call may give arrays or an error as above, but nothing else. */
function survives(run: () => unknown): void {
  let failed = false;
  try {
    const result = run();
    for (const [, leaf] of mx.treeFlatten(result)) if (leaf instanceof mx.array) mx.eval(leaf);
  } catch {
    failed = true;
  }
  if (failed) errorOf(run);
}

const x = mx.array([
  [1, 2],
  [3, 4],
]);

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- wrong types are the point
type Anything = any;

/** Values of every kind that an argument shouldn't be. */
const values = (): Anything[] => [
  undefined,
  null,
  true,
  NaN,
  Infinity,
  -0.5,
  -1,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e300,
  10n ** 40n,
  'text',
  '',
  Symbol('symbol'),
  () => 1,
  class {},
  {},
  { axis: NaN },
  [],
  [NaN],
  [[]],
  [null],
  [2 ** 40, 2 ** 40],
  [-1, -1],
  new Date(NaN),
  /pattern/,
  new Map(),
  new Proxy({}, {}),
  new ArrayBuffer(8),
  new DataView(new ArrayBuffer(8)),
  Object.create(null),
  mx.float32,
  mx.cpu,
  mx.array([]),
  mx.array([1.5, NaN]),
];

/** The functions of a namespace, under the names that errors of them begin with. */
function functionsOf(space: string, members: object): [string, (...given: unknown[]) => unknown][] {
  return Object.entries(members)
    .filter(([, member]) => typeof member === 'function' && !/^[A-Z]|^class/.test(String(member)))
    .filter(
      ([name]) =>
        // These change the process, or call what they are given.
        !/^(set|install|clear|reset|exit|dispose|tidy|enable|disable|save|load|export|import|new)/.test(
          name,
        ) && !/^(synchronize|stream|printoptions|tree\w+|seed|key)$/.test(name),
    )
    .map(([name, member]) => [`${space}${name}`, member as () => unknown]);
}

describe('arguments of any kind', () => {
  const functions = [
    ...functionsOf('', mx),
    ...functionsOf('linalg.', mx.linalg),
    ...functionsOf('fft.', mx.fft),
    ...functionsOf('random.', mx.random),
    ...functionsOf('fast.', mx.fast),
  ];

  test.each(functions)('%s lives through them', (_, operation) => {
    expect(functions.length).toBeGreaterThan(200);
    // One function may be exported under two names, such as var and variance.
    const names = functions.filter(([, other]) => other === operation).map(([other]) => other);
    for (const value of values()) {
      for (const given of [[value], [x, value], [value, x], [x, value, value], [x, x, value]]) {
        try {
          // Results are not computed: their sizes may be anything.
          const result = operation(...given);
          if (result instanceof Promise) result.catch(() => undefined);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          const { message } = error as Error;
          expect([...names, message]).toContain(/^\[([\w.]+)\] ./.exec(message)?.[1]);
          // Numbers are written out; 1e300 is JavaScript's own way.
          expect(message).not.toMatch(/\de\+[01]\d\b/);
        }
      }
    }
  });
});

describe('numbers out of range', () => {
  test.each([NaN, Infinity, -Infinity, 0.5, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e300])(
    'axes, sizes and shifts of %d',
    (n) => {
      errorOf(() => mx.sum(x, n));
      errorOf(() => mx.reshape(x, [n, 1]));
      errorOf(() => mx.zeros([n, n]));
      errorOf(() => mx.roll(x, n));
      errorOf(() => mx.repeat(x, n, 0));
      errorOf(() => mx.split(x, n));
      errorOf(() => mx.take(x, n, 0));
      errorOf(() => x.index(n));
      errorOf(() => mx.asStrided(x, [2], [n]));
    },
  );

  test.each([NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 53), 1e300])('elements of %d', (n) => {
    errorOf(() => mx.array([n], mx.int16));
    errorOf(() => mx.full([2], n, mx.int32 as Anything));
  });

  test('more bytes than there are', () => {
    expect(errorOf(() => mx.zeros([2 ** 20, 2 ** 20]))).toBeInstanceOf(mx.EngineError);
    expect(errorOf(() => mx.zeros([2 ** 30, 2 ** 30, 2 ** 30]))).toBeInstanceOf(mx.ShapeError);
  });
});

describe('lists and objects that misbehave', () => {
  test('lists that contain themselves', () => {
    const first: unknown[] = [];
    first[0] = first;
    errorOf(() => mx.array(first as Anything));
    errorOf(() => mx.add(x, first as Anything));
    const last: unknown[] = [[1], [2]];
    last[1] = last;
    errorOf(() => mx.array(last as Anything));
    errorOf(() => mx.reshape(x, first as Anything));
    errorOf(() => x.index(first as Anything));
  });

  test('trees that contain themselves', () => {
    const tree: Record<string, unknown> = { x };
    tree.again = tree;
    errorOf(() => mx.treeFlatten(tree));
    errorOf(() => mx.grad((t: Anything) => t.x.sum())(tree as Anything));
    errorOf(() => mx.compile((t: Anything) => t.x)(tree as Anything));
    errorOf(() => mx.vmap((t: Anything) => t.x)(tree as Anything));
    errorOf(() => mx.eval(tree as Anything));
    errorOf(() => mx.dispose(tree as Anything));
  });

  test('getters and traps that throw pass their error on', () => {
    const failure = new Error('from inside');
    const fail = (): never => {
      throw failure;
    };
    const trap = new Proxy([1, 2], { get: fail });
    const options = {
      get axis() {
        return fail();
      },
    };
    const indices = Object.defineProperty([0, 1], 1, { get: fail });
    for (const run of [
      () => mx.array(trap),
      () => mx.add(x, trap),
      () => mx.reshape(x, trap),
      () => mx.sum(x, options),
      () => mx.array(indices),
      () => mx.transpose(x, indices),
      () =>
        mx.eval({
          get a() {
            return fail();
          },
        } as Anything),
    ])
      expect(run).toThrow(failure);
    expect(mx.sum(x).item()).toBe(10);
  });

  test('lists that change while they are read', () => {
    let reads = 0;
    const growing = new Proxy([1, 2, 3], {
      get: (target, key) => (key === 'length' ? ++reads : Reflect.get(target, key)),
    });
    for (const use of [mx.array, mx.concatenate, (list: Anything) => mx.reshape(x, list)]) {
      try {
        (use as Anything)(growing);
      } catch (error) {
        expect((error as Error).message).toMatch(/^\[\w+\] /);
      }
    }
    const shrinking: Anything[] = [x, x];
    Object.defineProperty(shrinking, 0, {
      get() {
        shrinking.length = 1;
        return x;
      },
    });
    survives(() => mx.concatenate([...shrinking]));
    try {
      mx.concatenate(shrinking);
    } catch (error) {
      expect((error as Error).message).toMatch(/^\[\w+\] /);
    }
  });

  test('an array that is disposed while the arguments are read', () => {
    const victim = mx.array([1, 2, 3]);
    const axes = {
      get axis() {
        mx.dispose(victim);
        return 0;
      },
    };
    expect(errorOf(() => mx.sum(victim, axes)).message).toMatch(/released/);
    expect(errorOf(() => mx.add(victim, 1)).message).toMatch(/released/);
    expect(errorOf(() => victim.tolist()).message).toMatch(/released/);
    expect(errorOf(() => mx.concatenate([x, victim])).message).toMatch(/released/);
  });

  test('subclasses of lists, TypedArrays and arrays', () => {
    class List extends Array<number> {}
    class Bytes extends Uint8Array {}
    class Odd extends Float32Array {
      override get length(): number {
        return 1e9;
      }
    }
    expect(mx.array(List.from([1, 2])).tolist()).toEqual([1, 2]);
    expect(mx.array(new Bytes([1, 2])).tolist()).toEqual([1, 2]);
    survives(() => mx.array(new Odd(2)));
    survives(() => mx.add(x, new Odd(2) as Anything));
    survives(() => {
      class Sub extends (mx.array as Anything) {}
      return Reflect.construct(Sub, [[1, 2]]);
    });
  });
});

describe('buffers', () => {
  test('detached ones', () => {
    const floats = new Float32Array([1, 2, 3]);
    structuredClone(floats.buffer, { transfer: [floats.buffer] });
    errorOf(() => mx.array(floats));
    expect(mx.array(new Float32Array(0)).shape).toEqual([0]);
  });

  test('shared ones', () => {
    const shared = new Float32Array(new SharedArrayBuffer(8));
    shared.set([1, 2]);
    expect(mx.array(shared).tolist()).toEqual([1, 2]);
  });

  test('resizable ones that shrink', () => {
    type Resizable = ArrayBuffer & { resize(bytes: number): void };
    const make = ArrayBuffer as unknown as new (
      bytes: number,
      options: { maxByteLength: number },
    ) => Resizable;
    const buffer = new make(16, { maxByteLength: 64 });
    const tracking = new Float32Array(buffer);
    const fixed = new Float32Array(buffer, 0, 4);
    if (typeof buffer.resize !== 'function') return;
    buffer.resize(4);
    expect(mx.array(tracking).shape).toEqual([1]);
    survives(() => mx.array(fixed));
    buffer.resize(64);
    expect(mx.array(tracking).shape).toEqual([16]);
  });
});

describe('callbacks', () => {
  const failure = new Error('from the callback');
  const fail = (..._: unknown[]): never => {
    throw failure;
  };

  test('that throw pass their error on and leave no trace open', () => {
    const custom = mx.customFunction((a: mx.array) => a.multiply(2)) as Anything;
    custom.vjp(fail);
    for (const run of [
      () => mx.grad(fail)(x),
      () => mx.valueAndGrad(fail as Anything)(x),
      () => mx.vmap(fail as Anything)(x),
      () => mx.compile(fail as Anything)(x),
      () => mx.jvp(fail, [x], [x]),
      () => mx.vjp(fail, [x], [x]),
      () => mx.checkpoint(fail as Anything)(x),
      () => mx.customFunction(fail as Anything)(x),
      () => mx.grad((a: mx.array) => custom(a).sum())(x),
      () => mx.tidy(fail),
      () => mx.grad((a: mx.array) => mx.vmap(fail as Anything)(a) as Anything)(x),
      () => mx.compile((a: mx.array) => mx.grad(fail)(a))(x),
      () => mx.treeMap(fail, [x]),
    ])
      expect(run).toThrow(failure);
    // Outside of every trace, values may be looked at.
    expect(
      mx
        .grad((a: mx.array) => a.square().sum())(x)
        .tolist(),
    ).toEqual([
      [2, 4],
      [6, 8],
    ]);
  });

  test('that throw what is no error', () => {
    for (const thrown of [undefined, null, 5, 'text', Symbol('symbol')]) {
      const values: unknown[] = [];
      for (const transform of [mx.grad, mx.vmap, mx.compile] as Anything[]) {
        try {
          transform(() => {
            throw thrown;
          })(x);
          values.push('nothing thrown');
        } catch (error) {
          values.push(error);
        }
      }
      expect(values).toEqual([thrown, thrown, thrown]);
    }
  });

  test('that return something else than arrays', () => {
    for (const result of values()) {
      const give = (..._: unknown[]): Anything => result;
      survives(() => mx.grad(give)(x));
      survives(() => mx.vmap(give)(x));
      survives(() => mx.compile(give)(x));
      survives(() => mx.vjp(give, [x], [x]));
      survives(() => mx.jvp(give, [x], [x]));
      survives(() => mx.checkpoint(give)(x));
      survives(() => mx.customFunction(give)(x));
    }
  });

  test('that are asynchronous are an error at once', () => {
    const later = (async (a: mx.array) => Promise.resolve(a)) as Anything;
    for (const transform of [mx.grad, mx.valueAndGrad, mx.vmap] as Anything[])
      expect(errorOf(() => transform(later)(x)).message).toMatch(/promise/);
    expect(errorOf(() => mx.jvp(later, [x], [x])).message).toMatch(/promise/);
    expect(errorOf(() => mx.vjp(later, [x], [x])).message).toMatch(/promise/);
    for (const wrap of [mx.customFunction, mx.checkpoint] as Anything[])
      expect(errorOf(() => mx.grad((a: mx.array) => wrap(later)(a))(x)).message).toMatch(/promise/);
  });

  test('that evaluate, dispose and start traces of their own', () => {
    const inner = mx.compile((a: mx.array) => a.exp());
    const nested = (a: mx.array): mx.array => {
      const b = mx.add(x, 1);
      mx.eval(b);
      b.tolist();
      mx.dispose(b);
      return inner(mx.grad((c: mx.array) => inner(c).sum())(a)).sum();
    };
    expect(mx.grad(nested)(x).shape).toEqual([2, 2]);
    survives(() =>
      mx.grad((a: mx.array) => {
        const y = a.square();
        mx.dispose(y);
        return y.sum();
      })(x),
    );
    survives(() =>
      mx.grad((a: mx.array) => {
        const y = a.square().sum();
        mx.dispose(a);
        return y;
      })(mx.array([1, 2])),
    );
    survives(() => {
      const own = mx.array([1, 2]);
      return mx.compile((a: mx.array) => {
        mx.dispose(own);
        return a.add(1);
      })(own);
    });
  });

  test('that call themselves without end', () => {
    const f = (a: mx.array): mx.array => mx.grad(f)(a).sum();
    // The class is that of another realm here.
    expect(() => f(mx.array(1))).toThrow(/call stack/);
    const g: (a: mx.array) => mx.array = mx.compile((a: mx.array) => g(a));
    expect(() => g(mx.array(1))).toThrow();
    expect(mx.add(1, 1).item()).toBe(2);
  });

  test('arrays that leak out of a trace are usable or an error', () => {
    const leaked: mx.array[] = [];
    mx.vmap((a: mx.array) => {
      leaked.push(a, a.add(1));
      return a;
    })(x);
    mx.compile((a: mx.array) => {
      leaked.push(a, a.exp());
      return a;
    })(x);
    mx.grad((a: mx.array) => {
      leaked.push(a, a.exp());
      return a.sum();
    })(x);
    for (const array of leaked) {
      survives(() => array.tolist());
      survives(() => mx.add(array, 1));
    }
  });
});

describe('other threads', () => {
  const inWorker = (body: string): Promise<unknown> =>
    new Promise((resolve) => {
      const worker = new Worker(
        `const { parentPort } = require('node:worker_threads');
        const mx = require(${JSON.stringify(library)});
        (async () => { ${body} })();`,
        { eval: true },
      );
      let message: unknown;
      worker.on('message', (value) => (message = value));
      worker.on('error', (error) => (message = error));
      worker.on('exit', () => resolve(message));
    });

  test('an error in a worker ends that worker alone', async () => {
    const results = await Promise.all([
      inWorker(`mx.eval(mx.arange(4).index(mx.array([9], mx.int32)));`),
      inWorker(`mx.grad(() => { throw new Error('inside'); })(mx.array(1));`),
      inWorker(`parentPort.postMessage(mx.add(1, 1).item());`),
    ]);
    expect((results[0] as Error).message).toMatch(/^\[/);
    expect((results[1] as Error).message).toBe('inside');
    expect(results[2]).toBe(2);
    expect(mx.add(1, 1).item()).toBe(2);
  });

  test('a worker that is terminated inside a callback', async () => {
    const worker = new Worker(
      `const mx = require(${JSON.stringify(library)});
      const { parentPort } = require('node:worker_threads');
      mx.grad((a) => { parentPort.postMessage(1); for (;;) a = a.add(1).multiply(0.5); })(mx.array(1));`,
      { eval: true },
    );
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    expect(mx.add(1, 1).item()).toBe(2);
  });

  test('a process whose last callback throws ends with that error', () => {
    const run = (): string =>
      execFileSync(
        process.execPath,
        [
          '-e',
          `const mx = require(${JSON.stringify(library)});
          void mx.asyncEval(mx.matmul(mx.ones([512, 512]), mx.ones([512, 512])));
          mx.grad(() => { throw new Error('the last'); })(mx.array(1));`,
        ],
        { encoding: 'utf8', stdio: 'pipe' },
      );
    expect(run).toThrow(/the last/);
  });
});
