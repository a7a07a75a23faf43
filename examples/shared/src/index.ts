export { OptionError, oneOf, positiveNumber, readOptions, usage, wholeNumber } from './options.cjs';
export type { ValuesOf } from './options.cjs';
export { runMain } from './run-main';
