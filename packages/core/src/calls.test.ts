import * as mx from './index';

// How functions of @mlx/core with optional parameters are called. The names are those of MLX's
// parameters in camelCase, in order, those that MLX takes by keyword only last.

interface Call {
  /** What must be given. */
  readonly given: readonly unknown[];
  /** The optional parameters, with values that fit together. */
  readonly options: Readonly<Record<string, unknown>>;
}

const call = (given: readonly unknown[], options: Record<string, unknown>): Call => ({
  given,
  options,
});

const a = mx.array([
  [4, 1],
  [2, 5],
]);
const b = mx.array([
  [1, 1],
  [3, 5],
]);
const vector = mx.array([3, 1, 2]);
const cube = mx.arange(8).reshape(2, 2, 2);
const definite = mx.array([
  [4, 1],
  [1, 3],
]);
const lower = mx.array([
  [2, 0],
  [1, 3],
]);
const half = mx.float16;
const key = mx.random.key(7);

const along = { axis: 1, keepdims: true };
const scan = { axis: 1, reverse: true, inclusive: false };
const close = { rtol: 0.5, atol: 0.25, equalNan: true };
const tolerant = [mx.array([1, NaN]), mx.array([1.5, NaN])];
const diagonals = { offset: 1, axis1: 1, axis2: 0 };

/** An input and a kernel of so many axes, and settings that each change the result. */
function convolution(axes: number, settings: Record<string, unknown>): Call {
  const sides = (size: number) => new Array<number>(axes).fill(size);
  const x = mx.random.normal([1, ...sides(7), 2], { key });
  const weight = mx.random.normal([4, ...sides(2), settings.groups === 2 ? 1 : 2], { key });
  return call([x, weight], settings);
}
const steps = { stride: 2, padding: 1, dilation: 2 };
const transposed = { ...steps, outputPadding: 1, groups: 1 };

const wide = mx.random.normal([32, 64], { key });
const quantization = { groupSize: 32, bits: 8, mode: 'affine' };
const [packed, scales, biases] = mx.quantize(wide, 32, 8) as [mx.array, mx.array, mx.array];
const twice = (one: mx.array) => [one, one];
const experts = [packed, scales, biases].map((one) => mx.stack(twice(one)));
const fourBits = { groupSize: 16, bits: 4, mode: 'nvfp4' };
const narrow = mx.quantize(wide, { mode: 'nvfp4' }) as unknown as [mx.array, mx.array];
const globalScales = { globalScaleX: null, globalScaleW: null };
const chosen = mx.array([1], mx.uint32);
const heads = mx.random.normal([1, 2, 3, 4], { key });
const shape = [2, 3];
const normal = { shape, dtype: half, loc: 2, scale: 3, key };
const fourier = { n: 3, axis: 0, norm: 'ortho' };
const fourierOfAxes = { s: [3, 3], axes: [1, 0], norm: 'ortho' };

