// What is executed on which GPU, and by which command: what test.mjs and test-gpu.mjs run, and what
// docs/gpu.md shows.
import { join } from 'node:path';
import { root } from './run.mjs';
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

/** `dtypes` is "first" where each row takes its first dtype alone. */
export const gpuSuites = [
  { part: 'javascript', gpu: 'emulator', tier: 'npm test', dtypes: 'first' },
  { part: 'memory', gpu: 'emulator', tier: 'npm test' },
  { part: 'threads', gpu: 'emulator', tier: 'npm test' },
  { part: 'javascript', gpu: 'emulator', tier: 'pnpm test:gpu', dtypes: 'all' },
  { part: 'kernels', gpu: 'emulator', tier: 'pnpm test:gpu:long' },
  { part: 'kernels', gpu: 'metal', tier: 'pnpm test:gpu:long' },
  { part: 'digits', gpu: 'emulator', tier: 'pnpm test:gpu:long' },
];

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
export function runGpuSuite({ part, gpu, dtypes, env = {} }) {
  if (part === 'kernels')
    return doctest(['--test-case=gpu*'], { env: { MLX_TEST_GPU: gpu, ...env } });
  const all = { ...gpuEnvironment(gpu), ...env };
  if (dtypes === 'first') all.MLX_TEST_QUICK = '1';
  if (part === 'javascript')
    return jest('packages/core', { env: all, options: ['--config', 'jest.gpu.config.cjs'] });
  if (part === 'layers') return jest('packages/nn', { env: { ...all, MLX_DEVICE: 'gpu' } });
  return counted(join('scripts', 'gpu-check', 'checks', 'all.mjs'), {
    env: { ...all, MLX_CHECK_ONLY: checks[part] },
  });
}
