// The C++ files and the one version of clang-format that decides about them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { capture, root } from './run.mjs';

export const clangFormat = 'clang-format-19';

export function cppFiles() {
  return ['include', 'src', 'addon', 'tests'].flatMap((folder) =>
    readdirSync(join(root, 'native', folder), { recursive: true })
      .filter((name) => /\.(cpp|h)$/.test(name))
      .map((name) => join('native', folder, name)),
  );
}

/** Whether this machine has it; macOS and other systems may not. */
export function hasClangFormat() {
  return capture([clangFormat, '--version']).status === 0;
}
