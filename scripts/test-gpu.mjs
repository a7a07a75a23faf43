// Tests on GPUs in this machine's memory that run the kernels' own text (native/tests/gpu/library):
// the suites of gpu-suites.mjs for `pnpm test:gpu`, or with --long those of `pnpm test:gpu:long`.
// --device NAME runs the tests of JavaScript on that one alone: the machine's own with "system", else
// "emulator", "late" or "metal"; --quick takes one dtype of each row. Other options go to jest, which
// then is all that runs: `pnpm test:gpu -t matmul`.
import { join } from 'node:path';
import { addCounts } from './counts.mjs';
import { gpuEnvironment, gpuParts, gpuSuites, gpus, runGpuSuite } from './gpu-suites.mjs';
import { root, run, tool } from './run.mjs';
import { counted } from './test-programs.mjs';

const args = process.argv.slice(2);
const at = args.indexOf('--device');
const [, device] = at < 0 ? [] : args.splice(at, 2);
const quick = takeOption('--quick');
const long = takeOption('--long');
if (at >= 0 && !['system', 'emulator', 'late', 'metal'].includes(device)) {
  console.error(
    'usage: test-gpu.mjs [--long] [--device system|emulator|late|metal] [--quick] [options of jest]',
  );
  process.exit(1);
}

if (args.length > 0 || device !== undefined) runJest();
else await runSuites(long ? 'pnpm test:gpu:long' : 'pnpm test:gpu');

function takeOption(name) {
  const place = args.indexOf(name);
  if (place >= 0) args.splice(place, 1);
  return place >= 0;
}

function runJest() {
  const env = { ...process.env };
  if (device !== 'system') Object.assign(env, gpuEnvironment(device ?? 'emulator'));
  if (quick) env.MLX_TEST_QUICK = '1';
  run([tool('jest'), '--config', 'jest.gpu.config.cjs', ...args], {
    cwd: join(root, 'packages', 'core'),
    env,
  });
}

async function runSuites(tier) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of gpuSuites.filter((one) => one.tier === tier)) {
    const begin = Date.now();
    const counts = { passed: 0, failed: 0, skipped: 0 };
    addCounts(counts, await runGpuSuite(suite));
    addCounts(total, counts);
    const seconds = ((Date.now() - begin) / 1000).toFixed(0);
    const title = `${gpus[suite.gpu]}, ${gpuParts[suite.part].title}`;
    console.log(`${title}: ${counts.passed} passed, ${counts.failed} failed (${seconds} s)`);
  }
  if (tier === 'pnpm test:gpu:long')
    for (const name of ['metal-coverage', 'test-arm64'])
      addCounts(total, await counted(join('scripts', `${name}.mjs`)));
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}
