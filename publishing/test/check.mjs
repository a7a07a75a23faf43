// How the checks here are counted and reported.
import { capture } from '../../scripts/run.mjs';

/** A check that this machine cannot make. */
export class Skipped extends Error {}

export const counts = { passed: 0, failed: 0, skipped: 0 };

/** Runs a check; what it throws is how it failed. Returns whether it passed. */
export async function check(name, body) {
  const begin = Date.now();
  try {
    await body();
    counts.passed += 1;
    console.log(`publishing, ${name}: passed (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
    return true;
  } catch (error) {
    counts[error instanceof Skipped ? 'skipped' : 'failed'] += 1;
    console.log(`publishing, ${name}: ${error.message}`);
    return false;
  }
}

/** What a command prints; throws that with the command where it fails. */
export function succeed(command, options) {
  const { status, output } = capture(command, options);
  if (status !== 0) throw new Error(`${command.join(' ')}\n${output}`);
  return output;
}

/** What a command prints that has to fail. */
export function fail(command, options) {
  const { status, output } = capture(command, options);
  if (status === 0) throw new Error(`succeeded: ${command.join(' ')}\n${output}`);
  return output;
}
