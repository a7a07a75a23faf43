export * from './exponential-units';
export * from './gated';
export * from './rectifiers';
export * from './saturating';
export * from './shrinkage';
export * from './softmax';
