import { testGrid } from './grid.test-support';
import { layers } from './layers.test-support';
import { normalizations } from './normalization.test-support';
import { recurrent } from './recurrent.test-support';
import { transformers } from './transformer.test-support';

// Whole transformers are compared in float32 only: relu's kinks make other steps of roundings.
// Stacks without kinks are in attention.grid.test.ts.
const parts = Object.entries(transformers).filter(([name]) => name !== 'transformer');

testGrid('nn_layer_grid', {
  ...layers,
  ...normalizations,
  ...recurrent,
  ...Object.fromEntries(parts),
});
