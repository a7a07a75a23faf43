import * as mx from './index';

beforeAll(() => mx.setDefaultDevice(mx.gpu));
afterAll(() => mx.setDefaultDevice(mx.cpu));

/** A kernel of one input and one output of the input's shape. */
function elementwise(
  source: string,
  options: Partial<mx.MetalKernelOptions> = {},
): (x: mx.array, call?: Partial<mx.CustomKernelCall>) => mx.array {
  const kernel = mx.fast.metalKernel({
    name: 'elementwise',
    inputNames: ['x'],
    outputNames: ['y'],
    source,
    ...options,
  });
  return (x, call) =>
    kernel({
      inputs: [x],
      grid: [x.size, 1, 1],
      threadgroup: [64, 1, 1],
      outputShapes: [x.shape],
      outputDtypes: [x.dtype],
      ...call,
    })[0]!;
}

const exp = elementwise(`
  uint i = thread_position_in_grid.x;
  T value = x[i];
  y[i] = metal::exp(value);`);

test.each([mx.float32, mx.float16, mx.bfloat16])('a template argument is a type: %s', (dtype) => {
  const x = mx.random.normal([4, 33], { key: mx.random.key(1) }).astype(dtype);
  const y = exp(x, { template: { T: mx.float32 } });
  expect(mx.arrayEqual(y, mx.exp(x.astype(mx.float32)).astype(dtype)).item()).toBe(true);
  const own = exp(x, { template: [['T', dtype]] });
  expect(mx.arrayEqual(own, mx.exp(x)).item()).toBe(true);
});

test('template arguments are integers and booleans too', () => {
  const kernel = elementwise(`
    uint i = thread_position_in_grid.x;
    if (NEGATE) y[i] = -x[i] * N; else y[i] = x[i] * N;`);
  const x = mx.array([1, 2, 3], mx.int32);
  expect(kernel(x, { template: { N: 3, NEGATE: false } }).tolist()).toEqual([3, 6, 9]);
  expect(kernel(x, { template: { N: -2, NEGATE: true } }).tolist()).toEqual([2, 4, 6]);
});

test('every dtype is read and written', () => {
  const copy = elementwise('uint i = thread_position_in_grid.x; y[i] = x[i];');
  for (const dtype of [
    mx.bool_,
    mx.uint8,
    mx.int8,
    mx.uint16,
    mx.int16,
    mx.uint32,
    mx.int32,
    mx.uint64,
    mx.int64,
    mx.float16,
    mx.bfloat16,
    mx.float32,
    mx.complex64,
  ]) {
    const x = mx.array([0, 1, 5]).astype(dtype);
    expect(copy(x).tolist()).toEqual(x.tolist());
  }
});

const strided = `
  uint i = thread_position_in_grid.x;
  y[i] = x[elem_to_loc(i, x_shape, x_strides, x_ndim)];`;

test('inputs are made row-contiguous, or keep their strides', () => {
  const x = mx.broadcastTo(mx.arange(24).reshape([4, 1, 6]), [4, 2, 6]).transpose();
  const plain = elementwise('uint i = thread_position_in_grid.x; y[i] = x[i];');
  expect(plain(x).tolist()).toEqual(x.tolist());
  const own = elementwise(strided, { ensureRowContiguous: false });
  expect(own(x).tolist()).toEqual(x.tolist());
  const [, offset] = mx.split(mx.arange(10), [3]) as [mx.array, mx.array];
  expect(own(offset).tolist()).toEqual(offset.tolist());
});

test('inputs without axes are numbers, from the host or computed', () => {
  const kernel = mx.fast.metalKernel({
    name: 'scaled',
    inputNames: ['x', 'factor', 'shift'],
    outputNames: ['y'],
    source: 'uint i = thread_position_in_grid.x; y[i] = x[i] * factor + shift;',
  });
  const shift = mx.array([1, 2]).sum();
  const [y] = kernel({
    inputs: [mx.array([1, 2, 3]), 2, shift],
    grid: [3, 1, 1],
    threadgroup: [3, 1, 1],
    outputShapes: [[3]],
    outputDtypes: [mx.float32],
  });
  expect(y!.tolist()).toEqual([5, 7, 9]);
});