const functions: Readonly<Record<string, Call>> = {
  matrixNorm: call([a], { keepdims: true, ord: 1 }),
  swapaxes: call([cube], { axis1: 0, axis2: 2 }),
  moveaxis: call([cube], { source: 0, destination: 2 }),
  expandDims: call([a], { axis: 1 }),
  unflatten: call([vector], { axis: 0, shape: [3, 1] }),
  broadcastTo: call([vector], { shape: [2, 3] }),
  tile: call([a], { reps: [2, 1] }),
  clip: call([a], { aMin: 2, aMax: 4 }),
  slice: call([a, [1, 0]], { axes: [0, 1], sliceSize: [1, 2] }),
  sliceUpdate: call([a, [[7]], [1, 0]], { axes: [0, 1] }),
  meshgrid: call([vector, vector], { sparse: true, indexing: 'ij' }),
  empty: call([2], { dtype: half }),
  emptyLike: call([a], { dtype: half }),
  'fast.rmsNorm': call([a], { weight: [2, 3], eps: 0.5 }),
  'fast.layerNorm': call([a], { weight: [2, 3], bias: [1, 0], eps: 0.5 }),
  qqmm: call([wide, narrow[0]], { scales: narrow[1], ...fourBits, ...globalScales }),
  gatherQqmm: call([wide, mx.stack(twice(narrow[0]))], {
    scales: mx.stack(twice(narrow[1])),
    lhsIndices: [0],
    rhsIndices: chosen,
    ...fourBits,
    ...globalScales,
    sortedIndices: true,
  }),
  addmm: call([a, a, b], { alpha: 2, beta: 3 }),
  ...Object.fromEntries(
    ['all', 'any', 'sum', 'prod', 'mean', 'median', 'max', 'min', 'logsumexp', 'countNonzero']
      .concat('argmax', 'argmin')
      .map((name) => [name, call([a], along)]),
  ),
  ...Object.fromEntries(['var', 'std'].map((name) => [name, call([cube], { ...along, ddof: 1 })])),
  ...Object.fromEntries(
    ['cumsum', 'cumprod', 'cumulativeSum', 'cumulativeProd'].map((name) => [
      name,
      call([a], { ...scan, dtype: half }),
    ]),
  ),
  ...Object.fromEntries(
    ['cummax', 'cummin', 'logcumsumexp'].map((name) => [name, call([a], scan)]),
  ),
  allclose: call(tolerant, close),
  isclose: call(tolerant, close),
  arrayEqual: call(tolerant, { equalNan: true }),
  argpartition: call([a], { kth: 0, axis: 0 }),
  partition: call([a], { kth: 0, axis: 0 }),
  topk: call([a], { k: 1, axis: 0 }),
  argsort: call([a], { axis: 0 }),
  sort: call([a], { axis: 0 }),
  asStrided: call([vector], { shape: [2], strides: [1], offset: 1 }),
  blockMaskedMm: call([wide, wide.T], {
    blockSize: 32,
    maskOut: [[true]],
    maskLhs: [[true, false]],
    maskRhs: [[true], [true]],
  }),
  concat: call([[a, b]], { axis: 1 }),
  concatenate: call([[a, b]], { axis: 1 }),
  stack: call([[a, b]], { axis: 1 }),
  unstack: call([a], { axis: 1 }),
  contiguous: call([a], { allowColMajor: true }),
  conv1d: convolution(1, { ...steps, groups: 2 }),
  conv2d: convolution(2, { ...steps, groups: 2 }),
  conv3d: convolution(3, { ...steps, groups: 1 }),
  convGeneral: convolution(2, {
    stride: 2,
    padding: [1, 0],
    kernelDilation: 2,
    inputDilation: 3,
    groups: 2,
    flip: true,
  }),
  convTranspose1d: convolution(1, transposed),
  convTranspose2d: convolution(2, transposed),
  convTranspose3d: convolution(3, transposed),
  convolve: call([vector, vector], { mode: 'same' }),
  dequantize: call([packed, scales], { biases, ...quantization, globalScale: null, dtype: half }),
  quantize: call([wide], { ...quantization, globalScale: null }),
  quantizedMatmul: call([wide, packed, scales], { biases, transpose: true, ...quantization }),
  gatherQmm: call([wide, experts[0], experts[1]], {
    biases: experts[2],
    lhsIndices: [0],
    rhsIndices: chosen,
    transpose: true,
    ...quantization,
    sortedIndices: true,
  }),
  gatherMm: call([cube, cube], { lhsIndices: [1], rhsIndices: chosen, sortedIndices: true }),
  diag: call([vector], { k: 1 }),
  diagonal: call([a], diagonals),
  trace: call([a], { ...diagonals, dtype: half }),
  diff: call([cube], { n: 1, axis: 0 }),
  arange: call([0], { stop: 5, step: 2, dtype: half }),
  eye: call([3], { m: 4, k: 1, dtype: half }),
  identity: call([3], { dtype: half }),
  tri: call([3], { m: 4, k: 1, dtype: half }),
  tril: call([a], { k: -1 }),
  triu: call([a], { k: 1 }),
  zeros: call([2], { dtype: half }),
  ones: call([2], { dtype: half }),
  zerosLike: call([a], { dtype: half }),
  onesLike: call([a], { dtype: half }),
  full: call([2, 3], { dtype: half }),
  fullLike: call([a, 3], { dtype: half }),
  linspace: call([0, 1], { num: 3, endpoint: false, dtype: half }),
  flatten: call([cube], { startAxis: 1, endAxis: 2 }),
  flip: call([a], { axis: 1 }),
  squeeze: call([mx.zeros([1, 1, 2])], { axis: 1 }),
  transpose: call([cube], { axes: [2, 0, 1] }),
  permuteDims: call([cube], { axes: [2, 0, 1] }),
  roll: call([a], { shift: 1, axis: 1 }),
  repeat: call([a], { repeats: 2, axis: 1 }),
  round: call([mx.array([1.26])], { decimals: 1 }),
  split: call([a], { indicesOrSections: 2, axis: 1 }),
  pad: call([vector, 1], { mode: 'constant', constantValues: 5 }),
  nanToNum: call([mx.array([NaN, Infinity, -Infinity])], { nan: 1, posinf: 2, neginf: 3 }),
  hadamardTransform: call([a], { scale: 2 }),
  softmax: call([a], { axis: 0, precise: true }),
  putAlongAxis: call([a, [[0, 0]], [[8, 9]]], { axis: 0 }),
  take: call([a, [1]], { axis: 1 }),
  takeAlongAxis: call([a, [[1], [0]]], { axis: 1 }),
  searchsorted: call([mx.array([1, 2, 2, 3]), [2]], { side: 'right' }),
  tensordot: call([a, b], { axes: 1 }),
  vecdot: call([a, b], { axis: 0 }),
  fromFp8: call([mx.array([56, 57], mx.uint8)], { dtype: half }),
  'fast.rope': call([heads], {
    dims: 4,
    traditional: true,
    base: 100,
    scale: 2,
    offset: 1,
    freqs: null,
  }),
  'fast.scaledDotProductAttention': call([heads, heads, heads], {
    scale: 0.5,
    mask: 'causal',
    sinks: [1, 2],
    forceFused: false,
  }),
  'linalg.cholesky': call([definite], { upper: true }),
  'linalg.choleskyInv': call([lower], { upper: false }),
  'linalg.triInv': call([lower.T], { upper: true }),
  'linalg.solveTriangular': call([lower.T, a], { upper: true }),
  'linalg.cross': call([cube.reshape(2, 4).index('...', ':3'), vector], { axis: -1 }),
  'linalg.eigh': call([definite], { UPLO: 'U' }),
  'linalg.eigvalsh': call([definite], { UPLO: 'U' }),
  'linalg.norm': call([a], { ord: 1, axis: 1, keepdims: true }),
  'linalg.svd': call([a], { computeUv: false }),
  'random.bernoulli': call([], { p: 0.25, shape, key }),
  'random.categorical': call([a], { axis: 0, shape: undefined, numSamples: 3, key }),
  'random.gumbel': call([], { shape, dtype: half, key }),
  'random.laplace': call([], normal),
  'random.normal': call([], normal),
  'random.multivariateNormal': call([[0, 1], definite], { shape: [2], dtype: mx.float32, key }),
  'random.permutation': call([a], { axis: 1, key }),
  'random.randint': call([0, 100], { shape, dtype: mx.int8, key }),
  'random.split': call([key], { num: 3 }),
  'random.truncatedNormal': call([0, 1], { shape, dtype: half, key }),
  'random.uniform': call([], { low: 2, high: 3, shape, dtype: half, key }),
  ...Object.fromEntries(
    ['fft', 'ifft', 'rfft', 'irfft'].map((name) => [`fft.${name}`, call([a], fourier)]),
  ),
  ...Object.fromEntries(
    ['fft2', 'ifft2', 'rfft2', 'irfft2', 'fftn', 'ifftn', 'rfftn', 'irfftn'].map((name) => [
      `fft.${name}`,
      call([a], fourierOfAxes),
    ]),
  ),
  'fft.fftshift': call([a], { axes: [1] }),
  'fft.ifftshift': call([a], { axes: [1] }),
  'fft.fftfreq': call([4], { d: 0.5 }),
  'fft.rfftfreq': call([4], { d: 0.5 }),
};

