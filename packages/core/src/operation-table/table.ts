import { draws } from './draws';
import { elementwise } from './elementwise';
import { fourier } from './fourier';
import { fusedLayers } from './fused-layers';
import { indexing } from './indexing';
import { linear } from './linalg';
import type { Operation } from './operation';
import { products } from './products';
import { quantized } from './quantized';
import { rearrangements } from './rearrangements';
import { reductions } from './reductions';

/** One row for each operation of @mlx/core. */
export const operations: readonly Operation[] = [
  ...elementwise,
  ...reductions,
  ...rearrangements,
  ...indexing,
  ...products,
  ...linear,
  ...fourier,
  ...fusedLayers,
  ...quantized,
  ...draws,
];
