// How many tests passed, failed and were skipped, read from what each test program reports.

/** doctest's summary; a crash leaves none, or one that looks well. */
export function doctestCounts(status, output) {
  const [, passed, failed, skipped] =
    output
      .match(/test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed \|\s*(\d+) skipped/)
      ?.map(Number) ?? [];
  if (passed === undefined) return { failed: 1 };
  return { passed, failed: atLeastOneIf(status !== 0, failed), skipped };
}

/** The report of `jest --json`, null where it wrote none. */
export function jestCounts(status, report) {
  if (report === null) return { failed: 1 };
  // A file that doesn't load has no tests that could fail.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((t) => t.status === 'failed'),
  ).length;
  return {
    passed: report.numPassedTests,
    failed: atLeastOneIf(status !== 0, report.numFailedTests + broken),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** A program of our own that ends with `N passed, N failed`, and maybe `, N skipped`. */
export function lastLineCounts(status, output) {
  const [, passed, failed, skipped] =
    output
      .match(/(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/)
      ?.map((count) => Number(count ?? 0)) ?? [];
  if (passed === undefined) return { failed: 1 };
  return { passed, failed: atLeastOneIf(status !== 0, failed), skipped };
}

/** The summary of `node --test` as TAP. */
export function tapCounts(status, output) {
  const [passed, failed, skipped] = ['pass', 'fail', 'skipped'].map((name) =>
    Number(output.match(new RegExp(`^# ${name} (\\d+)$`, 'm'))?.[1] ?? NaN),
  );
  if (Number.isNaN(passed + failed + skipped)) return { failed: 1 };
  return { passed, failed: atLeastOneIf(status !== 0, failed), skipped };
}

export function addCounts(total, { passed = 0, failed = 0, skipped = 0 }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

function atLeastOneIf(condition, failed) {
  return condition ? Math.max(failed, 1) : failed;
}
