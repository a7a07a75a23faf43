import * as mx from '@mlx/core';
import { argumentsOf, checkResult, type Core } from '../../../fixtures/check';
import { loadFixtures } from '../../../fixtures/load';
import * as nn from './index';

const fixtures = loadFixtures('nn');
const core = mx as unknown as Core;
type Settings = Record<string, number & number[]>;

/** Each layer or function as a map from arrays to an array. */
const functions: Record<string, (inputs: mx.array[], settings: Settings) => mx.array> = {
  linear: ([x, weight, bias]) => {
    const layer = new nn.Linear(weight!.shape[1]!, weight!.shape[0]!);
    return layer.update({ weight: weight!, bias: bias! })(x!);
  },
  conv2d: ([x, weight, bias], { stride, padding }) => {
    const [out, height, width, channels] = weight!.shape as [number, number, number, number];
    const layer = new nn.Conv2d(channels, out, [height, width], stride, padding);
    return layer.update({ weight: weight!, bias: bias! })(x!);
  },
  maxPool2d: ([x], { kernelSize, stride, padding }) =>
    new nn.MaxPool2d(kernelSize!, stride, padding)(x!),
  avgPool2d: ([x], { kernelSize, stride, padding }) =>
    new nn.AvgPool2d(kernelSize!, stride, padding)(x!),
  relu: ([x]) => nn.relu(x!),
  sigmoid: ([x]) => nn.sigmoid(x!),
  tanh: ([x]) => nn.tanh(x!),
  softmax: ([x]) => nn.softmax(x!),
  logSoftmax: ([x]) => nn.logSoftmax(x!),
  crossEntropy: ([x], { classes, labelSmoothing }) =>
    nn.losses.crossEntropy(x!, mx.array(classes!, mx.int32), null, -1, labelSmoothing),
};

test.each(fixtures.cases.map((test, i) => [`${test.function} ${i}`, test] as const))(
  '%s agrees with PyTorch',
  (_name, test) => {
    const [name, gradient] = test.function.split('/grad') as [string, string?];
    const inputs = argumentsOf(core, fixtures, test.args) as mx.array[];
    const settings = (test.options ?? {}) as Settings;
    const compute = (...args: mx.array[]) => functions[name]!(args, settings);
    if (gradient === undefined) {
      checkResult(core, fixtures, test, compute(...inputs));
      return;
    }
    const weights = inputs.pop()!;
    const loss = (...args: mx.array[]) => mx.sum(mx.multiply(compute(...args), weights));
    const result = mx.grad(loss, Number(gradient))(...inputs) as mx.array;
    checkResult(core, fixtures, test, result);
  },
);
