// Runs the test programs of this repository and counts what passed.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { doctestCounts, jestCounts, lastLineCounts } from './counts.mjs';
import { root, stream, tool } from './run.mjs';

let reports;

/** The file of a report of jest, in a folder that goes with this process. */
function reportFor(folder) {
  if (reports === undefined) {
    reports = mkdtempSync(join(tmpdir(), 'mlx-test-'));
    process.on('exit', () => rmSync(reports, { recursive: true, force: true }));
  }
  return join(reports, `${folder.replaceAll('/', '-')}.json`);
}

/** The C++ tests; `program` is another build's. */
export async function doctest(args = [], { env = {}, program, prefix = [] } = {}) {
  const path = program ?? join(root, 'native', 'build', 'Release', 'mlx_tests');
  const { status, output } = await stream([...prefix, path, '--no-colors=true', ...args], {
    env: { ...process.env, ...env },
  });
  return doctestCounts(status, output);
}

/** Jest in a folder; it prints only what goes wrong. */
export async function jest(folder, { env = {}, options = [] } = {}) {
  const report = reportFor(folder);
  rmSync(report, { force: true });
  const { status } = await stream(
    [tool('jest'), '--ci', '--maxWorkers=100%', '--json', `--outputFile=${report}`, ...options],
    {
      cwd: resolve(root, folder),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  return jestCounts(status, existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null);
}

/** A script whose last line says `N passed, N failed`. */
export async function counted(path, { env = {}, args = [] } = {}) {
  const { status, output } = await stream([process.execPath, join(root, path), ...args], {
    env: { ...process.env, ...env },
  });
  return lastLineCounts(status, output);
}

/** A check that counts as one test. */
export async function command(args, options) {
  const { status } = await stream(args, options);
  return status === 0 ? { passed: 1 } : { failed: 1 };
}
