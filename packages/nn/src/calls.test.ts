import * as mx from '@mlx/core';
import * as nn from './index';

// How initialisers and layers are called: what must be given, and the optional parameters in order,
// with values that aren't the defaults. Constructors and losses are in @mlx/optimizers' table.

type AnyFunction = (...values: unknown[]) => unknown;

interface Call {
  readonly run: AnyFunction;
  readonly given: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
}

const square = mx.zeros([2, 2]);
const half = { dtype: mx.float16 };

/** The values of an initialiser, always from the same state of the generator. */
function initialised(name: string, given: unknown[], options: Record<string, unknown>): Call {
  const make = (nn.init as unknown as Record<string, AnyFunction>)[name]!;
  const run: AnyFunction = (...values) => {
    mx.random.seed(1);
    return (make(...values) as (a: mx.array) => mx.array)(square);
  };
  return { run, given, options };
}

const x = mx.random.normal([1, 3, 8], { key: mx.random.key(1) });
const memory = mx.random.normal([1, 3, 8], { key: mx.random.key(2) });
const state = mx.ones([1, 8]);
const mask = mx.array([0, -1, -2]);
const causal = 'causal';

const forward = (
  layer: nn.Module,
  given: readonly unknown[],
  options: Record<string, unknown>,
): Call => ({
  run: (...values) => Reflect.apply(layer as unknown as AnyFunction, undefined, values),
  given,
  options,
});

/** A method of a module, and what shows its work on a fresh one; names it lacks are shown too. */
function method(
  name: string,
  given: readonly unknown[],
  options: Record<string, unknown>,
  showOf: (model: nn.Module, result: unknown) => unknown,
  prepare: (model: nn.Module) => unknown = () => undefined,
): Call {
  const run: AnyFunction = (...values) => {
    mx.random.seed(2);
    const model = new nn.Sequential(new nn.Linear(64, 64), new nn.ReLU());
    prepare(model);
    const members = model as unknown as Record<string, AnyFunction>;
    try {
      return showOf(model, members[name]!(...values));
    } catch (error) {
      if (error instanceof RangeError) return error.message;
      throw error;
    }
  };
  return { run, given, options };
}

/** What is left of a model's layers when it was quantised. */
function quantized(...values: unknown[]): unknown {
  mx.random.seed(2);
  const model = new nn.Sequential(new nn.Linear(64, 64, false));
  (nn.quantize as AnyFunction)(model, ...values);
  return [String(model), ...mx.treeFlatten(model)];
}

const pathsOf = (tree: object): string[] =>
  (mx.treeFlatten(tree) as [string, unknown][]).map(([path]) => path);
const trainable = (model: nn.Module): string[] => pathsOf(model.trainableParameters());
const isArray = (_module: unknown, _key: string, value: unknown): boolean =>
  value instanceof mx.array;
const never = (): boolean => false;
const doubled = (a: mx.array): mx.array => a.multiply(2);

const table: Readonly<Record<string, Call>> = {
  'Module.freeze': method('freeze', [], { recurse: false, keys: 'bias', strict: false }, trainable),
  'Module.unfreeze': method(
    'unfreeze',
    [],
    { recurse: false, keys: 'bias', strict: false },
    trainable,
    (model) => model.freeze(),
  ),
  'Module.update': method('update', [{ nothing: x }], { strict: false }, () => 'updated'),
  'Module.updateModules': method(
    'updateModules',
    [{ nothing: new nn.ReLU() }],
    { strict: false },
    () => 'updated',
  ),
  'Module.loadWeights': method(
    'loadWeights',
    [[['nothing', x]]],
    { strict: false },
    () => 'loaded',
  ),
  quantize: {
    run: quantized,
    given: [],
    options: {
      groupSize: 32,
      bits: 8,
      mode: 'mxfp8',
      quantizeInput: true,
      classPredicate: () => true,
    },
  },
  'Module.train': method('train', [], { mode: false }, (model) => model.training),
  'Module.apply': method('apply', [doubled], { filterFn: never }, (model) =>
    mx.treeFlatten(model.parameters()),
  ),
  'Module.filterAndMap': method(
    'filterAndMap',
    [() => true],
    { mapFn: () => 1, isLeafFn: isArray },
    (_, result) => JSON.stringify(result),
  ),
  'Module.setDtype': method('setDtype', [mx.float16], { predicate: never }, (model) =>
    (mx.treeFlatten(model.parameters()) as [string, mx.array][]).map(([, a]) => a.dtype.name),
  ),

  'init.constant': initialised('constant', [3], half),
  'init.normal': initialised('normal', [], { mean: 1, std: 2, ...half }),
  'init.uniform': initialised('uniform', [], { low: 1, high: 2, ...half }),
  'init.identity': initialised('identity', [], half),
  'init.glorotNormal': initialised('glorotNormal', [], half),
  'init.glorotUniform': initialised('glorotUniform', [], half),
  'init.heNormal': initialised('heNormal', [], half),
  'init.heUniform': initialised('heUniform', [], half),
  'init.sparse': initialised('sparse', [0.5], { mean: 1, std: 2, ...half }),
  'init.orthogonal': initialised('orthogonal', [], { gain: 2, ...half }),
  RoPE: forward(new nn.RoPE(8), [x], { offset: 2 }),
  ALiBi: forward(new nn.ALiBi(), [mx.zeros([1, 2, 3, 3])], { offset: 1, mask }),
  RNN: forward(new nn.RNN(8, 8), [x], { hidden: state }),
  GRU: forward(new nn.GRU(8, 8), [x], { hidden: state }),
  LSTM: forward(new nn.LSTM(8, 8), [x], { hidden: state, cell: state }),
  MultiHeadAttention: forward(new nn.MultiHeadAttention(8, 2), [x, memory, memory], { mask }),
  TransformerEncoder: forward(new nn.TransformerEncoder(1, 8, 2), [x], { mask: causal }),
  TransformerDecoder: forward(new nn.TransformerDecoder(1, 8, 2), [x, memory], {
    xMask: causal,
    memoryMask: mask,
  }),
  Transformer: forward(new nn.Transformer(8, 2, 1, 1), [memory, x], {
    srcMask: mask,
    tgtMask: causal,
    memoryMask: mask,
  }),
};

