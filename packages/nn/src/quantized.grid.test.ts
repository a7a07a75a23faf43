import * as mx from '@mlx/core';
import * as nn from './index';

type Format = [mode: mx.QuantizationMode, groupSize: number, bits: number];

const affine: Format[] = [32, 64, 128].flatMap((groupSize) =>
  [2, 3, 4, 5, 6, 8].map((bits): Format => ['affine', groupSize, bits]),
);
const small: Format[] = [
  ['mxfp4', 32, 4],
  ['mxfp8', 32, 8],
  ['nvfp4', 16, 4],
];
const dtypes = ['float32', 'float16', 'bfloat16'] as const;
type Floating = (typeof dtypes)[number];
const units = { float32: 2 ** -23, float16: 2 ** -10, bfloat16: 2 ** -7 };

const [outputs, inputs] = [6, 128];

/** A matrix in float64, by rows. */
type Matrix = number[][];
const matrix = (a: mx.array): Matrix => mx.astype(a, mx.float32).tolist<Matrix>();
const transposed = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));
const map = (a: Matrix, f: (x: number, i: number, j: number) => number): Matrix =>
  a.map((row, i) => row.map((x, j) => f(x, i, j)));

/** The codes in a stream of bits from the low end up. */
function unpacked(weight: mx.array, bits: number): Matrix {
  return weight.tolist<Matrix>().map((words) => {
    const stream = words.reduce((all, word, i) => all | (BigInt(word) << BigInt(32 * i)), 0n);
    const count = (words.length * 32) / bits;
    return Array.from({ length: count }, (_, i) =>
      Number((stream >> BigInt(bits * i)) & ((1n << BigInt(bits)) - 1n)),
    );
  });
}

/** A number of `exponentBits` and `mantissaBits` below its sign, subnormal ones among them. */
function smallFloat(code: number, exponentBits: number, mantissaBits: number): number {
  const size = code & (2 ** (exponentBits + mantissaBits) - 1);
  const [exponent, mantissa] = [size >> mantissaBits, size & (2 ** mantissaBits - 1)];
  const bias = 2 ** (exponentBits - 1) - 1;
  const sign = code >> (exponentBits + mantissaBits) ? -1 : 1;
  const fraction = mantissa / 2 ** mantissaBits + (exponent > 0 ? 1 : 0);
  return sign * fraction * 2 ** (Math.max(exponent, 1) - bias);
}

/** A layer's parts in float64: weight = scale · step + bias. */
interface Parts {
  steps: Matrix;
  scales: Matrix;
  biases: Matrix;
  weight: Matrix;
  /** What the weights are sums of, which is what their roundings are relative to. */
  terms: Matrix;
}

function parts(
  layer: { weight: mx.array; scales: mx.array; biases?: mx.array },
  [mode, groupSize, bits]: Format,
): Parts {
  const codes = unpacked(layer.weight, bits);
  const decode: Record<mx.QuantizationMode, (code: number) => number> = {
    affine: (code) => code,
    mxfp4: (code) => smallFloat(code, 2, 1),
    nvfp4: (code) => smallFloat(code, 2, 1),
    mxfp8: (code) => smallFloat(code, 4, 3),
  };
  const scaleOf: Record<mx.QuantizationMode, (scale: number) => number> = {
    affine: (scale) => scale,
    mxfp4: (scale) => 2 ** (scale - 127),
    mxfp8: (scale) => 2 ** (scale - 127),
    nvfp4: (scale) => smallFloat(scale, 4, 3),
  };
  const steps = map(codes, decode[mode]);
  const scales = map(matrix(layer.scales), scaleOf[mode]);
  const biases = layer.biases ? matrix(layer.biases) : map(scales, () => 0);
  const group = (j: number) => Math.floor(j / groupSize);
  const weight = map(steps, (q, i, j) => q * scales[i]![group(j)]! + biases[i]![group(j)]!);
  const terms = map(
    steps,
    (q, i, j) => Math.abs(q * scales[i]![group(j)]!) + Math.abs(biases[i]![group(j)]!),
  );
  return { steps, scales, biases, weight, terms };
}