type AnyFunction = (...values: readonly unknown[]) => unknown;

function named(path: string): AnyFunction {
  let found: unknown = mx;
  for (const part of path.split('.')) found = (found as Record<string, unknown>)[part];
  return found as AnyFunction;
}

function show(value: unknown): unknown {
  if (value instanceof mx.array) return [String(value.dtype), value.tolist()];
  return Array.isArray(value) ? value.map(show) : value;
}

/** The ways to call it: as a function, and as a method of its first argument. */
function waysToCall(path: string, given: readonly unknown[]): AnyFunction[] {
  const ways = [named(path)];
  const [first] = given;
  const method = (mx.array.prototype as unknown as Record<string, unknown>)[path];
  if (first instanceof mx.array && typeof method === 'function')
    ways.push((...values) => Reflect.apply(method, values[0], values.slice(1)) as unknown);
  return ways;
}

/** The same functions in another spelling. */
const spellings = {
  variance: 'var',
  blockMaskedMM: 'blockMaskedMm',
  gatherMM: 'gatherMm',
  gatherQMM: 'gatherQmm',
};
const calls = [
  ...Object.entries(functions),
  ...Object.entries(spellings).map(([name, same]): [string, Call] => [name, functions[same]!]),
];

describe.each(calls)('%s', (path, { given, options }) => {
  const names = Object.keys(options);
  const values = Object.values(options);
  const rest = (from: number) => Object.fromEntries(Object.entries(options).slice(from));
  const ways = waysToCall(path, given);
  const list = [...names, 'stream'].join(', ');

  test('options from any place on are the values in their places', () => {
    const expected = show(named(path)(...given, ...values));
    for (const run of ways) {
      expect(show(run(...given, ...values))).toEqual(expected);
      for (let from = 0; from <= names.length; from++) {
        const before = [...given, ...values.slice(0, from)];
        expect(show(run(...before, { ...rest(from), stream: mx.cpu }))).toEqual(expected);
        expect(show(run(...before, rest(from)))).toEqual(expected);
      }
    }
  });

  test('unknown options and too many values name the parameters', () => {
    for (const run of ways) {
      const unknown = new TypeError(`[${path}] Unknown option nothing; the options are ${list}.`);
      expect(() => run(...given, { nothing: 1 })).toThrow(unknown);
      expect(() => run(...given, values[0], { nothing: 1 })).toThrow(unknown);
      expect(() => run(...given, ...values, mx.cpu, mx.cpu)).toThrow(
        new TypeError(`[${path}] Too many arguments; it takes ${list}.`),
      );
    }
  });

  test('values of a wrong kind are refused by the name of their parameter', () => {
    for (const run of ways)
      for (const parameter of names)
        expect(() => run(...given, { [parameter]: Symbol('wrong') })).toThrow(
          new RegExp(`^\\[${path}\\] .*\\b${parameter}\\b`),
        );
  });
});

