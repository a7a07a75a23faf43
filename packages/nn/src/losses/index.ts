export * from './classification';
export * from './ranking';
export type { Reduction, ReductionOptions } from './reduction';
export * from './regression';