test('a grid that threadgroups do not divide ends with smaller ones', () => {
  const kernel = mx.fast.metalKernel({
    name: 'sizes',
    inputNames: [],
    outputNames: ['y', 'groups'],
    source: `
      uint3 p = thread_position_in_grid;
      uint at = p.x + threads_per_grid.x * (p.y + threads_per_grid.y * p.z);
      y[at] = threads_per_threadgroup.x * 100 + threads_per_threadgroup.y * 10 +
              threads_per_threadgroup.z;
      groups[at] = threadgroup_position_in_grid.x + 10 * threadgroup_position_in_grid.y +
                   100 * threadgroups_per_grid.x + 1000 * dispatch_threads_per_threadgroup.y +
                   10000 * thread_index_in_threadgroup;`,
  });
  const grid = [7, 5, 3] as const;
  const threadgroup = [4, 2, 2] as const;
  const [y, groups] = kernel({
    inputs: [],
    grid,
    threadgroup,
    outputShapes: [
      [3, 5, 7],
      [3, 5, 7],
    ],
    outputDtypes: [mx.int32, mx.int32],
  });
  const sizeAt = (position: number, d: 0 | 1 | 2): number => {
    const first = position - (position % threadgroup[d]);
    return Math.min(threadgroup[d], grid[d] - first);
  };
  const expected = (of: (x: number, y: number, z: number) => number): number[][][] =>
    Array.from({ length: 3 }, (_, z) =>
      Array.from({ length: 5 }, (_, y) => Array.from({ length: 7 }, (_, x) => of(x, y, z))),
    );
  expect(y!.tolist()).toEqual(
    expected((x, y, z) => sizeAt(x, 0) * 100 + sizeAt(y, 1) * 10 + sizeAt(z, 2)),
  );
  expect(groups!.tolist()).toEqual(
    expected((x, y, z) => {
      const [sx, sy] = [sizeAt(x, 0), sizeAt(y, 1)];
      const index = ((z % 2) * sy + (y % 2)) * sx + (x % 4);
      return Math.floor(x / 4) + 10 * Math.floor(y / 2) + 200 + 2000 + 10000 * index;
    }),
  );
});

test('threads of a group share memory and wait for each other', () => {
  const kernel = mx.fast.metalKernel({
    name: 'row_sums',
    inputNames: ['x'],
    outputNames: ['y'],
    header: `
      // Pointers to the group's memory are parameters of functions.
      inline void fold(threadgroup float* part, uint i, uint half_size) {
        if (i < half_size) part[i] += part[i + half_size];
      }`,
    source: `
      threadgroup float part[N];
      threadgroup uint count[1], unused;
      uint i = thread_position_in_threadgroup.x;
      if (i == 0) { count[0] = 0; unused = 0; }
      part[i] = x[thread_position_in_grid.y * N + i] * 0.5;
      threadgroup_barrier(mem_flags::mem_threadgroup);
      for (uint size = N / 2; size > 0; size /= 2) {
        fold(part, i, size);
        threadgroup_barrier(mem_flags::mem_threadgroup);
      }
      threadgroup float* first = part;
      if (i == 0) y[thread_position_in_grid.y] = first[0] + count[0];`,
  });
  const x = mx.arange(5 * 128).reshape([5, 128]);
  const [y] = kernel({
    inputs: [x],
    template: { N: 128 },
    grid: [128, 5, 1],
    threadgroup: [128, 1, 1],
    outputShapes: [[5]],
    outputDtypes: [mx.float32],
  });
  expect(y!.tolist()).toEqual(x.sum(1).multiply(0.5).tolist());
});

