// The C++ files and the one version of clang-format that decides about them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { capture, root } from './run.mjs';

export const clangFormatPackage = 'clang-format-19';

/** The program's name, or undefined where this machine has no clang-format of that version. */
export function findClangFormat() {
  return [clangFormatPackage, 'clang-format'].find((name) => {
    const { status, output } = capture([name, '--version']);
    return status === 0 && output.includes('version 19.');
  });
}

export function cppFiles() {
  return ['include', 'src', 'addon', 'tests'].flatMap((folder) =>
    readdirSync(join(root, 'native', folder), { recursive: true })
      .filter((name) => /\.(cpp|h)$/.test(name))
      .map((name) => join('native', folder, name)),
  );
}