/** Sums over the groups of each row. */
const grouped = (a: Matrix, groupSize: number): Matrix =>
  a.map((row) =>
    Array.from({ length: row.length / groupSize }, (_, g) =>
      row.slice(g * groupSize, (g + 1) * groupSize).reduce((sum, x) => sum + x, 0),
    ),
  );

const sizes = (a: Matrix): Matrix => map(a, Math.abs);

/** Within some units in the last place of what each element is a sum of. */
function expectClose(result: mx.array, dtype: Floating, exact: Matrix, terms: Matrix, ulps = 8) {
  expect(result.dtype).toBe(mx[dtype]);
  const got = matrix(result);
  expect([got.length, got[0]!.length]).toEqual([exact.length, exact[0]!.length]);
  const worst = Math.max(
    ...map(got, (x, i, j) => Math.abs(x - exact[i]![j]!) / Math.max(terms[i]![j]!, 1e-6)).flat(),
  );
  expect(worst).toBeLessThanOrEqual(ulps * units[dtype]);
}

function normal(shape: number[], dtype: Floating, scale = 1): mx.array {
  return mx.astype(mx.random.normal(shape, { scale }), mx[dtype]);
}

/** The arrays that are differentiated by, and the gradients of sum(layer(x) · weights) by them. */
function gradients(
  layer: nn.Module & { scales: mx.array; biases?: mx.array },
  x: mx.array,
  weights: mx.array,
  call: (x: mx.array) => mx.array,
): mx.array[] {
  const own = layer.biases ? [layer.scales, layer.biases] : [];
  const loss = (x: mx.array, scales?: mx.array, biases?: mx.array) => {
    if (scales) layer.update({ scales, biases: biases! });
    return mx.sum(mx.multiply(call(x), weights));
  };
  const found = mx.grad(loss, [0, 1, 2].slice(0, 1 + own.length))(x, ...own) as mx.array[];
  if (own.length > 0) layer.update({ scales: own[0]!, biases: own[1]! });
  return found;
}

/** Products with a layer's weight, and their gradients, as the dequantised weight has them. */
function checkProducts(
  layer: nn.Module & { weight: mx.array; scales: mx.array; biases?: mx.array },
  format: Format,
  dtype: Floating,
  rows: number,
  call: (x: mx.array) => mx.array,
  bias: number[] | null,
): void {
  const [, groupSize] = format;
  const { steps, weight, terms } = parts(layer, format);
  const x = normal([rows, inputs], dtype);
  // Eighths are exact in every dtype.
  const weights = mx.astype(mx.divide(mx.random.randint(1, 16, [rows, outputs]), 8), mx[dtype]);
  const [x64, w64] = [matrix(x), matrix(weights)];
  const shift = (a: Matrix) => (bias ? map(a, (y, _, j) => y + bias[j]!) : a);
  const exact = shift(product(x64, transposed(weight)));
  const biasSizes = (a: Matrix) => (bias ? map(a, (y, _, j) => y + Math.abs(bias[j]!)) : a);
  expectClose(call(x), dtype, exact, biasSizes(product(sizes(x64), transposed(terms))), 4);
  const [byX, byScales, byBiases] = gradients(layer, x, weights, call);
  expectClose(byX!, dtype, product(w64, weight), product(sizes(w64), terms));
  if (!byScales || !byBiases) return;
  // The gradient by each weight, of whose group scale and bias are.
  const byWeight = product(transposed(w64), x64);
  const most = product(sizes(transposed(w64)), sizes(x64));
  const bySteps = (a: Matrix) => map(a, (g, i, j) => g * steps[i]![j]!);
  expectClose(
    byScales,
    dtype,
    grouped(bySteps(byWeight), groupSize),
    grouped(bySteps(most), groupSize),
  );
  expectClose(byBiases, dtype, grouped(byWeight, groupSize), grouped(most, groupSize));
}

beforeEach(() => mx.random.seed(31));