function show(value: unknown): unknown {
  if (value instanceof mx.array) return [String(value.dtype), value.tolist()];
  return Array.isArray(value) ? value.map(show) : value;
}

describe.each(Object.entries(table))('%s', (name, { run, given, options }) => {
  const values = Object.values(options);
  const rest = (from: number) => Object.fromEntries(Object.entries(options).slice(from));

  test('options from any place on are the values in their places', () => {
    const expected = show(run(...given, ...values));
    expect(expected).not.toEqual(show(run(...given)));
    for (let from = 0; from < values.length; from++)
      expect(show(run(...given, ...values.slice(0, from), rest(from)))).toEqual(expected);
  });

  test('unknown options and too many values are refused', () => {
    const names = Object.keys(options).join(', ');
    expect(() => run(...given, { nothing: 1 })).toThrow(
      new RegExp(`^\\[${name}\\] Unknown option nothing; the options are .*${names}\\.$`),
    );
    expect(() => run(...given, ...values, 0)).toThrow(
      new RegExp(`^\\[${name}\\] Too many arguments; it takes .*${names}\\.$`),
    );
  });
});

describe('methods of modules', () => {
  const model = new nn.Sequential(new nn.Linear(2, 2)) as unknown as Record<string, AnyFunction>;
  const wrong = Symbol('wrong');

  test.each(
    'parameters trainableParameters children leafModules modules namedModules eval'.split(' '),
  )('%s takes nothing', (name) => {
    expect(() => model[name]!(1)).toThrow(
      new TypeError(`[Module.${name}] Too many arguments; it takes none.`),
    );
    expect(() => model[name]!(undefined)).not.toThrow();
  });

  test.each([
    ['saveWeights', 'file', 'a string'],
    ['applyToModules', 'applyFn', 'a function'],
  ])('%s takes its argument alone', (name, parameter, text) => {
    const value = name === 'saveWeights' ? 'never.npz' : () => undefined;
    expect(() => model[name]!(value, 1)).toThrow(
      new TypeError(`[Module.${name}] Too many arguments; it takes ${parameter}.`),
    );
    expect(() => model[name]!(value, { nothing: 1 })).toThrow(
      `[Module.${name}] Unknown option nothing; the options are ${parameter}.`,
    );
    expect(() => model[name]!()).toThrow(
      new TypeError(`[Module.${name}] The argument ${parameter} is required: ${text}.`),
    );
  });

  test.each<[string, Record<string, unknown>]>([
    ['update', { parameters: {}, strict: true }],
    ['updateModules', { modules: {}, strict: true }],
    ['loadWeights', { fileOrWeights: [], strict: true }],
    ['saveWeights', { file: 'never.npz' }],
    ['freeze', { recurse: true, keys: 'bias', strict: false }],
    ['unfreeze', { recurse: true, keys: 'bias', strict: false }],
    ['train', { mode: true }],
    ['apply', { mapFn: doubled, filterFn: never }],
    ['applyToModules', { applyFn: never }],
    ['filterAndMap', { filterFn: never, mapFn: doubled, isLeafFn: never }],
    ['setDtype', { dtype: mx.float16, predicate: never }],
  ])('%s names the argument that is of a wrong kind', (name, parameters) => {
    const names = Object.keys(parameters);
    for (const parameter of names) {
      const message = new RegExp(`^\\[Module\\.${name}\\] ${parameter} must be `);
      expect(() => model[name]!({ ...parameters, [parameter]: wrong })).toThrow(message);
      const places = names.map((one) => (one === parameter ? wrong : parameters[one]));
      expect(() => model[name]!(...places)).toThrow(message);
    }
  });
});

test.each(
  (
    'relu relu2 relu6 sigmoid tanh selu softplus softsign hardswish silu logSigmoid mish gelu ' +
    'geluApprox geluFastApprox'
  ).split(' '),
)('%s takes an array or what stands for one, and nothing else', (name) => {
  const activation = (nn as unknown as Record<string, AnyFunction>)[name]!;
  const expected = show(activation(mx.array([-1, 2])));
  for (const same of [[-1, 2], { x: [-1, 2] }, new Float32Array([-1, 2])])
    expect(show(activation(same))).toEqual(expected);
  expect(() => activation([1], 2)).toThrow(`[${name}] Too many arguments; it takes x.`);
  expect(() => activation([1], { axis: 1 })).toThrow(`[${name}] Unknown option axis`);
});
