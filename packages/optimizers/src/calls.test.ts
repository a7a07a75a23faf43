import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import * as optim from './index';

// How constructors and functions of @mlx/nn and @mlx/optimizers are called: their parameters in
// order, with values that aren't the defaults. The first `needed` ones must be given.

interface Call {
  readonly needed: number;
  readonly parameters: Readonly<Record<string, unknown>>;
}

const call = (needed: number, parameters: Record<string, unknown>): Call => ({
  needed,
  parameters,
});
const conv = { inChannels: 2, outChannels: 4, kernelSize: 3, stride: 2, padding: 1, dilation: 2 };
const pool = { kernelSize: 3, stride: 2, padding: 1 };
const quantization = { groupSize: 32, bits: 8, mode: 'affine' };
const layer = { dims: 8, numHeads: 2, mlpDims: 6, dropout: 0.5, activation: nn.tanh };
const pair = { inputs: mx.array([[0.5, 0.25]]), targets: mx.array([[1, 0]]) };
const predictions = { predictions: pair.inputs, targets: pair.targets };

const classes: Record<string, Call> = {
  Linear: call(2, { inputDims: 3, outputDims: 2, bias: false }),
  Bilinear: call(3, { input1Dims: 3, input2Dims: 2, outputDims: 4, bias: false }),
  Embedding: call(2, { numEmbeddings: 5, dims: 4 }),
  Conv1d: call(3, { ...conv, groups: 2, bias: false }),
  Conv2d: call(3, { ...conv, groups: 2, bias: false }),
  Conv3d: call(3, { ...conv, bias: false }),
  ConvTranspose1d: call(3, { ...conv, outputPadding: 1, bias: false }),
  ConvTranspose2d: call(3, { ...conv, outputPadding: 1, bias: false }),
  ConvTranspose3d: call(3, { ...conv, outputPadding: 1, bias: false }),
  MaxPool1d: call(1, pool),
  MaxPool2d: call(1, pool),
  MaxPool3d: call(1, pool),
  AvgPool1d: call(1, pool),
  AvgPool2d: call(1, pool),
  AvgPool3d: call(1, pool),
  Dropout: call(0, { p: 0.25 }),
  Dropout2d: call(0, { p: 0.25 }),
  Dropout3d: call(0, { p: 0.25 }),
  InstanceNorm: call(1, { dims: 4, eps: 0.5, affine: true }),
  LayerNorm: call(1, { dims: 4, eps: 0.5, affine: true, bias: false }),
  RMSNorm: call(1, { dims: 4, eps: 0.5 }),
  GroupNorm: call(2, { numGroups: 2, dims: 4, eps: 0.5, affine: false, pytorchCompatible: true }),
  BatchNorm: call(1, {
    numFeatures: 4,
    eps: 0.5,
    momentum: 0.25,
    affine: false,
    trackRunningStats: false,
  }),
  RoPE: call(1, { dims: 8, traditional: true, base: 100, scale: 2 }),
  SinusoidalPositionalEncoding: call(1, {
    dims: 8,
    minFreq: 0.01,
    maxFreq: 2,
    scale: 3,
    cosFirst: true,
    fullTurns: true,
  }),
  RNN: call(2, { inputSize: 3, hiddenSize: 4, bias: false, nonlinearity: nn.relu }),
  GRU: call(2, { inputSize: 3, hiddenSize: 4, bias: false }),
  LSTM: call(2, { inputSize: 3, hiddenSize: 4, bias: false }),
  MultiHeadAttention: call(2, {
    dims: 8,
    numHeads: 2,
    queryInputDims: 3,
    keyInputDims: 4,
    valueInputDims: 5,
    valueDims: 6,
    valueOutputDims: 7,
    bias: true,
  }),
  TransformerEncoderLayer: call(2, { ...layer, normFirst: false }),
  TransformerDecoderLayer: call(2, { ...layer, normFirst: false }),
  TransformerEncoder: call(3, { numLayers: 2, ...layer, normFirst: false, checkpoint: true }),
  TransformerDecoder: call(3, { numLayers: 2, ...layer, normFirst: false, checkpoint: true }),
  Upsample: call(1, { scaleFactor: 2, mode: 'cubic', alignCorners: true, antialias: true }),
  AllToShardedLinear: call(2, { inputDims: 3, outputDims: 2, bias: false, group: null }),
  ShardedToAllLinear: call(2, { inputDims: 3, outputDims: 2, bias: false, group: null }),
  QuantizedAllToShardedLinear: call(2, {
    inputDims: 64,
    outputDims: 2,
    bias: false,
    ...quantization,
    group: null,
  }),
  QuantizedShardedToAllLinear: call(2, {
    inputDims: 64,
    outputDims: 2,
    bias: false,
    ...quantization,
    group: null,
  }),
  FullyShardedModule: call(1, {
    module: new nn.Linear(2, 2),
    group: null,
    computeDtype: mx.float16,
  }),
  QuantizedLinear: call(2, { inputDims: 64, outputDims: 2, bias: false, ...quantization }),
  QuantizedEmbedding: call(2, { numEmbeddings: 3, dims: 64, ...quantization }),
  QQLinear: call(2, { inputDims: 64, outputDims: 2, groupSize: 32, bits: 8, mode: 'mxfp8' }),
  PReLU: call(0, { numParameters: 3, init: 0.5 }),
  GELU: call(0, { approx: 'fast' }),
  GLU: call(0, { axis: 0 }),
  LeakyReLU: call(0, { negativeSlope: 0.5 }),
  ELU: call(0, { alpha: 2 }),
  CELU: call(0, { alpha: 2 }),
  Softshrink: call(0, { lambd: 2 }),
  HardShrink: call(0, { lambd: 2 }),
  Step: call(0, { threshold: 2 }),
  Transformer: call(0, {
    dims: 8,
    numHeads: 2,
    numEncoderLayers: 2,
    numDecoderLayers: 1,
    mlpDims: 6,
    dropout: 0.5,
    activation: nn.tanh,
    customEncoder: null,
    customDecoder: null,
    normFirst: false,
    checkpoint: true,
  }),
  MultiOptimizer: call(1, { optimizers: [new optim.SGD(0.5)], filters: [] }),
  SGD: call(1, {
    learningRate: 0.5,
    momentum: 0.25,
    weightDecay: 0.125,
    dampening: 0,
    nesterov: true,
  }),
  RMSprop: call(1, { learningRate: 0.5, alpha: 0.25, eps: 0.125 }),
  Adagrad: call(1, { learningRate: 0.5, eps: 0.125 }),
  AdaDelta: call(1, { learningRate: 0.5, rho: 0.25, eps: 0.125 }),
  Adam: call(1, { learningRate: 0.5, betas: [0.5, 0.25], eps: 0.125, biasCorrection: true }),
  AdamW: call(1, {
    learningRate: 0.5,
    betas: [0.5, 0.25],
    eps: 0.125,
    weightDecay: 0.75,
    biasCorrection: true,
  }),
  Adamax: call(1, { learningRate: 0.5, betas: [0.5, 0.25], eps: 0.125 }),
  Lion: call(1, { learningRate: 0.5, betas: [0.5, 0.25], weightDecay: 0.125 }),
  Muon: call(1, {
    learningRate: 0.5,
    momentum: 0.25,
    weightDecay: 0.125,
    nesterov: false,
    nsSteps: 3,
  }),
  Adafactor: call(0, {
    learningRate: 0.5,
    eps: [0.5, 0.25],
    clipThreshold: 2,
    decayRate: -0.5,
    beta1: 0.5,
    weightDecay: 0.125,
    scaleParameter: false,
    relativeStep: false,
    warmupInit: true,
  }),
  MixedPrecision: call(1, {
    optimizer: new optim.SGD(0.5),
    dtype: mx.float16,
    lossScale: 8,
    growthInterval: 3,
    maxNorm: 2,
  }),
  EMA: call(1, { model: new nn.Linear(1, 1), decay: 0.5, warmup: true }),
  EarlyStopping: call(1, { patience: 3, minDelta: 0.5, mode: 'max' }),
  GradientAccumulation: call(1, { steps: 3 }),
  ProgressLine: call(1, { steps: 3, unit: 'images', output: process.stderr }),
  RunningMean: call(0, { decay: 0.5 }),
};

