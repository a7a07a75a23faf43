// The C++ tests under a sanitizer of the compiler, in a build of their own.
import { join } from 'node:path';
import { capture, root, run } from './run.mjs';
import { doctest } from './test-programs.mjs';

// What outlives main on purpose stays reachable, so a leak that is reported is one. Tests of misuse
// let a forked process end.
const options = {
  ASAN_OPTIONS: 'detect_stack_use_after_return=1:strict_string_checks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  TSAN_OPTIONS: 'second_deadlock_stack=1:die_after_fork=0',
};

/** Builds and runs them; `args` are doctest's. Returns the counts. */
export function runSanitized(sanitizer, args, env = {}) {
  run([process.execPath, join(root, 'native', 'scripts', 'build-sanitized.mjs'), sanitizer]);
  const folder = join(root, 'native', `build-${sanitizer.replace(',', '-')}`);
  return doctest(args, {
    program: join(folder, 'build', 'Release', 'mlx_tests'),
    prefix: fixedAddresses(),
    env: { ...options, ...env },
  });
}

/** The race checker of GCC 12 gives up where addresses are randomised in more than 28 bits. */
function fixedAddresses() {
  const prefix = ['setarch', '--addr-no-randomize'];
  return capture([...prefix, 'true']).status === 0 ? prefix : [];
}