test('simdgroups add up, also one that is not full', () => {
  const kernel = mx.fast.metalKernel({
    name: 'simd',
    inputNames: ['x'],
    outputNames: ['y'],
    source: `
      uint i = thread_position_in_grid.x;
      int value = x[i];
      y[i * 4] = simd_sum(value);
      y[i * 4 + 1] = simd_prefix_exclusive_sum(value);
      y[i * 4 + 2] = simd_max(value);
      y[i * 4 + 3] = simd_shuffle_down(value, 1);`,
  });
  const count = 43;
  const values = Array.from({ length: count }, (_, i) => (i * 7) % 13);
  const [y] = kernel({
    inputs: [mx.array(values, mx.int32)],
    grid: [count, 1, 1],
    threadgroup: [64, 1, 1],
    outputShapes: [[count, 4]],
    outputDtypes: [mx.int32],
  });
  const expected = values.map((_, i) => {
    const first = i - (i % 32);
    const lanes = values.slice(first, first + 32);
    const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0);
    return [
      sum(lanes),
      sum(lanes.slice(0, i % 32)),
      Math.max(...lanes),
      lanes[(i % 32) + 1] ?? lanes[i % 32],
    ];
  });
  expect(y!.tolist()).toEqual(expected);
});

test('atomic outputs add up from all groups onto an initial value', () => {
  for (const dtype of [mx.float32, mx.int32, mx.uint32]) {
    const kernel = mx.fast.metalKernel({
      name: 'histogram',
      inputNames: ['x'],
      outputNames: ['y'],
      atomicOutputs: true,
      source: `
        uint i = thread_position_in_grid.x;
        atomic_fetch_add_explicit(&y[x[i] % 4], 1, memory_order_relaxed);`,
    });
    const [y] = kernel({
      inputs: [mx.arange(1000).astype(mx.int32)],
      grid: [1000, 1, 1],
      threadgroup: [128, 1, 1],
      outputShapes: [[4]],
      outputDtypes: [dtype],
      initValue: 5,
    });
    expect(y!.tolist()).toEqual([255, 255, 255, 255]);
  }
});

test('vectors of Metal are there', () => {
  const y = elementwise(`
    uint i = thread_position_in_grid.x;
    float4 v = float4(x[i]) * float4(1, 2, 3, 4);
    v += 1.0;
    y[i] = dot(v, float4(1.0f)) + length(float2(3, 4)) + clamp(v.x, 0.0, 1.0);`)(mx.array([0, 1]));
  expect(y.tolist()).toEqual([10, 20]);
});

test('mathMode is taken', () => {
  for (const mathMode of ['safe', 'relaxed', 'fast'] as const) {
    const twice = elementwise('uint i = thread_position_in_grid.x; y[i] = 2 * x[i];', { mathMode });
    expect(twice(mx.array([1, 2])).tolist()).toEqual([2, 4]);
  }
});

test('a custom function gives a kernel its derivative', () => {
  const square = elementwise('uint i = thread_position_in_grid.x; y[i] = x[i] * x[i];');
  const gradient = mx.fast.metalKernel({
    name: 'square_gradient',
    inputNames: ['x', 'c'],
    outputNames: ['y'],
    source: 'uint i = thread_position_in_grid.x; y[i] = 2 * x[i] * c[i];',
  });
  const run = mx
    .customFunction((x: mx.array) => square(x))
    .vjp(([x], c) => {
      const [y] = gradient({
        inputs: [x, c],
        grid: [x.size, 1, 1],
        threadgroup: [32, 1, 1],
        outputShapes: [x.shape],
        outputDtypes: [x.dtype],
      });
      return y!;
    });
  const x = mx.array([1, 2, 3]);
  expect(
    mx
      .grad((a: mx.array) => run(a).sum())(x)
      .tolist(),
  ).toEqual([2, 4, 6]);
  expect(() => mx.grad((a: mx.array) => square(a).sum())(x)).toThrow(
    '[metalKernel] The kernel "elementwise" has no gradient (vjp). Wrap its call in a custom ' +
      'function that gives one.',
  );
  expect(() => mx.vmap(square)(x.reshape([3, 1]))).toThrow('no rule for vectorisation (vmap)');
});

