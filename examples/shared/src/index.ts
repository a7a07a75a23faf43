export { OptionError, oneOf, positiveNumber, readOptions, usage, wholeNumber } from './options.cjs';
export type { ValuesOf } from './options.cjs';
export { ProgressReport, type Progress } from './progress';
export { runMain } from './run-main';
export { RunningMean } from './running-mean';
