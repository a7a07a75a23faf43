export { AdaDelta } from './adadelta';
export { Adafactor } from './adafactor';
export { Adagrad } from './adagrad';
export { Adam } from './adam';
export { Adamax } from './adamax';
export { AdamW } from './adamw';
export { clipGradNorm } from './clip-grad-norm';
export { Lion } from './lion';
export { MultiOptimizer, type ParameterFilter } from './multi-optimizer';
export { MixedPrecision, type MixedPrecisionOptions, type Trainable } from './mixed-precision';
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
export {
  batches,
  type Batch,
  type Batches,
  type BatchesOptions,
  type Dataset,
  type DatasetOptions,
} from './training/batches';
export {
  loadCheckpoint,
  saveCheckpoint,
  type CheckpointPart,
  type LoadCheckpointOptions,
  type SavedTraining,
} from './training/checkpoint';
export { EarlyStopping, type EarlyStoppingOptions } from './training/early-stopping';
export { EMA, type EMAOptions } from './training/ema';
export { GradientAccumulation } from './training/gradient-accumulation';
export {
  ProgressLine,
  type ProgressLineOptions,
  type ProgressOutput,
  type StepReport,
} from './training/progress-line';
export { RunningMean } from './training/running-mean';
