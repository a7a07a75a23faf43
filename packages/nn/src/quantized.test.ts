import * as mx from '@mlx/core';
import * as nn from './index';

beforeEach(() => mx.random.seed(30));

const close = (a: mx.array, b: mx.array) => mx.allclose(a, b, 1e-4, 1e-4).item();
const paths = (tree: object) =>
  (mx.treeFlatten(tree) as [string, unknown][]).map(([path]) => path).sort();

test.each<[mx.QuantizationMode, number, number]>([
  ['affine', 32, 2],
  ['affine', 64, 3],
  ['affine', 64, 4],
  ['affine', 32, 5],
  ['affine', 32, 6],
  ['affine', 128, 8],
  ['mxfp4', 32, 4],
  ['mxfp8', 32, 8],
  ['nvfp4', 16, 4],
])('a linear layer in mode %s, groups of %d, %d bits', (mode, groupSize, bits) => {
  const linear = new nn.Linear(128, 6);
  const layer = nn.QuantizedLinear.fromLinear(linear, groupSize, bits, mode);
  const x = mx.random.normal([3, 128]);
  const weight = mx.dequantize(
    layer.weight,
    layer.scales,
    layer.biases ?? null,
    groupSize,
    bits,
    mode,
    null,
    mx.float32,
  );
  expect(close(layer(x), mx.add(mx.matmul(x, mx.transpose(weight)), linear.bias!))).toBeTruthy();
  expect(layer.biases !== undefined).toBe(mode === 'affine');
  expect(String(layer)).toBe(
    'QuantizedLinear(inputDims=128, outputDims=6, bias=true, ' +
      `groupSize=${groupSize}, bits=${bits}, mode='${mode}')`,
  );
});

test('eight bits are within half a step of the weights', () => {
  const linear = new nn.Linear(64, 4, false);
  const layer = nn.QuantizedLinear.fromLinear(linear, 64, 8);
  // The product with the identity is the weights themselves.
  const weight = mx.transpose(layer(mx.eye(64)));
  const range = mx.subtract(mx.max(linear.weight, 1), mx.min(linear.weight, 1));
  // The scale moves a little so that zero is kept: a step in all, at most.
  const step = mx.expandDims(mx.divide(range, 255), 1);
  const error = mx.abs(mx.subtract(weight, linear.weight));
  expect(mx.all(mx.lessEqual(error, mx.multiply(step, 1.01))).item()).toBeTruthy();
});

test('the settings that are left out are those of the mode', () => {
  const describe = (mode: mx.QuantizationMode) =>
    String(new nn.QuantizedLinear(64, 2, true, null, null, mode));
  expect(describe('affine')).toContain('groupSize=64, bits=4');
  expect(describe('mxfp4')).toContain('groupSize=32, bits=4');
  expect(describe('mxfp8')).toContain('groupSize=32, bits=8');
  expect(describe('nvfp4')).toContain('groupSize=16, bits=4');
  expect(() => describe('int4' as 'affine')).toThrow("but got 'int4'");
});

test('quantised layers begin frozen; what is no integer may be thawed', () => {
  const model = new nn.Sequential(new nn.QuantizedLinear(64, 64), new nn.Linear(64, 2));
  expect(paths(model.trainableParameters())).toEqual(['layers.1.bias', 'layers.1.weight']);
  const layer = model.layers[0] as nn.QuantizedLinear;
  layer.unfreeze({ recurse: false, keys: ['scales', 'weight'] });
  expect(paths(layer.trainableParameters())).toEqual(['scales']);
  model.unfreeze();
  expect(paths(layer.trainableParameters())).toEqual(['bias', 'biases', 'scales']);
  const [, gradients] = nn.valueAndGrad(layer, () => mx.sum(layer(mx.ones([1, 64]))))();
  expect(Object.keys(gradients).sort()).toEqual(['bias', 'biases', 'scales']);
  // Scales of other modes are integers too.
  const codes = new nn.QuantizedLinear(64, 8, { mode: 'mxfp4' }).unfreeze();
  expect(paths(codes.trainableParameters())).toEqual(['bias']);
});

