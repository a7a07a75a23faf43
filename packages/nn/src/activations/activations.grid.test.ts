import type * as mx from '@mlx/core';
import { testGrid, type GridFunction } from '../grid.test-support';
import * as nn from '../index';

const names = [
  'relu',
  'relu2',
  'relu6',
  'leakyRelu',
  'elu',
  'celu',
  'selu',
  'softplus',
  'logSigmoid',
  'softsign',
  'softshrink',
  'hardShrink',
  'hardTanh',
  'hardswish',
  'sigmoid',
  'tanh',
  'silu',
  'mish',
  'gelu',
  'geluApprox',
  'geluFastApprox',
  'step',
  'softmax',
  'logSoftmax',
  'softmin',
  'glu',
  'prelu',
] as const;

type Activation = (...args: unknown[]) => mx.array;

testGrid(
  'nn_activation_grid',
  Object.fromEntries(
    names.map((name): [string, GridFunction] => [
      name,
      (inputs, { arguments: settings }) =>
        (nn[name] as unknown as Activation)(...inputs, ...(settings as unknown[])),
    ]),
  ),
);
