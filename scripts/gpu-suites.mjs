// What is executed on which GPU, and by which command: what test.mjs and test-gpu.mjs run, and what
// docs/gpu.md shows.
import { join } from 'node:path';
import { addCounts } from './counts.mjs';
import { root } from './run.mjs';
import { runSanitized } from './sanitized.mjs';
import { counted, doctest, jest } from './test-programs.mjs';

/** GPUs that need no card, as columns of a table. */
export const gpus = {
  emulator: 'emulator',
  late: 'late emulator',
  metal: 'Metal on the fake',
  nvrtc: 'NVRTC, no card',
};

/** What is tested there. `onCard` names the check of scripts/gpu-check that does it on a card. */
export const gpuParts = {
  javascript: { title: "operation table, kernels of one's own, devices", onCard: 'table' },
  digits: { title: 'the example with digits, MLP and CNN', onCard: 'digits' },
  layers: { title: 'tests of @mlx/nn' },
  memory: { title: 'memory stays flat over long loops', onCard: 'long-loop' },
  threads: { title: 'worker threads, exits while work is in flight', onCard: 'threads' },
  kernels: { title: 'C++: each kernel against the CPU', onCard: 'C++' },
};

/**
 * `note` says what is special about a suite. `dtypes` is "first" where each row of the operation table
 * takes its first dtype alone; `orders` are the emulator's orders of threads that it begins with.
 */
export const gpuSuites = [
  { part: 'javascript', gpu: 'emulator', tier: 'npm test', dtypes: 'first', note: 'first dtype' },
  { part: 'memory', gpu: 'emulator', tier: 'npm test' },
  { part: 'threads', gpu: 'emulator', tier: 'npm test' },
  { part: 'javascript', gpu: 'emulator', tier: 'pnpm test:gpu', note: 'all dtypes' },
  { part: 'javascript', gpu: 'metal', tier: 'pnpm test:gpu', dtypes: 'first', note: 'first dtype' },
  {
    ...{ part: 'kernels', gpu: 'emulator', tier: 'pnpm test:gpu:long' },
    ...{ note: 'all dtypes, address spaces', env: { MLX_CHECK_ADDRESS_SPACES: '1' } },
  },
  ...['address,undefined', 'thread'].map((sanitizer) => ({
    ...{ part: 'kernels', gpu: 'emulator', tier: 'pnpm test:gpu:long' },
    ...{ note: `sanitizers ${sanitizer}`, sanitizer },
  })),
  {
    ...{ part: 'javascript', gpu: 'emulator', tier: 'pnpm test:gpu:long', dtypes: 'first' },
    ...{ note: 'all orders of threads', orders: [1, 2, 3, 4, 5] },
  },
  { part: 'javascript', gpu: 'late', tier: 'pnpm test:gpu:long', note: 'all dtypes' },
  { part: 'javascript', gpu: 'metal', tier: 'pnpm test:gpu:long', note: 'all dtypes' },
  { part: 'kernels', gpu: 'metal', tier: 'pnpm test:gpu:long', note: 'all dtypes' },
  { part: 'kernels', gpu: 'nvrtc', tier: 'pnpm test:gpu:long', note: 'compiled, registers' },
  { part: 'memory', gpu: 'metal', tier: 'pnpm test:gpu:long' },
  { part: 'threads', gpu: 'metal', tier: 'pnpm test:gpu:long' },
  { part: 'digits', gpu: 'emulator', tier: 'pnpm test:gpu:long' },
  { part: 'digits', gpu: 'metal', tier: 'pnpm test:gpu:long' },
  { part: 'layers', gpu: 'metal', tier: 'pnpm test:gpu:long' },
];

/** Those that compute in float32; others have float64, which no GPU has. */
const layerTests = [
  'layers',
  'losses',
  'normalization',
  'quantized',
  'recurrent',
  'transformer',
].map((name) => `src/${name}.test.ts`);
const checks = { digits: 'digits', memory: 'memory,long-loop', threads: 'threads,ends' };

/** Where the GPU of that name is; a process that has it computes on it when it is asked to. */
export function gpuEnvironment(gpu) {
  return {
    MLX_TEST_GPU_LIBRARY: join(root, 'native', 'build', 'Release', 'mlx_test_gpu.node'),
    MLX_TEST_GPU: gpu,
    // Its memory is the host's.
    MLX_GPU_MEMORY_LIMIT: process.env.MLX_GPU_MEMORY_LIMIT ?? String(2 ** 29),
  };
}

/** Runs a suite of the list; its counts. */
export async function runGpuSuite({ orders = [0], ...suite }) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const order of orders)
    addCounts(total, await runOnce(suite, { ...suite.env, MLX_TEST_ORDER: String(order) }));
  return total;
}

function runOnce({ part, gpu, dtypes, sanitizer }, env) {
  if (part === 'kernels') {
    const args = ['--test-case=gpu*'];
    const all = { MLX_TEST_GPU: gpu, ...env };
    return sanitizer === undefined
      ? doctest(args, { env: all })
      : runSanitized(sanitizer, args, all);
  }
  const all = { ...gpuEnvironment(gpu), ...env };
  if (dtypes === 'first') all.MLX_TEST_QUICK = '1';
  if (part === 'javascript')
    return jest('packages/core', { env: all, options: ['--config', 'jest.gpu.config.cjs'] });
  if (part === 'layers')
    return jest('packages/nn', { env: { ...all, MLX_DEVICE: 'gpu' }, options: layerTests });
  return counted(join('scripts', 'gpu-check', 'checks', 'all.mjs'), {
    env: { ...all, MLX_CHECK_ONLY: checks[part] },
  });
}