test('a kernel is a part of a compiled function', () => {
  const twice = elementwise('uint i = thread_position_in_grid.x; y[i] = 2 * x[i];');
  const run = mx.compile((x: mx.array) => twice(x.add(1)).add(twice(x.add(1))));
  expect(run(mx.array([1, 2])).tolist()).toEqual([8, 12]);
  expect(run(mx.array([3, 4, 5])).tolist()).toEqual([16, 20, 24]);
});

test('what the compiler says of a wrong source can be caught', () => {
  const wrong = elementwise('uint i = thread_position_in_grid.x;\ny[i] = x[i] + not_there;');
  const y = wrong(mx.array([1]));
  expect(() => y.tolist()).toThrow(mx.EngineError);
  expect(() => y.tolist()).toThrow(/\[metalKernel\] The kernel "elementwise" can't be made/);
  expect(() => y.tolist()).toThrow(/elementwise.*2.*not_there/s);
  expect(() => wrong(mx.array([1])).tolist()).toThrow('not_there');
  for (const source of [
    '}',
    '{',
    '#error no',
    'while (',
    '/*',
    '"',
    "'",
    '#if 1',
    'threadgroup float',
  ])
    expect(() => elementwise(source)(mx.array([1])).tolist()).toThrow(mx.EngineError);
  expect(mx.array([1]).add(1).tolist()).toEqual([2]);
});

test('outputs and inputs may be empty', () => {
  const twice = elementwise('uint i = thread_position_in_grid.x; y[i] = 2 * x[i];');
  expect(twice(mx.zeros([0, 3])).shape).toEqual([0, 3]);
  expect(twice(mx.zeros([0, 3])).tolist()).toEqual([]);
});

test('what does not fit is refused', () => {
  const options = { name: 'k', inputNames: ['x'], outputNames: ['y'], source: '' };
  const made = (change: object): unknown => mx.fast.metalKernel({ ...options, ...change });
  expect(() => made({ name: 'a b' })).toThrow(
    new TypeError(
      '[fast.metalKernel] The name of a kernel must be an identifier of letters, digits and ' +
        'underscores but is "a b".',
    ),
  );
  expect(() => made({ inputNames: ['1x'] })).toThrow('The name of an input');
  expect(() => made({ outputNames: ['x'] })).toThrow('The name "x" is given twice.');
  expect(() => made({ outputNames: [] })).toThrow('at least one output');
  expect(() => made({ source: 'a\0b' })).toThrow('a character of value 0');
  expect(() => made({ mathMode: 'quick' })).toThrow(TypeError);
  expect(() => made({ inputNames: 'x' })).toThrow(TypeError);

  const kernel = mx.fast.metalKernel(options);
  const call = {
    inputs: [mx.array([1])],
    grid: [1, 1, 1],
    threadgroup: [1, 1, 1],
    outputShapes: [[1]],
    outputDtypes: [mx.float32],
  };
  const run = (change: object): unknown =>
    kernel({ ...call, ...change } as unknown as mx.CustomKernelCall);
  expect(() => run({ inputs: [] })).toThrow(
    '[fast.metalKernel] The kernel "k" has 1 inputs but received 0.',
  );
  expect(() => run({ outputShapes: [[1], [1]] })).toThrow('1 outputs, with a shape each,');
  expect(() => run({ outputDtypes: [] })).toThrow('1 outputs, with a dtype each,');
  expect(() => run({ grid: [1, 1] })).toThrow(RangeError);
  expect(() => run({ grid: [-1, 1, 1] })).toThrow(RangeError);
  expect(() => run({ grid: [1.5, 1, 1] })).toThrow(TypeError);
  expect(() => run({ threadgroup: [0, 1, 1] })).toThrow('must be at least 1');
  expect(() => run({ threadgroup: [1024, 2, 1] })).toThrow('at most 1024 threads');
  expect(() => run({ threadgroup: [2 ** 20, 2 ** 20, 2 ** 20] })).toThrow('at most 1024 threads');
  expect(() => run({ template: { T: 'float' } })).toThrow(TypeError);
  expect(() => run({ template: { T: 2 ** 40 } })).toThrow(TypeError);
  expect(() => run({ template: { x: 1 } })).toThrow('The name "x" is given twice.');
  expect(() => run({ template: { 'a b': 1 } })).toThrow('template argument');
  expect(() => run({ template: { T: mx.float64 } })).toThrow(mx.DtypeError);
  expect(() => run({ outputDtypes: [mx.float64] })).toThrow(mx.DtypeError);
  expect(() => run({ outputShapes: [[-1]] })).toThrow();
  expect(() => run({ outputShapes: [['a']] })).toThrow(TypeError);
  expect(() => run({ stream: mx.cpu })).toThrow('runs on a GPU, not on Device(cpu, 0)');
  const atomic = mx.fast.metalKernel({ ...options, atomicOutputs: true });
  const half = { ...call, outputDtypes: [mx.float16] } as unknown as mx.CustomKernelCall;
  expect(() => atomic(half)).toThrow(mx.DtypeError);
});

test('more arrays than a GPU has places for are refused', () => {
  const inputNames = Array.from({ length: 70 }, (_, i) => `x${i}`);
  const kernel = mx.fast.metalKernel({ name: 'k', inputNames, outputNames: ['y'], source: '' });
  const [y] = kernel({
    inputs: inputNames.map(() => mx.array([1])),
    grid: [1, 1, 1],
    threadgroup: [1, 1, 1],
    outputShapes: [[1]],
    outputDtypes: [mx.float32],
  });
  expect(() => y!.tolist()).toThrow(/has 71 inputs and outputs/);
});

test('names may be any, also those that the kernel itself is made with', () => {
  const kernel = mx.fast.metalKernel({
    name: 'g',
    inputNames: ['g', 'arguments', 'grid_size', 'tid'],
    outputNames: ['part'],
    header: 'struct Group { float value; }; inline float Exp(float x) { return x; }',
    source: `
      uint i = thread_position_in_grid.x;
      Group group = {g[i]};
      part[i] = Exp(group.value) + arguments[i] + grid_size[i] + tid[i];`,
  });
  const x = mx.array([1, 2]);
  const [y] = kernel({
    inputs: [x, x, x, x],
    grid: [2, 1, 1],
    threadgroup: [2, 1, 1],
    outputShapes: [[2]],
    outputDtypes: [mx.float32],
  });
  expect(y!.tolist()).toEqual([4, 8]);
});

test('CUDA kernels are refused where there is no NVIDIA GPU', () => {
  if (mx.cuda.isAvailable()) return;
  const options = { name: 'k', inputNames: ['x'], outputNames: ['y'], source: '' };
  expect(() => mx.fast.cudaKernel(options)).toThrow(
    /\[fast.cudaKernel\] CUDA kernels run on NVIDIA GPUs, but Device\(gpu, 0\) is ".*"\. Use/,
  );
  const run = (image: Uint8Array): unknown =>
    mx.fast.precompiledCudaKernel({
      name: 'k',
      compiledSource: image,
      inputs: [],
      outputShapes: [[1]],
      outputDtypes: [mx.float32],
      scalars: [1, true, 0.5, { float: 2 }],
      grid: [1, 1, 1],
      threadgroup: [1, 1, 1],
    });
  expect(() => run(new Uint8Array(3))).toThrow(mx.EngineError);
});
