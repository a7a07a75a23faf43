export { OptionError, oneOf, positiveNumber, runMain, wholeNumber } from './options';
export { ProgressReport, type Progress } from './progress';