test('gradients reach what stands before a quantised layer', () => {
  const model = new nn.Sequential(new nn.Linear(3, 64), new nn.QuantizedLinear(64, 2, false));
  const x = mx.random.normal([5, 3]);
  const [, gradients] = nn.valueAndGrad(model, () => mx.sum(model(x)))();
  // Each hidden feature's gradient is the sum of its weights, over five rows.
  const weights = mx.sum((model.layers[1] as nn.QuantizedLinear)(mx.eye(64)), 1);
  const [bias] = (mx.treeFlatten(gradients) as [string, mx.array][])
    .filter(([path]) => path === 'layers.0.bias')
    .map(([, gradient]) => gradient);
  expect(close(bias!, mx.multiply(weights, 5))).toBeTruthy();
});

test('an embedding looks up, and multiplies by, the same quantised table', () => {
  const table = nn.QuantizedEmbedding.fromEmbedding(new nn.Embedding(10, 64), 32, 4);
  const all = table(mx.arange(0, 10, 1, mx.int32));
  expect(all.shape).toEqual([10, 64]);
  const indices = mx.array(
    [
      [3, 3],
      [9, 0],
    ],
    mx.int32,
  );
  expect(table(indices).tolist()).toEqual(mx.take(all, indices, 0).tolist());
  const x = mx.random.normal([2, 64]);
  expect(close(table.asLinear(x), mx.matmul(x, mx.transpose(all)))).toBeTruthy();
  expect(String(table)).toBe("QuantizedEmbedding(10, 64, groupSize=32, bits=4, mode='affine')");
  expect(() => new nn.Embedding(4, 64).toQuantized(null, null, 'affine', true)).toThrow(TypeError);
});

describe('quantize', () => {
  const make = () =>
    new nn.Sequential(new nn.Embedding(10, 64), new nn.Linear(64, 64), new nn.Linear(64, 32));

  test('replaces all layers that can be quantised', () => {
    const model = make();
    nn.quantize(model, 32, 8);
    expect(model.layers[0]).toBeInstanceOf(nn.QuantizedEmbedding);
    expect(String(model.layers[2])).toContain('groupSize=32, bits=8');
    expect(paths(model.trainableParameters())).toEqual([]);
  });

  test('a predicate decides about each, by its path and with settings of its own', () => {
    const model = make();
    const seen: string[] = [];
    nn.quantize(model, 64, 4, (path, module) => {
      seen.push(path);
      if (module instanceof nn.Embedding) return false;
      return path === 'layers.1' ? { bits: 8, groupSize: 32 } : true;
    });
    expect(seen).toEqual(['layers.0', 'layers.1', 'layers.2']);
    expect(model.layers[0]).toBeInstanceOf(nn.Embedding);
    expect(String(model.layers[1])).toContain('groupSize=32, bits=8');
    expect(String(model.layers[2])).toContain('groupSize=64, bits=4');
    const same = make();
    nn.quantize(same, null, null, { mode: 'mxfp4', classPredicate: (path) => path !== 'layers.0' });
    expect(same.layers[0]).toBeInstanceOf(nn.Embedding);
    expect(String(same.layers[1])).toContain("mode='mxfp4'");
  });

  test('settings may stand in their order, in an object, or as a predicate alone', () => {
    const second = (...settings: unknown[]) => {
      const model = make();
      (nn.quantize as (...args: unknown[]) => void)(model, ...settings);
      return String(model.layers[1]);
    };
    const only = (path: string) => path === 'layers.1';
    expect(second(null, null, 'mxfp8')).toContain("groupSize=32, bits=8, mode='mxfp8'");
    expect(second({ bits: 3, groupSize: 32 })).toContain('groupSize=32, bits=3');
    expect(second(only)).toContain("groupSize=64, bits=4, mode='affine'");
    expect(second(32, 8, 'affine', false, only)).toContain('groupSize=32, bits=8');
    expect(() => second({ groups: 3 })).toThrow(
      'Unknown option groups; the options are model, groupSize',
    );
  });

  test('a layer that can not be quantised as asked leaves the model as it was', () => {
    const model = new nn.Sequential(new nn.Linear(64, 64), new nn.Linear(40, 64));
    const text = String(model);
    expect(() => nn.quantize(model)).toThrow(mx.ShapeError);
    expect(String(model)).toBe(text);
    expect(() => nn.quantize(model, { mode: 'nvfp4', quantizeInput: true })).toThrow('bias');
    expect(String(model)).toBe(text);
  });

  test('an own layer takes part by its toQuantized', () => {
    class Scaled extends nn.Module {
      weight = mx.ones([64, 64]);
      toQuantized(): nn.Module {
        return nn.QuantizedLinear.fromLinear(new nn.Linear(64, 64));
      }
      forward(x: mx.array): mx.array {
        return mx.matmul(x, this.weight);
      }
    }
    const model = new nn.Sequential(new Scaled());
    nn.quantize(model);
    expect(model.layers[0]).toBeInstanceOf(nn.QuantizedLinear);
  });

  test('a layer that stands in two places stays one', () => {
    const layer = new nn.Linear(64, 64);
    const model = new nn.Sequential(layer, nn.relu, layer);
    nn.quantize(model);
    expect(model.layers[0]).toBeInstanceOf(nn.QuantizedLinear);
    expect(model.layers[2]).toBe(model.layers[0]);
    expect(model.layers[1]).toBe(nn.relu);
  });

  test('weights of a quantised model are loaded into another', () => {
    const [model, other] = [make(), make()];
    nn.quantize(model);
    nn.quantize(other);
    other.loadWeights(mx.treeFlatten(model.parameters()) as [string, mx.array][]);
    const x = mx.array([1, 2], mx.int32);
    expect(other(x).tolist()).toEqual(model(x).tolist());
  });
});