const x = mx.array([[-2, 0.5, 3, 0.25]]);
const falling = optim.linearSchedule(1, 0, 4);
const functions: Record<string, Call> = {
  exponentialDecay: call(2, { init: 0.5, decayRate: 0.25 }),
  stepDecay: call(3, { init: 0.5, decayRate: 0.25, stepSize: 2 }),
  cosineDecay: call(2, { init: 0.5, decaySteps: 4, end: 0.25 }),
  linearSchedule: call(3, { init: 0.5, end: 0.25, steps: 4 }),
  joinSchedules: call(2, { schedules: [falling, falling], boundaries: [2] }),
  clipGradNorm: call(2, { grads: { a: x }, maxNorm: 0.5 }),
  leakyRelu: call(1, { x, negativeSlope: 0.5 }),
  elu: call(1, { x, alpha: 2 }),
  celu: call(1, { x, alpha: 2 }),
  softmax: call(1, { x, axis: 0 }),
  logSoftmax: call(1, { x, axis: 0 }),
  softmin: call(1, { x, axis: 0 }),
  softshrink: call(1, { x, lambd: 2 }),
  hardShrink: call(1, { x, lambd: 2 }),
  hardTanh: call(1, { x, minVal: -0.5, maxVal: 0.5 }),
  step: call(1, { x, threshold: 0.5 }),
  glu: call(1, { x, axis: -1 }),
  crossEntropy: call(2, {
    logits: x,
    targets: [1],
    weights: [2],
    axis: 1,
    labelSmoothing: 0.5,
    reduction: 'sum',
  }),
  binaryCrossEntropy: call(2, { ...pair, weights: [[2, 3]], withLogits: false, reduction: 'sum' }),
  l1Loss: call(2, { ...predictions, reduction: 'sum' }),
  mseLoss: call(2, { ...predictions, reduction: 'sum' }),
  nllLoss: call(2, { inputs: x, targets: [1], axis: 1, reduction: 'sum' }),
  gaussianNllLoss: call(3, { ...pair, vars: [[1, 2]], full: true, eps: 0.5, reduction: 'sum' }),
  klDivLoss: call(2, { ...pair, axis: 0, reduction: 'sum' }),
  smoothL1Loss: call(2, { ...predictions, beta: 0.25, reduction: 'sum' }),
  tripletLoss: call(3, {
    anchors: pair.inputs,
    positives: pair.targets,
    negatives: [[3, 4]],
    axis: 0,
    p: 3,
    margin: 9,
    eps: 0.5,
    reduction: 'sum',
  }),
  hingeLoss: call(2, { ...pair, reduction: 'sum' }),
  huberLoss: call(2, { ...pair, delta: 0.25, reduction: 'sum' }),
  logCoshLoss: call(2, { ...pair, reduction: 'sum' }),
  cosineSimilarityLoss: call(2, {
    x1: pair.inputs,
    x2: pair.targets,
    axis: 0,
    eps: 0.5,
    reduction: 'sum',
  }),
  marginRankingLoss: call(3, {
    inputs1: pair.inputs,
    inputs2: pair.targets,
    targets: [[1, -1]],
    margin: 0.5,
    reduction: 'sum',
  }),
  upsampleLinear: call(2, {
    x: mx.arange(4).reshape(1, 4, 1),
    scaleFactor: 2.5,
    alignCorners: true,
    antialias: true,
  }),
  upsampleCubic: call(2, {
    x: mx.arange(4).reshape(1, 4, 1),
    scaleFactor: 2.5,
    alignCorners: true,
    antialias: true,
  }),
};

