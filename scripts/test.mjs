// Every check there is: set-up and build, C++ tests, jest, the examples on a few steps, publishing,
// types, linters and formatters. The last line sums up all suites.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { clangFormatPackage, cppFiles, findClangFormat } from './clang-format.mjs';
import { doctestCounts, jestCounts, lastLineCounts, tapCounts } from './counts.mjs';
import { pnpm, root, stream, tool } from './run.mjs';
import { packageJson, workspaces } from './workspaces.mjs';

const total = { passed: 0, failed: 0, skipped: 0 };
const temporary = mkdtempSync(join(tmpdir(), 'mlx-test-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

if ((await stepSucceeds('setup')) && (await stepSucceeds('build', '--tests'))) await runSuites();
else total.failed += 1;

console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** Without a build nothing can be tested. */
async function stepSucceeds(name, ...args) {
  const program = join(root, 'scripts', `${name}.mjs`);
  const { status } = await stream([process.execPath, program, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) console.log(`${name}: failed, so nothing was tested`);
  return status === 0;
}

async function runSuites() {
  const packages = workspaces('packages');
  const examples = workspaces('examples');
  await suite('scripts', scripts);
  await suite('C++', () => doctest(join(root, 'native', 'build', 'Release', 'mlx_tests')));
  for (const folder of packages) await suite(`jest ${folder}`, () => jest(folder));
  await suite('GPU in memory', gpu);
  for (const folder of examples)
    if (packageJson(folder).scripts?.smoke)
      await suite(`smoke ${folder}`, () => command([...pnpm, '--dir', folder, 'run', 'smoke']));
  for (const [kind, cases] of [
    ['calls', '4000'],
    ['files', '400'],
    ['graphs', '400'],
  ])
    await suite(`fuzz ${kind}`, () => fuzz(kind, cases));
  await suite('publishing', publishing);
  for (const [name, ...args] of [['check-docs'], ['features', '--check']])
    await suite(name, () =>
      command([process.execPath, join(root, 'scripts', `${name}.mjs`), ...args]),
    );
  await inParallel([
    ...[...packages, ...examples].map(
      (folder) => () =>
        suite(`types ${folder}`, () => command([tool('tsc'), '-p', folder, '--noEmit'])),
    ),
    () => suite('editor help', () => command([process.execPath, 'scripts/check-help.mjs'])),
    () => suite('eslint', () => command([tool('eslint'), '.', '--max-warnings=0'])),
    () => suite('prettier', () => command([tool('prettier'), '--check', '--log-level=warn', '.'])),
    () => suite('clang-format', clangFormat),
  ]);
}

/** Runs checks that each keep one processor busy, as many at a time as there are. */
async function inParallel(checks) {
  const waiting = [...checks];
  const work = async () => {
    for (let check = waiting.pop(); check !== undefined; check = waiting.pop()) await check();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

/** Runs one suite and prints its line. */
async function suite(name, check) {
  const begin = Date.now();
  const { passed = 0, failed = 0, skipped = 0 } = await check();
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  const seconds = ((Date.now() - begin) / 1000).toFixed(1);
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)`);
}

/** A check that counts as one test. */
async function command(args) {
  const { status } = await stream(args);
  return status === 0 ? { passed: 1 } : { failed: 1 };
}

/** A short run of random cases from a fixed seed. */
function fuzz(kind, cases) {
  const program = join(root, 'fuzz', 'main.mjs');
  return command([
    process.execPath,
    program,
    '--kind',
    kind,
    '--cases',
    cases,
    '--minutes',
    '10',
    '--shrink',
    '0',
  ]);
}

/** Tests of the scripts that build. */
async function scripts() {
  const tests = ['scripts', join('native', 'scripts')].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.test.mjs'))
      .map((name) => join(root, folder, name)),
  );
  const { status, output } = await stream([
    process.execPath,
    '--test',
    '--test-reporter=tap',
    ...tests,
  ]);
  return tapCounts(status, output);
}

async function doctest(program) {
  const { status, output } = await stream([program, '--no-colors=true']);
  return doctestCounts(status, output);
}

/** On the emulator; pnpm test:gpu runs all dtypes. */
async function gpu() {
  const folder = join(root, 'packages', 'core');
  const release = join(root, 'native', 'build', 'Release');
  const env = {
    ...process.env,
    MLX_TEST_GPU_LIBRARY: join(release, 'mlx_test_gpu.node'),
    MLX_TEST_QUICK: '1',
    MLX_CHECK_ONLY: 'memory,long-loop,threads,ends',
    // The emulator's memory is the host's.
    MLX_GPU_MEMORY_LIMIT: String(2 ** 29),
  };
  const table = await jest(folder, { env, options: ['--config', 'jest.gpu.config.cjs'] });
  const program = join(root, 'scripts', 'gpu-check', 'checks', 'all.mjs');
  const { status, output } = await stream([process.execPath, program], { env });
  const checks = lastLineCounts(status, output);
  return {
    passed: table.passed + checks.passed,
    failed: table.failed + checks.failed,
    skipped: table.skipped,
  };
}

async function jest(folder, { env = process.env, options = [] } = {}) {
  const report = join(temporary, `${folder.replaceAll('/', '-')}.json`);
  const { status } = await stream(
    [tool('jest'), '--ci', '--maxWorkers=100%', '--json', `--outputFile=${report}`, ...options],
    {
      cwd: resolve(root, folder),
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  return jestCounts(status, existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null);
}

async function publishing() {
  const { status, output } = await stream([process.execPath, join(root, 'publishing', 'test.mjs')]);
  return lastLineCounts(status, output);
}

async function clangFormat() {
  const program = findClangFormat();
  if (program !== undefined) return command([program, '--dry-run', '-Werror', ...cppFiles()]);
  console.log(`${clangFormatPackage} is not installed here, so the C++ format was not checked`);
  // On macOS no package has this version; the Linux jobs of the same run check the same files.
  return process.env.CI && process.platform === 'linux' ? { failed: 1 } : { skipped: 1 };
}
