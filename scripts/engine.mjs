// Builds the engine and its addon, and the C++ tests where they are asked for.
import { join } from 'node:path';
import { root } from './run.mjs';
import { duration } from './steps.mjs';

/** Returns what was done, in words. */
export async function buildEngine(task, { withTests }) {
  const program = join(root, 'native', 'scripts', 'build.mjs');
  const targets = withTests ? [] : ['mlx_addon'];
  let total = 0;
  let done = 0;
  let begin = 0;
  const onLine = (text) => {
    const announced = text.match(/^(\d+) files to compile$/);
    if (announced !== null) {
      total = Number(announced[1]);
      done = 0;
      begin = Date.now();
    }
    // make names a file when its compilation begins.
    if (!/^\s*CXX\(target\)/.test(text)) return;
    done += 1;
    const left = (((Date.now() - begin) / 1000) * (total - done)) / done;
    const estimate = done >= Math.min(10, total / 4) ? `, ${duration(left)} left` : '';
    task.progress(`compiling ${done} of ${total}${estimate}`);
  };
  await task.run([process.execPath, program, ...targets], { onLine });
  return total === 0 ? 'up to date' : `compiled ${total} files`;
}
