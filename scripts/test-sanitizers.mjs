// The C++ tests under the compiler's sanitizers: all of them with the checks of addresses and
// undefined behaviour, those of what runs on several threads with the check for races. Both include
// the GPUs in the host's memory, whose queues run on threads of their own: one that runs late, the
// emulator, and the fake of Apple's API. `--only thread` runs one of them alone.
import { addCounts } from './counts.mjs';
import { script } from './run.mjs';
import { runSanitized } from './sanitized.mjs';

const threaded = [
  'allocator',
  'api/runtime',
  'compile',
  'device',
  'elementwise_codegen',
  'eval',
  'gpu/',
  'helper_placement',
  'stream',
  'thread_pool',
  'transforms',
];
const suites = [
  { sanitizer: 'address,undefined', args: [] },
  {
    sanitizer: 'thread',
    args: [`--source-file=${threaded.map((name) => `*tests/${name}*_test.cpp`).join(',')}`],
  },
];
const at = process.argv.indexOf('--only');
const wanted = at < 0 ? suites : suites.filter((one) => one.sanitizer === process.argv[at + 1]);
if (wanted.length === 0) {
  console.error('usage: test-sanitizers.mjs [--only address,undefined|thread]');
  process.exit(1);
}

const total = { passed: 0, failed: 0, skipped: 0 };
script('setup');
for (const { sanitizer, args } of wanted) {
  const { passed = 0, failed = 0, skipped = 0 } = await runSanitized(sanitizer, args);
  console.log(`${sanitizer}: ${passed} passed, ${failed} failed, ${skipped} not run`);
  addCounts(total, { passed, failed });
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
