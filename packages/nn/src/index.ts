export {
  LogSoftmax,
  ReLU,
  Sigmoid,
  Softmax,
  Tanh,
  logSoftmax,
  relu,
  sigmoid,
  softmax,
  tanh,
} from './activations';
export { Sequential, type Layer } from './containers';
export { Conv2d } from './convolution';
export { Dropout } from './dropout';
export { Identity, Linear } from './linear';
export { crossEntropy, mseLoss, type Reduction } from './losses';
export { Module, type FreezeOptions, type ModuleFilter, type ParameterTree } from './module';
export { AvgPool2d, MaxPool2d } from './pooling';
export type { Pair } from './tuples';
export { valueAndGrad } from './value-and-grad';

export * as init from './init';
export * as losses from './losses';
