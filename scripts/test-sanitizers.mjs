// The C++ tests under the compiler's sanitizers: all of them with the checks of addresses and
// undefined behaviour, those of what runs on several threads with the check for races.
import { addCounts } from './counts.mjs';
import { script } from './run.mjs';
import { runSanitized } from './sanitized.mjs';

const threaded = ['allocator', 'device', 'eval', 'stream', 'thread_pool', 'transforms'];
const suites = [
  { sanitizer: 'address,undefined', args: [] },
  {
    sanitizer: 'thread',
    args: [`--source-file=${threaded.map((name) => `*tests/${name}*_test.cpp`).join(',')}`],
  },
];

const total = { passed: 0, failed: 0, skipped: 0 };
script('setup');
for (const { sanitizer, args } of suites) {
  const { passed = 0, failed = 0, skipped = 0 } = await runSanitized(sanitizer, args);
  console.log(`${sanitizer}: ${passed} passed, ${failed} failed, ${skipped} not run`);
  addCounts(total, { passed, failed });
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