describe('QQLinear', () => {
  test('quantises its weights to evaluate and unpacks them to train', () => {
    const layer = new nn.QQLinear(64, 8);
    expect(paths(layer.parameters())).toEqual(['weight']);
    layer.eval();
    expect(paths(layer.parameters())).toEqual(['scales', 'weight']);
    expect(layer.weight.dtype).toBe(mx.uint32);
    layer.train();
    expect(layer.weight.shape).toEqual([8, 64]);
    expect(layer.weight.dtype).toBe(mx.float32);
    expect(layer.scales).toBeUndefined();
    // What was rounded once rounds to itself.
    const rounded = layer.weight;
    expect(mx.arrayEqual(layer.eval().train().weight, rounded).item()).toBe(true);
  });

  test('keeps packed weights frozen, and afterwards what was frozen before', () => {
    const layer = new nn.QQLinear(64, 8);
    expect(paths(layer.eval().trainableParameters())).toEqual([]);
    expect(paths(layer.train().trainableParameters())).toEqual(['weight']);
    layer.freeze().eval().train();
    expect(paths(layer.trainableParameters())).toEqual([]);
    expect(paths(layer.eval().unfreeze().trainableParameters())).toEqual([]);
    expect(paths(layer.train().trainableParameters())).toEqual(['weight']);
  });

  test('is reached by the mode of the model around it', () => {
    const model = new nn.Sequential(new nn.QQLinear(64, 8)).eval();
    expect(paths(model.parameters())).toEqual(['layers.0.scales', 'layers.0.weight']);
    expect(paths(model.train().parameters())).toEqual(['layers.0.weight']);
  });

  test.each<mx.QuantizationMode>(['nvfp4', 'mxfp8'])('%s gives the same in both modes', (mode) => {
    const layer = new nn.QQLinear(64, 8, null, null, mode);
    const x = mx.random.normal([3, 64]);
    const trained = layer(x);
    expect(close(layer.eval()(x), trained)).toBeTruthy();
  });

  test('has gradients for its weights while it trains', () => {
    const layer = new nn.QQLinear(64, 8);
    const x = mx.random.normal([3, 64]);
    const [, gradients] = nn.valueAndGrad(layer, () => mx.sum(layer(x)))();
    expect((gradients.weight as mx.array).shape).toEqual([8, 64]);
    expect(mx.any(mx.notEqual(gradients.weight as mx.array, 0)).item()).toBeTruthy();
  });

  test('names its sizes and its format, packed or not', () => {
    const text = "QQLinear(inputDims=64, outputDims=8, groupSize=32, bits=8, mode='mxfp8')";
    const layer = new nn.QQLinear(64, 8, null, null, 'mxfp8');
    expect(String(layer)).toBe(text);
    expect(String(layer.eval())).toBe(text);
  });

  test('comes from linear layers without bias, also by quantize', () => {
    expect(() => nn.QQLinear.fromLinear(new nn.Linear(64, 8))).toThrow(TypeError);
    expect(() => new nn.Linear(64, 8, false).toQuantized(null, null, 'affine', true)).toThrow(
      "'nvfp4' and 'mxfp8', received 'affine'",
    );
    const model = new nn.Sequential(new nn.Linear(64, 8, false));
    nn.quantize(model, null, null, { mode: 'nvfp4', quantizeInput: true });
    expect(model.layers[0]).toBeInstanceOf(nn.QQLinear);
  });
});
