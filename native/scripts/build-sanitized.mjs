// Builds the C++ tests with a sanitizer of the compiler: `address,undefined` or `thread`. The build
// lies in a folder of its own that links to the sources, so binding.gyp serves it unchanged.
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { make, native, nodeGyp } from './node-gyp.mjs';

/** Returns the path of the program. */
export function buildSanitized(sanitizer) {
  const folder = join(native, `build-${sanitizer.replace(',', '-')}`);
  mkdirSync(folder, { recursive: true });
  const linked = ['binding.gyp', 'include', 'src', 'addon', 'tests', 'scripts', 'node_modules'];
  for (const name of linked)
    if (!existsSync(join(folder, name))) symlinkSync(join('..', name), join(folder, name));
  nodeGyp(folder, ['configure', '--', `-Dsanitizer=${sanitizer}`, '-Dunits=groups']);
  const build = join(folder, 'build');
  const status = make(build, ['mlx_tests']);
  if (status !== 0) process.exit(status);
  return join(build, 'Release', 'mlx_tests');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildSanitized(process.argv[2]);