const exported = { ...nn, ...optim } as unknown as Record<string, unknown>;

/** What shows which settings a call was read as. */
function show(value: unknown): unknown {
  if (value instanceof mx.array) return value.tolist();
  // A schedule, by its rates.
  if (typeof value === 'function' && !nn.Module.isModule(value))
    return [0, 1, 3, 9].map((step) => show(Reflect.apply(value, undefined, [step])));
  if (value instanceof optim.Optimizer) return { ...value, rate: String(value.state.learningRate) };
  if (!nn.Module.isModule(value)) return value;
  const shapes = (mx.treeFlatten(value.parameters()) as [string, mx.array][]).map(([path, a]) => [
    path,
    a.shape,
  ]);
  return [value.toString(), shapes];
}

function run(name: string, values: unknown[]): unknown {
  const made = exported[name] as new (...given: unknown[]) => unknown;
  const isClass = name in classes;
  return show(isClass ? new made(...values) : Reflect.apply(made, undefined, values));
}

const calls = Object.entries({ ...classes, ...functions });

describe.each(calls)('%s', (name, { needed, parameters }) => {
  const names = Object.keys(parameters);
  const values = Object.values(parameters);
  const options = (from: number) => Object.fromEntries(Object.entries(parameters).slice(from));

  test('options from any place on are the values in their places', () => {
    const expected = run(name, values);
    for (let from = 0; from < names.length; from++)
      expect(run(name, [...values.slice(0, from), options(from)])).toEqual(expected);
  });

  test('undefined is the default', () => {
    const required = values.slice(0, needed);
    const absent = names.slice(needed).map(() => undefined);
    expect(run(name, [...required, ...absent])).toEqual(run(name, required));
  });

  test('unknown options, too many values and missing ones name the parameters', () => {
    const required = values.slice(0, needed);
    const list = names.join(', ');
    expect(() => run(name, [...required, { nothing: 1 }])).toThrow(
      new TypeError(`[${name}] Unknown option nothing; the options are ${list}.`),
    );
    expect(() => run(name, [...values, 0])).toThrow(
      new TypeError(`[${name}] Too many arguments; it takes ${list}.`),
    );
    if (needed > 0)
      expect(() => run(name, values.slice(0, needed - 1))).toThrow(`[${name}] The argument`);
  });

  test('values of a wrong kind are refused by the name of their parameter', () => {
    for (const [at, parameter] of names.entries()) {
      const wrong = values.map((value, i) => (i === at ? Symbol('wrong') : value));
      expect(() => run(name, wrong)).toThrow(`[${name}] ${parameter}`);
    }
  });
});

test('every exported class and loss with settings is in the tables', () => {
  const covered = new Set(calls.map(([name]) => name));
  // Those without settings, and those that take functions, modules or lists of any length.
  const others =
    /^(ALiBi|Identity|Module|Sequential|Optimizer|Batches|ReLU.*|SiLU|SELU|Mish|Tanh|Sigmoid|Soft(max|min|plus|sign)|LogS.*|Hardswish|HardTanh)$/;
  const missing = Object.entries(exported)
    .filter(([, value]) => typeof value === 'function')
    .map(([name]) => name)
    .filter((name) => /^[A-Z]/.test(name) || name.endsWith('Loss'))
    .filter((name) => !covered.has(name) && !others.test(name));
  expect(missing).toEqual([]);
});