describe.each([...affine, ...small])('%s, groups of %d, %d bits', (...format) => {
  const [mode, groupSize, bits] = format;
  const options = { mode, groupSize, bits };

  test.each(dtypes)('a linear layer in %s', (dtype) => {
    for (const withBias of [true, false])
      for (const rows of [1, 5, 40]) {
        const linear = new nn.Linear(inputs, outputs, withBias);
        linear.weight = normal([outputs, inputs], dtype, 0.3);
        if (linear.bias) linear.bias = normal([outputs], dtype);
        const layer = nn.QuantizedLinear.fromLinear(linear, options);
        const bias = linear.bias ? matrix(mx.reshape(linear.bias, [1, -1]))[0]! : null;
        checkProducts(layer, format, dtype, rows, (x) => layer(x), bias);
      }
  });

  test.each(dtypes)('an embedding in %s, looked up and multiplied by', (dtype) => {
    const embedding = new nn.Embedding(outputs, inputs);
    embedding.weight = normal([outputs, inputs], dtype, 0.3);
    const layer = nn.QuantizedEmbedding.fromEmbedding(embedding, options);
    checkProducts(layer, format, dtype, 5, (x) => layer.asLinear(x), null);
    const { weight, terms, steps } = parts(layer, format);
    const places = [3, 0, 3, 5];
    const indices = mx.array(places, mx.int32);
    const rows = layer(indices);
    // Small floating numbers come in bfloat16, the others in the dtype of their scales.
    const result = mode === 'affine' ? dtype : 'bfloat16';
    expectClose(
      rows,
      result,
      places.map((i) => weight[i]!),
      places.map((i) => terms[i]!),
      1,
    );
    if (mode !== 'affine') return;
    const weights = mx.astype(mx.divide(mx.random.randint(1, 16, [4, inputs]), 8), mx[dtype]);
    const [, byScales, byBiases] = gradients(layer, mx.array(1), weights, () => layer(indices));
    const byWeight = map(weight, (_, i, j) =>
      matrix(weights).reduce((sum, row, k) => sum + (places[k] === i ? row[j]! : 0), 0),
    );
    const bySteps = map(byWeight, (g, i, j) => g * steps[i]![j]!);
    const [scales, biases] = [grouped(bySteps, groupSize), grouped(byWeight, groupSize)];
    expectClose(byScales!, dtype, scales, scales);
    expectClose(byBiases!, dtype, biases, biases);
  });
});

describe.each(small.filter(([mode]) => mode !== 'mxfp4'))('QQLinear in %s', (...format) => {
  const [mode, groupSize, bits] = format;
  const options = { mode, groupSize, bits };

  test.each(dtypes)('multiplies numbers that are all rounded, in %s', (dtype) => {
    const linear = new nn.Linear(inputs, outputs, false);
    linear.weight = normal([outputs, inputs], dtype, 0.3);
    const layer = nn.QQLinear.fromLinear(linear, options);
    const x = normal([5, inputs], dtype);
    const rounded = (a: mx.array) => {
      const [weight, scales] = mx.quantize(a, options);
      return parts({ weight, scales }, format).weight;
    };
    const [x64, w64] = [rounded(x), rounded(linear.weight)];
    const exact = product(x64, transposed(w64));
    const terms = product(sizes(x64), sizes(transposed(w64)));
    expectClose(layer(x), dtype, exact, terms, 4);
    expectClose(layer.eval()(x), dtype, exact, terms, 4);

    // Gradients pass through the roundings.
    layer.train();
    layer.weight = linear.weight;
    const weights = mx.astype(mx.divide(mx.random.randint(1, 16, [5, outputs]), 8), mx[dtype]);
    const loss = (x: mx.array, weight: mx.array) => {
      layer.weight = weight;
      return mx.sum(mx.multiply(layer(x), weights));
    };
    const [byX, byWeight] = mx.grad(loss, [0, 1])(x, linear.weight) as mx.array[];
    const eighths = matrix(weights);
    expectClose(byX!, dtype, product(eighths, w64), product(eighths, sizes(w64)));
    const across = transposed(eighths);
    expectClose(byWeight!, dtype, product(across, x64), product(across, sizes(x64)));
  });
});
