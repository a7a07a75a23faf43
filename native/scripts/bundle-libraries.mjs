// Copies the shared libraries that an addon needs, and a bare Linux machine lacks, beside it.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The libraries that travel with the addon; glibc and its kin belong to the machine. */
export const carried = [
  'libopenblas.so.0',
  'libgfortran.so.5',
  'libquadmath.so.0',
  'libhwy.so.1',
  'libhwy_contrib.so.1',
];

export function bundleLibraries(addon) {
  if (process.platform !== 'linux' || !existsSync(addon)) return;
  const listed = execFileSync('ldd', [addon], { encoding: 'utf8' });
  for (const line of listed.split('\n')) {
    const [, name, path] = line.match(/^\s*(\S+) => (\/\S+)/) ?? [];
    if (!carried.includes(name)) continue;
    const copy = join(dirname(addon), name);
    // The second build finds the copy itself.
    if (realpathSync(path) === copy) continue;
    copyFileSync(realpathSync(path), copy);
    chmodSync(copy, 0o755);
  }
}
