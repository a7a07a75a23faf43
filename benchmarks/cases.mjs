/**
 * The cases: a name that each worker knows, what it does, and the goal in milliseconds on two idle
 * Zen 3 cores, where PyTorch 1.13 and NumPy 1.24 were measured too. Rows whose goal is a ratio to
 * memory speed read and write every byte once. A peer without a figure lacks the operation. Cases
 * marked unfused run in a process of ours that has fusion switched off.
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
  { name: 'svd512', what: 'svd, 512', goal: 50, pytorch: 70, numpy: 150 },
  { name: 'eigh512', what: 'eigh, 512', goal: 27, pytorch: 47, numpy: 61 },
  // The peers have no such codes: theirs is the float32 product.
  { name: 'quantizedGemv', what: '4-bit matrix x vector, 4096', goal: 0.5, pytorch: 5, numpy: 3.4 },
  { name: 'layerNorm', what: 'layer norm, 4096 x 1024', goal: 1.8, pytorch: 1.9, numpy: 19 },
  { name: 'attention', what: 'attention, 8 x 1024 x 64', goal: 30, pytorch: 30, numpy: 30 },
  { name: 'attentionCache', what: 'one query, 32 x 4096 x 128', goal: 30, pytorch: 30, numpy: 30 },
  { name: 'chain', what: '7 operations with tanh, 16M', goal: 20, pytorch: 218, numpy: 143 },
  // From a busier hour on the same machine: the goal is one and a half times a hand-fused loop.
  { name: 'chain1', what: 'chain of 1, 16M', goal: 15, pytorch: 63, numpy: 15 },
  { name: 'chain3', what: 'chain of 3, 16M', goal: 17, pytorch: 189, numpy: 47 },
  { name: 'chain7', what: 'chain of 7, 16M', goal: 22, pytorch: 500, numpy: 220 },
  { name: 'chain15', what: 'chain of 15, 16M', goal: 60, pytorch: 1000, numpy: 380 },
  {
    name: 'chainHeld',
    what: 'chain of 7, all values held, 16M',
    goal: 50,
    pytorch: 530,
    numpy: 220,
  },
  // Each operation a pass of its own: our own, without fusion.
  { name: 'chain3unfused', what: 'chain of 3, unfused', goal: 25, unfused: true },
  { name: 'chain7unfused', what: 'chain of 7, unfused', goal: 60, unfused: true },
  { name: 'chain15unfused', what: 'chain of 15, unfused', goal: 130, unfused: true },
  { name: 'tiny', what: '1,000 dependent tiny adds', goal: 0.5, pytorch: 2.7, numpy: 0.75 },
  { name: 'mlp', what: 'MLP step, batch 256', goal: 2, pytorch: 6.3, numpy: 3.2 },
  { name: 'fft1000', what: 'fft, 1000', goal: 0.008, pytorch: 0.0113, numpy: 0.0104 },
  { name: 'fft1024', what: 'fft, 2^10', goal: 0.008, pytorch: 0.0104, numpy: 0.0155 },
  { name: 'fft10007', what: 'fft, the prime 10007', goal: 0.2, pytorch: 0.68, numpy: 2.17 },
  { name: 'fft1m', what: 'fft, 2^20', goal: 6, pytorch: 42, numpy: 56 },
  { name: 'fft2d', what: 'fft2, 64 x 256 x 256', goal: 15, pytorch: 49, numpy: 75 },
  { name: 'matmul1024f16', what: 'matmul, 1024, float16', goal: 14 },
  { name: 'matmul1024bf16', what: 'matmul, 1024, bfloat16', goal: 14, pytorch: 467 },
  { name: 'matmul64x64', what: 'matmul, 64 of 64', goal: 0.25, pytorch: 0.89, numpy: 0.61 },
  { name: 'conv56', what: 'conv2d, 8x56x56, 64 to 64, 3x3', goal: 13.5, pytorch: 18.7 },
  { name: 'conv28', what: 'conv2d, 32x28x28, 1 to 32, 3x3', goal: 0.25, pytorch: 0.37 },
  { name: 'conv224', what: 'conv2d, 224x224, 3 to 64, 7x7, stride 2', goal: 1.4, pytorch: 1.46 },
  { name: 'gather', what: 'gather, 8192 rows of 50k x 256', goal: 1, pytorch: 1.2, numpy: 1.9 },
  { name: 'transpose', what: 'transpose copy, 4096', goal: 20, pytorch: 63, numpy: 147 },
  { name: 'einsum', what: 'einsum of 3 operands, 134 MFLOP', goal: 2, pytorch: 230, numpy: 34 },
];
