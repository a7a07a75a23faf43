import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const library = join(__dirname, '..', '..', 'dist', 'index.js');

/**
 * Runs a script in a process of its own and returns what it returns; with `addressSpace`, under
 * `ulimit -v` of so many MiB.
 */
export function runScript(
  body: string,
  { addressSpace }: { addressSpace?: number } = {},
): Record<string, number> {
  const script = `
    const mx = require(${JSON.stringify(library)});
    const resident = () => process.memoryUsage.rss() / 2 ** 20;
    (async () => {
      const report = await (async () => {${body}})();
      console.log(JSON.stringify(report));
    })();`;
  const node = [process.execPath, '-e', script];
  const limit = addressSpace === undefined ? '' : `ulimit -v ${addressSpace * 1024} && `;
  const output = execFileSync('sh', ['-c', `${limit}exec "$@"`, 'sh', ...node], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as Record<string, number>;
}
