// Copies the shared libraries that an addon needs, and a bare machine lacks, beside it.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The libraries that travel with the addon; the C library and its kin belong to the machine. */
export const carried = /^lib(openblas|gfortran|quadmath|hwy|hwy_contrib)\.(so\.\d+|\d+\.dylib)$/;

export function bundleLibraries(addon) {
  if (process.platform === 'linux') bundleOnLinux(addon);
  if (process.platform === 'darwin') bundleOnMac(addon);
}

function bundleOnLinux(addon) {
  const listed = execFileSync('ldd', [addon], { encoding: 'utf8' });
  for (const [, name, path] of listed.matchAll(/^\s*(\S+) => (\/\S+)/gm))
    if (carried.test(name)) copyBeside(addon, name, path);
}

/** Mach-O files name their libraries by path, so the names change with the copies. */
function bundleOnMac(addon) {
  const waiting = [addon];
  for (const file of waiting) {
    const listed = execFileSync('otool', ['-L', file], { encoding: 'utf8' });
    const changes = [];
    for (const [, path] of listed.matchAll(/^\s+(\S+) \(compatibility/gm)) {
      const name = basename(path);
      if (!carried.test(name) || name === basename(file) || path.startsWith('@loader_path'))
        continue;
      const source = path.startsWith('@rpath') ? join('/opt/homebrew/lib', name) : path;
      const copy = copyBeside(addon, name, source);
      if (!waiting.includes(copy)) waiting.push(copy);
      changes.push('-change', path, `@loader_path/${name}`);
    }
    if (changes.length === 0) continue;
    execFileSync('install_name_tool', [...changes, file]);
    // The change breaks the signature that macOS asks for.
    execFileSync('codesign', ['--force', '--sign', '-', file]);
  }
}

function copyBeside(addon, name, source) {
  const copy = join(dirname(addon), name);
  // A second build finds the copy itself.
  if (realpathSync(source) === copy) return copy;
  copyFileSync(realpathSync(source), copy);
  chmodSync(copy, 0o755);
  return copy;
}
