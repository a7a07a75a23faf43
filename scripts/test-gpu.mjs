// Tests on a GPU: on this machine's own with --device system, else on one in the host's memory that runs the
// kernels' own text (native/tests/gpu/library). --device late runs them late and in any order that
// is allowed, --device metal through the Metal runtime on a fake of Apple's API. --quick takes one
// dtype of each row. Other options go to jest, which then is all that runs:
// `pnpm test:gpu -t matmul`.
import { join } from 'node:path';
import { root, run, tool } from './run.mjs';

const args = process.argv.slice(2);
const at = args.indexOf('--device');
const [, device] = at < 0 ? ['', 'emulator'] : args.splice(at, 2);
const quick = args.indexOf('--quick');
if (quick >= 0) args.splice(quick, 1);
if (!['system', 'emulator', 'late', 'metal'].includes(device)) {
  console.error(
    'usage: test-gpu.mjs [--device system|emulator|late|metal] [--quick] [options of jest]',
  );
  process.exit(1);
}

const env = { ...process.env };
if (quick >= 0) env.MLX_TEST_QUICK = '1';
if (device !== 'system') {
  env.MLX_TEST_GPU_LIBRARY = join(root, 'native', 'build', 'Release', 'mlx_test_gpu.node');
  env.MLX_TEST_GPU = device;
}
run([tool('jest'), '--config', 'jest.gpu.config.cjs', ...args], {
  cwd: join(root, 'packages', 'core'),
  env,
});
if (args.length > 0) process.exit();
env.MLX_CHECK_ONLY ??= 'memory,long-loop,threads,ends';
// The emulator's memory is the host's.
env.MLX_GPU_MEMORY_LIMIT ??= String(2 ** 29);
run([process.execPath, join(root, 'scripts', 'gpu-check', 'checks', 'all.mjs')], { env });
