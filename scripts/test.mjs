// Every check there is: set-up and build, C++ tests, jest, the examples on a few steps, publishing,
// types, linters and formatters. The last line sums up all suites.
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { clangFormatPackage, cppFiles, findClangFormat } from './clang-format.mjs';
import { addCounts, tapCounts } from './counts.mjs';
import { gpuSuites, runGpuSuite } from './gpu-suites.mjs';
import { pnpm, root, stream, tool } from './run.mjs';
import { command, counted, doctest, jest } from './test-programs.mjs';
import { packageJson, workspaces } from './workspaces.mjs';

const total = { passed: 0, failed: 0, skipped: 0 };

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
  await suite('C++', () => doctest());
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
  await suite('publishing', () => counted(join('publishing', 'test.mjs')));
  for (const [name, ...args] of [['check-docs'], ['features', '--check'], ['gpu-page', '--check']])
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
  addCounts(total, { passed, failed, skipped });
  const seconds = ((Date.now() - begin) / 1000).toFixed(1);
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)`);
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

/** GPUs in this machine's memory; pnpm test:gpu runs all dtypes. */
async function gpu() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of gpuSuites.filter(({ tier }) => tier === 'npm test'))
    addCounts(total, await runGpuSuite(suite));
  return total;
}

async function clangFormat() {
  const program = findClangFormat();
  if (program !== undefined) return command([program, '--dry-run', '-Werror', ...cppFiles()]);
  console.log(`${clangFormatPackage} is not installed here, so the C++ format was not checked`);
  // On macOS no package has this version; the Linux jobs of the same run check the same files.
  return process.env.CI && process.platform === 'linux' ? { failed: 1 } : { skipped: 1 };
}
