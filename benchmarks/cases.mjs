/**
 * The cases: a name that each worker knows, what it does, and the goal in milliseconds on two idle
 * Zen 3 cores, where PyTorch 1.13 and NumPy 1.24 were measured too. Rows whose goal is a ratio to
 * memory speed read and write every byte once.
 */
export const cases = [
  { name: 'add', what: 'add, 16M float32', goal: 7, pytorch: 41, numpy: 18 },
  { name: 'exp', what: 'exp, 16M float32', goal: 7.5, pytorch: 44, numpy: 48 },
  { name: 'tanh', what: 'tanh, 16M float32', goal: 7.5, pytorch: 58, numpy: 118 },
  { name: 'sum', what: 'sum, 16M float32', goal: 2.2, pytorch: 2.3, numpy: 6.1 },
  { name: 'softmax', what: 'softmax, 4096 x 4096', goal: 12, pytorch: 42, numpy: 82 },
  { name: 'matmul1024', what: 'matmul, 1024', goal: 12.5, pytorch: 13.9, numpy: 14.3 },
  { name: 'matmul2048', what: 'matmul, 2048', goal: 98, pytorch: 100, numpy: 106 },
  { name: 'gemv', what: 'matrix x vector, 4096', goal: 2, pytorch: 5, numpy: 3.4 },
  // The peers have no such codes: theirs is the float32 product.
  { name: 'quantizedGemv', what: '4-bit matrix x vector, 4096', goal: 0.5, pytorch: 5, numpy: 3.4 },
  { name: 'layerNorm', what: 'layer norm, 4096 x 1024', goal: 1.8, pytorch: 1.9, numpy: 19 },
  { name: 'attention', what: 'attention, 8 x 1024 x 64', goal: 30, pytorch: 30, numpy: 30 },
  { name: 'attentionCache', what: 'one query, 32 x 4096 x 128', goal: 30, pytorch: 30, numpy: 30 },
  { name: 'chain', what: '7 operations with tanh, 16M', goal: 20, pytorch: 218, numpy: 143 },
  { name: 'tiny', what: '1,000 dependent tiny adds', goal: 0.5, pytorch: 2.7, numpy: 0.75 },
  { name: 'mlp', what: 'MLP step, batch 256', goal: 2, pytorch: 6.3, numpy: 3.2 },
];