/** Functions of the package and of its namespaces, by path. */
function exportedFunctions(): string[] {
  const spaces = ['linalg', 'fft', 'random', 'fast'];
  const members = (prefix: string, value: object): string[] =>
    Object.entries(value)
      .filter(([, member]) => typeof member === 'function')
      .map(([name]) => prefix + name);
  return [
    ...members('', mx),
    ...spaces.flatMap((space) =>
      members(`${space}.`, (mx as unknown as Record<string, object>)[space]!),
    ),
  ];
}

/** What a function says of its options, called with so many arrays; undefined if it doesn't. */
function optionsOf(path: string): string | undefined {
  for (const first of [a, 2])
    for (let count = 0; count < 5; count++)
      try {
        named(path)(...new Array<unknown>(count).fill(first), { nothing: 1 });
      } catch (error) {
        const list = /the options are (.*)\.$/.exec((error as Error).message)?.[1];
        if (list !== undefined) return list;
      }
  return undefined;
}

/** Those that change what other tests run under: limits, devices, streams, compile. */
const settings = /^(set|reset|clear|enable|disable|printoptions)/;

/** Those that take no stream, a file, any number of values, one number, a function, or a kernel. */
const others = (
  'asarray load reshape blackman hamming hanning bartlett vjp jvp checkpoint customFunction ' +
  'exporter exportFunction importFunction fast.metalKernel fast.cudaKernel ' +
  'fast.precompiledCudaKernel'
).split(' ');

test('every function that names options is in the table', () => {
  const known = new Set(calls.map(([path]) => named(path)));
  const missing = exportedFunctions()
    .filter((path) => !settings.test(path) && !others.includes(path))
    .filter((path) => !known.has(named(path)))
    .map((path) => [path, optionsOf(path)])
    .filter(([, list]) => list !== undefined && list !== 'stream');
  expect(missing).toEqual([]);
});

test('what takes no arguments refuses them', () => {
  const functions =
    'clearCache clearStreams defaultDevice disableCompile enableCompile getActiveMemory ' +
    'getCacheMemory getPeakMemory getPrintoptions getWrappersCount resetPeakMemory';
  const methods = ['item', 'tolist', 'dispose'];
  const scalar = mx.array(1) as unknown as Record<string, (...values: unknown[]) => unknown>;
  for (const name of [...functions.split(' '), ...methods])
    expect(() => (methods.includes(name) ? scalar[name]!(1) : named(name)(1))).toThrow(
      new TypeError(`[${name}] Too many arguments; it takes none.`),
    );
  expect(scalar.item!(undefined)).toBe(1);
});
