// Formats everything: TypeScript and the rest with prettier, C++ with clang-format.
import { clangFormat, cppFiles } from './clang-format.mjs';
import { pnpm, run } from './run.mjs';

run([...pnpm, 'exec', 'prettier', '--write', '--log-level=warn', '.']);
run([clangFormat, '-i', ...cppFiles()]);
