import * as mx from '@mlx/core';
import { withParameters, type Compute } from './fixtures.test-support';
import * as nn from './index';

const [inputs, hidden] = [3, 4];

function rnn(nonlinearity?: (x: mx.array) => mx.array) {
  return ([x, Wxh, Whh, ...rest]: mx.array[], { biases }: { biases?: number }): mx.array => {
    const layer = new nn.RNN(inputs, hidden, biases !== 0, nonlinearity);
    const [bias, state] = biases === 0 ? [undefined, rest[0]] : rest;
    return withParameters(layer, { Wxh, Whh, bias })(x!, state);
  };
}

/** Layers of three inputs and four hidden features as maps from their inputs and parameters. */
export const recurrent: Record<string, Compute> = {
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
};
