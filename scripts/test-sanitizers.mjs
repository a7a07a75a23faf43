// The C++ tests under the compiler's sanitizers: all of them with the checks of addresses and
// undefined behaviour, those of what runs on several threads with the check for races.
import { join } from 'node:path';
import { doctestCounts } from './counts.mjs';
import { capture, root, run, script, stream } from './run.mjs';

const threaded = ['allocator', 'device', 'eval', 'stream', 'thread_pool', 'transforms'];
const suites = [
  { sanitizer: 'address,undefined', args: [] },
  { sanitizer: 'thread', args: threaded.map((name) => `*tests/${name}*_test.cpp`) },
];
// What outlives main on purpose stays reachable, so a leak that is reported is one.
const options = {
  ASAN_OPTIONS: 'detect_stack_use_after_return=1:strict_string_checks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  TSAN_OPTIONS: 'second_deadlock_stack=1',
};

const total = { passed: 0, failed: 0, skipped: 0 };
script('setup');
for (const { sanitizer, args } of suites) {
  const build = join(root, 'native', 'scripts', 'build-sanitized.mjs');
  run([process.execPath, build, sanitizer]);
  const folder = join(root, 'native', `build-${sanitizer.replace(',', '-')}`);
  const program = [join(folder, 'build', 'Release', 'mlx_tests'), '--no-colors=true'];
  if (args.length > 0) program.push(`--source-file=${args.join(',')}`);
  const { status, output } = await stream([...fixedAddresses(), ...program], {
    env: { ...process.env, ...options },
  });
  const { passed = 0, failed = 0, skipped = 0 } = doctestCounts(status, output);
  console.log(`${sanitizer}: ${passed} passed, ${failed} failed, ${skipped} not run`);
  total.passed += passed;
  total.failed += failed;
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** The race checker of GCC 12 gives up where addresses are randomised in more than 28 bits. */
function fixedAddresses() {
  const prefix = ['setarch', '--addr-no-randomize'];
  return capture([...prefix, 'true']).status === 0 ? prefix : [];
}
