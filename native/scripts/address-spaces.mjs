// What a compiler of another language than Metal's misses in the texts of kernels: a pointer or
// reference without the word of its address space.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const spaces = /\b(device|threadgroup|constant|thread|ray_data)\b/;
/** Written for one machine alone, in its language. */
const ofOneMachine = /^(prelude|tile)_|^metal_|_halves\b/;

/** The lines of a text that lack such a word, as `line: text`. */
export function missingSpaces(text) {
  const code = text
    .replace(/\/\*[^]*?\*\/|\/\/.*/g, (comment) => comment.replace(/[^\n]/g, ' '))
    // Commas between template arguments separate no parameters.
    .replace(/\w<[^<>();]*>/g, (list) => list.replaceAll(',', ' '));
  const missing = [];
  // As the formatter writes them, a pointer's sign stands at its type.
  for (const match of code.matchAll(/[\w>][*&]+(?=[\s)>,])/g)) {
    const before = code.slice(0, match.index + 1);
    const start = Math.max(...[...'(,;{}='].map((sign) => before.lastIndexOf(sign)));
    if (spaces.test(before.slice(start + 1))) continue;
    const number = before.split('\n').length;
    missing.push(`${number}: ${text.split('\n')[number - 1].trim()}`);
  }
  return missing;
}

/** The same for all texts of a folder, as `file:line: text`. */
export function missingSpacesIn(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.h') && !ofOneMachine.test(file))
    .flatMap((file) =>
      missingSpaces(readFileSync(join(folder, file), 'utf8')).map((line) => `${file}:${line}`),
    );
}
