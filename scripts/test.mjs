// Every check there is: set-up and build, C++ tests, jest, types, linters, formatters, packaging and
// the example on a few steps. The last line sums up all suites.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clangFormat, cppFiles, hasClangFormat } from './clang-format.mjs';
import { capture, pnpm, root, run } from './run.mjs';

const total = { passed: 0, failed: 0, skipped: 0 };

run([process.execPath, join(root, 'scripts', 'setup.mjs')]);
run([process.execPath, join(root, 'scripts', 'build.mjs')]);

const temporary = mkdtempSync(join(tmpdir(), 'mlx-test-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

suite('C++', () => doctest(join(root, 'native', 'build', 'Release', 'mlx_tests')));
for (const name of ['core', 'nn', 'optimizers'])
  suite(`@mlx/${name}`, () => jest(`packages/${name}`));
for (const name of readdirSync(join(root, 'examples')).sort())
  suite(`example ${name}`, () => command([...pnpm, '--dir', `examples/${name}`, 'run', 'smoke']));
suite('packaging', () => command([process.execPath, 'scripts/test-packaging.mjs']));
suite('types', () => command([...pnpm, '-r', '--no-bail', 'run', 'typecheck']));
suite('eslint', () => command([...pnpm, 'exec', 'eslint', '.', '--max-warnings=0']));
suite('prettier', () => command([...pnpm, 'exec', 'prettier', '--check', '--log-level=warn', '.']));
suite('clang-format', () => {
  if (process.platform !== 'linux' && !hasClangFormat())
    return {
      skipped: 1,
      output: `${clangFormat} is not installed here; Linux checks the format\n`,
    };
  return command([clangFormat, '--dry-run', '-Werror', ...cppFiles()]);
});

console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);

/** Runs one suite, prints its line, and its output where something went wrong. */
function suite(name, check) {
  const begin = Date.now();
  const { passed = 0, failed = 0, skipped = 0, output } = check();
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  if (failed > 0 || skipped > 0) console.log(output);
  const seconds = ((Date.now() - begin) / 1000).toFixed(1);
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)`);
}

/** A check that counts as one test. */
function command(args) {
  const { status, output } = capture(args);
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, output };
}

function doctest(program) {
  const { status, output } = capture([program, '--no-colors=true']);
  const counts = output.match(/test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed/);
  // A crash leaves no summary, or one that looks well.
  if (!counts || (status !== 0 && counts[2] === '0')) return { failed: 1, output };
  return { passed: Number(counts[1]), failed: Number(counts[2]), output };
}

function jest(folder) {
  const report = join(temporary, 'jest.json');
  const { status, output } = capture(
    [...pnpm, '--dir', folder, 'exec', 'jest', '--ci', '--json', `--outputFile=${report}`],
    { env: { ...process.env, FORCE_COLOR: '0' } },
  );
  if (!existsSync(report)) return { failed: 1, output };
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);
  // A file that doesn't load has no tests to fail.
  const broken = counts.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = counts.numFailedTests + broken;
  return {
    passed: counts.numPassedTests,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: counts.numPendingTests + counts.numTodoTests,
    output,
  };
}
