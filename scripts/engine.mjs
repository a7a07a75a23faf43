// Builds the engine and its addon, and the C++ tests where they are asked for.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CompileProgress } from './compile-progress.mjs';
import { root } from './run.mjs';
import { duration } from './steps.mjs';

/** Returns what was done, in words. */
export async function buildEngine(task, { withTests }) {
  const program = join(root, 'native', 'scripts', 'build.mjs');
  const targets = withTests ? [] : ['mlx_addon'];
  const progress = new CompileProgress(availableParallelism());
  const onLine = (line) => {
    const { done, left } = progress.read(line) ?? {};
    if (done === undefined) return;
    const estimate = left === undefined ? '' : `, ${duration(left)} left`;
    task.progress(`compiling ${done} of ${progress.total}${estimate}`);
  };
  await task.run([process.execPath, program, ...targets], { onLine });
  return progress.total === 0 ? 'up to date' : `compiled ${progress.total} units`;
}
