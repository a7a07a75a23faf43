export * from './decompositions';
export * from './determinants';
export * from './eigenvalues';
export * from './inverses';
export * from './norms';
export * from './systems';
