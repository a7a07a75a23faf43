import * as mx from '@mlx/core';
import { testFixtures } from './fixtures.test-support';
import * as nn from './index';
import { recurrent } from './recurrent.test-support';

const [inputs, hidden] = [3, 4];

testFixtures('nn_recurrent', recurrent);

test('a sequence in two parts, the state carried over, equals the whole', () => {
  mx.random.seed(5);
  const x = mx.random.normal([2, 6, inputs]);
  const [first, second] = mx.split(x, 2, 1) as [mx.array, mx.array];
  const last = (states: mx.array) => states.index(mx.Slice(), -1);

  for (const layer of [new nn.RNN(inputs, hidden), new nn.GRU(inputs, hidden)]) {
    const begun = layer(first);
    const parts = mx.concatenate([begun, layer(second, last(begun))], 1);
    expect(mx.allclose(parts, layer(x), 0, 1e-6).item()).toBeTruthy();
  }
  const lstm = new nn.LSTM(inputs, hidden);
  const [begun, cells] = lstm(first);
  const [ended] = lstm(second, last(begun), last(cells));
  expect(mx.allclose(mx.concatenate([begun, ended], 1), lstm(x)[0], 0, 1e-6).item()).toBeTruthy();
});

test('weights begin within 1 / sqrt(hiddenSize)', () => {
  mx.random.seed(6);
  for (const layer of [new nn.RNN(9, 64), new nn.GRU(9, 64), new nn.LSTM(9, 64)])
    for (const [, a] of mx.treeFlatten(layer.parameters()) as [string, mx.array][]) {
      const largest = mx.max(mx.abs(a)).item();
      expect(largest).toBeLessThanOrEqual(1 / 8);
      expect(largest).toBeGreaterThan(1 / 9);
    }
});

test('a nonlinearity that is no function is an error', () => {
  expect(() => new nn.RNN(1, 1, true, 'tanh' as never)).toThrow(TypeError);
});
