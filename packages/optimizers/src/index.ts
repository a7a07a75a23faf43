export { AdaDelta } from './adadelta';
export { Adafactor } from './adafactor';
export { Adagrad } from './adagrad';
export { Adam } from './adam';
export { Adamax } from './adamax';
export { AdamW } from './adamw';
export { clipGradNorm } from './clip-grad-norm';
export { Lion } from './lion';
export { MultiOptimizer, type ParameterFilter } from './multi-optimizer';
export { Muon } from './muon';
export {
  Optimizer,
  type ArrayTree,
  type ParameterState,
  type Schedule,
  type Updatable,
} from './optimizer';
export { RMSprop } from './rmsprop';
export {
  cosineDecay,
  exponentialDecay,
  joinSchedules,
  linearSchedule,
  stepDecay,
  type StepSchedule,
} from './schedulers';
export { SGD } from './sgd';
