import * as mx from '@mlx/core';
import { testFixtures, withParameters } from './fixtures.test-support';
import * as nn from './index';

const [inputs, hidden] = [3, 4];

function rnn(nonlinearity?: (x: mx.array) => mx.array) {
  return ([x, Wxh, Whh, ...rest]: mx.array[], { biases }: { biases?: number }): mx.array => {
    const layer = new nn.RNN(inputs, hidden, biases !== 0, nonlinearity);
    const [bias, state] = biases === 0 ? [undefined, rest[0]] : rest;
    return withParameters(layer, { Wxh, Whh, bias })(x!, state);
  };
}

testFixtures('nn_recurrent', {
  rnn: rnn(),
  rnnOfRelu: rnn(nn.relu),
  gru: ([x, Wx, Wh, ...rest], { biases }) => {
    const layer = new nn.GRU(inputs, hidden, biases !== 0);
    const [b, bhn, state] = biases === 0 ? [undefined, undefined, rest[0]] : rest;
    return withParameters(layer, { Wx, Wh, b, bhn })(x!, state);
  },
  lstm: ([x, Wx, Wh, ...rest], { biases }) => {
    const layer = new nn.LSTM(inputs, hidden, biases !== 0);
    const [bias, state, cell] = biases === 0 ? [undefined, ...rest] : rest;
    return mx.concatenate(withParameters(layer, { Wx, Wh, bias })(x!, state, cell), -1);
  },
});

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
  expect(
    mx.allclose(mx.concatenate([begun, ended], 1), lstm(x)[0], 0, 1e-6).item(),
  ).toBeTruthy();
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
