// Writes the texts of the GPU's kernels, src/gpu/kernels/*.h and those of one GPU alone,
// src/cuda/kernels/*.h, into a C++ file that binding.gyp compiles, and prints its path.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const folders = [join('src', 'gpu', 'kernels'), join('src', 'cuda', 'kernels')];
const target = join('build', 'generated', 'kernel_texts.cpp');

const texts = new Map();
for (const folder of folders)
  for (const file of readdirSync(folder).sort())
    if (file.endsWith('.h')) visit(folder, basename(file, '.h'));

const entries = [...texts].map(
  ([name, { needs, text }]) => `    {"${name}", "${needs.join(' ')}", R"MSL(${text})MSL"},\n`,
);
const content =
  `#include "gpu/generate/kernel_text.h"\n\nnamespace mlx::core::gpu {\n\n` +
  `std::span<const KernelText> kernel_texts() {\n` +
  `  static constexpr KernelText texts[] = {\n${entries.join('')}  };\n  return texts;\n}\n\n` +
  `}  // namespace mlx::core::gpu\n`;
mkdirSync(dirname(target), { recursive: true });
// What did not change is not compiled again.
if (!existsSync(target) || readFileSync(target, 'utf8') !== content) writeFileSync(target, content);
console.log(target);

function visit(folder, name) {
  if (texts.has(name)) return;
  const source = readFileSync(join(folder, `${name}.h`), 'utf8');
  const needs = [...source.matchAll(/^#include "gpu\/kernels\/(\w+)\.h"$/gm)].map(
    ([, need]) => need,
  );
  for (const need of needs) visit(folders[0], need);
  texts.set(name, { needs, text: withoutComments(source) });
}

/** Compilers at run time have no use for them. */
function withoutComments(source) {
  return source.replace(/^\s*\/\/.*\n/gm, '').replace(/^(#include "gpu\/.*|\s*)\n/gm, '');
}
