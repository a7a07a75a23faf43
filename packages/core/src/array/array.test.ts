import * as mx from '../index';

const hasFloat16 = 'Float16Array' in globalThis;

describe('making arrays', () => {
  test('numbers are float32, booleans bool_, bigints int64, Complex complex64', () => {
    expect(mx.array(1).dtype).toBe(mx.float32);
    expect(mx.array([1, 2]).dtype).toBe(mx.float32);
    expect(mx.array(true).dtype).toBe(mx.bool_);
    expect(mx.array([1n]).dtype).toBe(mx.int64);
    expect(mx.array([mx.Complex(1, 2)]).dtype).toBe(mx.complex64);
    expect(mx.array([]).shape).toEqual([0]);
    expect(mx.array([]).dtype).toBe(mx.float32);
  });

  test('with and without new, one class and one type', () => {
    const a: mx.array = mx.array([1]);
    const b = new mx.array([1]);
    expect(a).toBeInstanceOf(mx.array);
    expect(b).toBeInstanceOf(mx.array);
    expect(a.constructor).toBe(mx.array);
    expect(mx.array.name).toBe('array');
    expect({} instanceof mx.array).toBe(false);
  });

  test('nested lists, holes, mixed kinds', () => {
    expect(
      mx
        .array([
          [1, 2],
          [3, 4],
        ])
        .tolist(),
    ).toEqual([
      [1, 2],
      [3, 4],
    ]);
    // eslint-disable-next-line no-sparse-arrays
    expect(mx.array([1, , 3] as number[]).tolist()).toEqual([1, 0, 3]);
    expect(mx.array([true, 2]).dtype).toBe(mx.float32);
    expect(mx.array([[], []]).shape).toEqual([2, 0]);
    expect(mx.array([new Float32Array([1, 2]), [3, 4]]).tolist()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('lists of arrays are stacked', () => {
    const a = mx.array([mx.array([1, 2]), [3, 4]]);
    expect(a.tolist()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test.each([[[[1], [1, 2]]], [[[1, 2], 3]], [[1, [2]]]])('ragged list %j throws', (list) => {
    expect(() => mx.array(list as number[])).toThrow(mx.ShapeError);
  });

  test('numbers that do not fit an integer dtype throw', () => {
    expect(() => mx.array([300], mx.uint8)).toThrow(RangeError);
    expect(() => mx.array([-1], mx.uint64)).toThrow(RangeError);
    expect(() => mx.array([NaN], mx.int32)).toThrow(RangeError);
    expect(mx.array([2.7, -2.7], mx.int8).tolist()).toEqual([2, -2]);
  });

  test('other values are a TypeError', () => {
    for (const value of ['text', null, {}, () => 1, Symbol.iterator])
      expect(() => mx.array(value as never)).toThrow(TypeError);
    expect(() => mx.array(['1'] as never)).toThrow(TypeError);
  });

  test('an array is copied', () => {
    const a = mx.array([1, 2]);
    const b = mx.array(a);
    b.indexPut_([0], 9);
    expect(a.tolist()).toEqual([1, 2]);
    expect(b.tolist()).toEqual([9, 2]);
  });
});

const dtypes: [mx.Dtype, string, number[]][] = [
  [mx.bool_, 'Uint8Array', [0, 1]],
  [mx.uint8, 'Uint8Array', [0, 255]],
  [mx.uint16, 'Uint16Array', [0, 65535]],
  [mx.uint32, 'Uint32Array', [0, 4294967295]],
  [mx.uint64, 'BigUint64Array', [0, 2 ** 40]],
  [mx.int8, 'Int8Array', [-128, 127]],
  [mx.int16, 'Int16Array', [-32768, 32767]],
  [mx.int32, 'Int32Array', [-2147483648, 2147483647]],
  [mx.int64, 'BigInt64Array', [-(2 ** 40), 2 ** 40]],
  [mx.float16, hasFloat16 ? 'Float16Array' : 'Uint16Array', [-2, 0.5]],
  [mx.bfloat16, 'Uint16Array', [-2, 0.5]],
  [mx.float32, 'Float32Array', [-2, 0.5]],
  [mx.float64, 'Float64Array', [-2, 0.1]],
  [mx.complex64, 'Float32Array', [-2, 0.5]],
];

const typedArrays: [string, ArrayBufferView & ArrayLike<number | bigint>, mx.Dtype][] = [
  ['Int8Array', new Int8Array([1, -2]), mx.int8],
  ['Uint8Array', new Uint8Array([1, 2]), mx.uint8],
  ['Uint8ClampedArray', new Uint8ClampedArray([1, 2]), mx.uint8],
  ['Int16Array', new Int16Array([1, -2]), mx.int16],
  ['Uint16Array', new Uint16Array([1, 2]), mx.uint16],
  ['Int32Array', new Int32Array([1, -2]), mx.int32],
  ['Uint32Array', new Uint32Array([1, 2]), mx.uint32],
  ['Float32Array', new Float32Array([1, 0.5]), mx.float32],
  ['Float64Array', new Float64Array([1, 0.5]), mx.float32],
  ['BigInt64Array', new BigInt64Array([1n, -2n]), mx.int64],
  ['BigUint64Array', new BigUint64Array([1n, 2n]), mx.uint64],
  ['Buffer', Buffer.from([1, 2]), mx.uint8],
];

function numbers(a: mx.array): number[] {
  return Array.from(a.toTypedArray() as Float32Array);
}

describe('typed arrays', () => {
  test.each(typedArrays)('%s gives its own dtype', (_, values, dtype) => {
    const a = mx.array(values as never);
    expect(a.dtype).toBe(dtype);
    expect(a.tolist()).toEqual(Array.from(values, Number));
  });

  test.each(
    dtypes.flatMap(([dtype]) =>
      typedArrays.map(([name, values]) => [dtype, name, values] as const),
    ),
  )('%s from %s', (dtype, _, values) => {
    const negative = Array.from(values, Number).some((one) => one < 0);
    if (negative && mx.issubdtype(dtype, mx.unsignedinteger)) return;
    const a = mx.array(values as never, dtype);
    expect(a.dtype).toBe(dtype);
    const expected = Array.from(values, (one) => {
      const number = Number(one);
      if (dtype === mx.bool_) return number !== 0;
      if (mx.issubdtype(dtype, mx.integer)) return Math.trunc(number);
      return dtype === mx.complex64 ? mx.Complex(number) : number;
    });
    expect(a.tolist()).toEqual(expected);
  });

  test.each(dtypes)('%s comes out as %s and goes in again', (dtype, name, values) => {
    const a = mx.array(values, dtype);
    const out = a.toTypedArray() as unknown as ArrayLike<number>;
    expect(out.constructor.name).toBe(name);
    expect(out.length).toBe(dtype === mx.complex64 ? 4 : 2);
    const isBits = dtype === mx.bfloat16 || (dtype === mx.float16 && !hasFloat16);
    if (dtype === mx.complex64) expect(Array.from(out)).toEqual([-2, 0, 0.5, 0]);
    else if (isBits)
      expect(
        mx
          .array(out as unknown as Uint16Array)
          .view(dtype)
          .tolist(),
      ).toEqual(values);
    else expect(Array.from(out, Number)).toEqual(values);
  });

  test('views come out in row-major order', () => {
    const a = mx.array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(numbers(a.T)).toEqual([1, 4, 2, 5, 3, 6]);
    expect(numbers(a.index('...', '::-2'))).toEqual([3, 1, 6, 4]);
    expect(numbers(mx.broadcastTo(mx.array([7]), [2, 2]))).toEqual([7, 7, 7, 7]);
    expect(mx.zeros([0, 3]).toTypedArray()).toHaveLength(0);
  });

  test('large integers leave as bigints, never rounded', () => {
    const big = 2n ** 63n - 1n;
    expect(mx.array([big, 5n]).tolist()).toEqual([big, 5]);
    expect(mx.array(big).item()).toBe(big);
    expect(mx.array(2n ** 64n - 1n, mx.uint64).item()).toBe(2n ** 64n - 1n);
    expect(mx.array(2n ** 53n - 1n).item()).toBe(2 ** 53 - 1);
  });
});

describe('looking at values', () => {
  test('item wants one element', () => {
    expect(mx.array([[5]]).item()).toBe(5);
    expect(mx.array(true).item()).toBe(true);
    expect(String(mx.array(mx.Complex(1, -1)).item())).toBe('1-1j');
    expect(() => mx.array([1, 2]).item()).toThrow(TypeError);
  });

  test('data does not block and gives the values', async () => {
    const a = mx.arange(6).reshape(2, 3).T;
    expect(Array.from((await a.data()) as Float32Array)).toEqual([0, 3, 1, 4, 2, 5]);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    let large = mx.random.normal([2048, 2048]);
    for (let i = 0; i < 2; i++) large = large.matmul(large).multiply(0.01);
    const values = await large.data();
    clearInterval(timer);
    expect(values).toHaveLength(2048 * 2048);
    expect(ticks).toBeGreaterThan(2);
  });

  test('data is that of the moment of the call', async () => {
    const a = mx.array([1]);
    const data = a.data();
    a.assign_(mx.array([2]));
    expect(Array.from((await data) as Float32Array)).toEqual([1]);
  });

  test("a signal rejects data's promise, and the values are there later", async () => {
    const a = mx.random.normal([1024, 1024]);
    const controller = new AbortController();
    const data = a.matmul(a).data(controller.signal);
    controller.abort(new Error('stopped'));
    await expect(data).rejects.toThrow('stopped');
    await expect(a.data(mx.float16, controller.signal)).rejects.toThrow('stopped');
    const unused = new AbortController().signal;
    expect(await mx.array([1, 2]).data(mx.int32, unused)).toEqual(new Int32Array([1, 2]));
    expect(await a.data(unused)).toHaveLength(1024 * 1024);
  });

  test('iterates over the first axis', () => {
    const rows = [
      ...mx.array([
        [1, 2],
        [3, 4],
      ]),
    ];
    expect(rows.map((row) => row.tolist())).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(() => mx.array(1)[Symbol.iterator]().next()).toThrow(TypeError);
    expect(mx.zeros([3, 2]).length).toBe(3);
  });

  test('prints as MLX does', () => {
    expect(String(mx.array([1, 2, 3]))).toBe('array([1, 2, 3], dtype=float32)');
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the inspector of this realm
    const { inspect } = require('node:util') as typeof import('node:util');
    expect(inspect(mx.array(true))).toBe('array(true, dtype=bool)');
    const a = mx.array([1]);
    mx.dispose(a);
    expect(inspect(a)).toBe('array(released)');
  });

  test('print options hold in their scope', () => {
    const scope = mx.printoptions({ precision: 2 });
    expect(String(mx.array(1 / 3))).toBe('array(0.33, dtype=float32)');
    scope[Symbol.dispose]();
    expect(mx.getPrintoptions().precision).toBe(-1);
    expect(() => mx.setPrintoptions({ precision: 1.5 })).toThrow(TypeError);
  });
});

describe('scalars beside arrays', () => {
  test('take the dtype of what stands beside them', () => {
    expect(mx.array([1], mx.float16).add(1.5).dtype).toBe(mx.float16);
    expect(mx.array([1], mx.int8).add(1).dtype).toBe(mx.int8);
    expect(mx.array([1], mx.int8).add(1.5).dtype).toBe(mx.float32);
    expect(mx.array([true]).add(1).dtype).toBe(mx.float32);
    expect(mx.add(1, 2).dtype).toBe(mx.float32);
    expect(mx.array([1], mx.int16).add(true).dtype).toBe(mx.int16);
    expect(mx.array([1], mx.int16).add(2n).dtype).toBe(mx.int16);
    expect(mx.array([1], mx.float16).add(2n).dtype).toBe(mx.float16);
    expect(mx.array([1]).add(mx.Complex(0, 1)).dtype).toBe(mx.complex64);
    expect(mx.array([1], mx.float64).add(0.1).item()).toBe(1.1);
    expect(mx.subtract(5, mx.array([1], mx.int32)).tolist()).toEqual([4]);
  });

  test('integers that do not fit are a RangeError', () => {
    expect(() => mx.array([1], mx.int8).add(128)).toThrow(RangeError);
    expect(() => mx.array([1], mx.uint8).subtract(-1)).toThrow(RangeError);
    expect(() => mx.array([1], mx.uint8).add(256n)).toThrow(RangeError);
  });

  test('int64 scalars are exact', () => {
    const a = mx.array([1n]);
    expect(a.add(2n ** 62n).item()).toBe(2n ** 62n + 1n);
  });

  test('lists and typed arrays are operands too', () => {
    expect(mx.add([1, 2], [3, 4]).tolist()).toEqual([4, 6]);
    expect(
      mx
        .array([1, 2])
        .add(new Float32Array([1, 1]))
        .tolist(),
    ).toEqual([2, 3]);
  });
});

describe('assign_', () => {
  test('changes this object only', () => {
    const a = mx.array([1, 2]);
    const b = a.add(0);
    a.assign_(mx.array([3, 4]));
    expect(a.tolist()).toEqual([3, 4]);
    expect(b.tolist()).toEqual([1, 2]);
  });

  test('wants the same shape and dtype', () => {
    expect(() => mx.array([1, 2]).assign_(mx.array([1]))).toThrow(mx.ShapeError);
    expect(() => mx.array([1]).assign_(mx.array([1], mx.int32))).toThrow(mx.DtypeError);
  });

  test('snapshots by internals.share never change', () => {
    const internals = (mx.array as unknown as Record<symbol, mx.Internals>)[
      Symbol.for('mlx.internals')
    ]!;
    const a = mx.array([1]);
    const snapshot = internals.share(a);
    expect(internals.move(a, mx.array([2]))).toBe(false);
    internals.own(a);
    expect(internals.move(a, mx.array([2]))).toBe(true);
    expect(a.tolist()).toEqual([2]);
    expect(snapshot.tolist()).toEqual([1]);
  });
});
