// Formats everything: TypeScript and the rest with prettier, C++ with clang-format.
import { clangFormatPackage, cppFiles, findClangFormat } from './clang-format.mjs';
import { run, tool } from './run.mjs';

run([tool('prettier'), '--write', '--log-level=warn', '.']);
const clangFormat = findClangFormat();
if (clangFormat === undefined) {
  console.error(`format: ${clangFormatPackage} is not installed; the C++ files stay as they are`);
  process.exit(1);
}
run([clangFormat, '-i', ...cppFiles()]);
