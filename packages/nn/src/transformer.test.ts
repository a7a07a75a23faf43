import * as mx from '@mlx/core';
import { testFixtures } from './fixtures.test-support';
import * as nn from './index';
import { transformers } from './transformer.test-support';

const [dims, heads, hidden] = [8, 2, 12];

testFixtures('nn_transformers', transformers);

test('attention of heads with other sizes of keys, values and output', () => {
  mx.random.seed(7);
  const layer = new nn.MultiHeadAttention(8, 2, 3, 5, 6, 4, 7, true);
  const [queries, keys, values] = [3, 5, 6].map((size) => mx.random.normal([2, 4, size])) as [
    mx.array,
    mx.array,
    mx.array,
  ];
  const y = layer(queries, keys, values);
  expect(y.shape).toEqual([2, 4, 7]);
  // The same, head by head.
  const project = (linear: nn.Linear, x: mx.array) => mx.split(linear(x), 2, -1);
  const [q, k, v] = [
    project(layer.queryProj, queries),
    project(layer.keyProj, keys),
    project(layer.valueProj, values),
  ] as const;
  const attended = q.map((own, i) => {
    const scores = mx.multiply(mx.matmul(own, mx.swapaxes(k[i]!, 1, 2)), 1 / 2);
    return mx.matmul(mx.softmax(scores, -1), v[i]!);
  });
  const expected = layer.outProj(mx.concatenate(attended, -1));
  expect(mx.allclose(y, expected, 1e-5, 1e-5).item()).toBeTruthy();
});

test('a causal mask hides what comes later, as an array and by its name', () => {
  mx.random.seed(8);
  const additive = nn.MultiHeadAttention.createAdditiveCausalMask(4);
  const lowest = mx.finfo(mx.float32).min;
  expect(additive.tolist()).toEqual(
    [0, 1, 2, 3].map((row) => [0, 1, 2, 3].map((column) => (column > row ? lowest : 0))),
  );
  const half = nn.MultiHeadAttention.createAdditiveCausalMask(2, mx.float16);
  expect(half.dtype).toBe(mx.float16);
  expect(half.tolist()).toEqual([
    [0, -65504],
    [0, 0],
  ]);
  const layer = new nn.TransformerEncoderLayer(dims, heads);
  const x = mx.random.normal([2, 4, dims]);
  const [named, masked] = [layer(x, 'causal'), layer(x, additive)];
  expect(mx.allclose(named, masked, 1e-5, 1e-5).item()).toBeTruthy();
  // The first position's output is that of a sequence which ends there.
  const first = (a: mx.array) => a.index(mx.Slice(), mx.Slice(0, 1));
  expect(mx.allclose(first(named), layer(first(x)), 1e-5, 1e-5).item()).toBeTruthy();
});

test('checkpointed layers give the same values and gradients', () => {
  mx.random.seed(9);
  const models = [false, true].map(
    (checkpoint) =>
      new nn.Transformer(dims, heads, 2, 1, hidden, 0, nn.relu, null, null, true, checkpoint),
  ) as [nn.Transformer, nn.Transformer];
  models[1].update(models[0].parameters());
  const [source, target] = [mx.random.normal([2, 5, dims]), mx.random.normal([2, 4, dims])];
  const [[loss, gradients], [loss2, gradients2]] = models.map((model) =>
    nn.valueAndGrad(model, () => mx.sum(mx.square(model(source, target))))(),
  ) as [[mx.array, object], [mx.array, object]];
  expect(loss2.item()).toBe(loss.item());
  const [flat, flat2] = [gradients, gradients2].map((tree) => mx.treeFlatten(tree)) as [
    [string, mx.array][],
    [string, mx.array][],
  ];
  expect(flat.length).toBeGreaterThan(40);
  flat.forEach(([path, gradient], i) => {
    expect(flat2[i]![0]).toBe(path);
    expect(flat2[i]![1].tolist()).toEqual(gradient.tolist());
  });
});

test('a transformer takes other modules for its halves', () => {
  class Doubled extends nn.Module {
    forward(x: mx.array): mx.array {
      return mx.multiply(x, 2);
    }
  }
  class Joined extends nn.Module {
    forward(x: mx.array, memory: mx.array): mx.array {
      return mx.add(x, memory);
    }
  }
  const custom = [new Doubled(), new Joined()] as const;
  const model = new nn.Transformer(dims, heads, 1, 1, null, 0, nn.relu, ...custom);
  expect(model(mx.ones([1, 1, 2]), mx.ones([1, 1, 2])).tolist()).toEqual([[[3, 3]]]);
});

test('dropout acts while training only', () => {
  mx.random.seed(10);
  const layer = new nn.TransformerEncoderLayer(dims, heads, hidden, 0.5);
  const x = mx.random.normal([1, 3, dims]);
  expect(mx.arrayEqual(layer(x), layer(x)).item()).toBeFalsy();
  layer.eval();
  expect(mx.arrayEqual(layer(x), layer(x)).item()).toBeTruthy();
});

test('settings that do not fit are errors that name them', () => {
  expect(() => new nn.MultiHeadAttention(8, 3)).toThrow('numHeads = 3 must divide dims = 8');
  expect(() => new nn.SinusoidalPositionalEncoding(7)).toThrow(RangeError);
});

test('linear biases of attention keep the dtype, and a mask is added', () => {
  const scores = mx.zeros([1, 2, 2, 3], mx.float16);
  const y = new nn.ALiBi()(scores, 1, mx.full([2, 3], -1, mx.float16));
  expect(y.dtype).toBe(mx.float16);
  // Slopes 2^-4 and 2^-8, at queries 1 and 2.
  expect(y.tolist()).toEqual([
    [2 ** -4, 2 ** -8].map((slope) => [
      [-1 - slope, -1, -1 - slope],
      [-1 - 2 * slope, -1 - slope, -1],
    ]),
  ]);
});
