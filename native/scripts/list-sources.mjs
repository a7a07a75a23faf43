// Prints the C++ files below the given folders, for binding.gyp: a new file needs no edit of a list.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const sources = process.argv.slice(2).flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.cpp'))
    .map((name) => join(folder, name)),
);
console.log(sources.sort().join('\n'));
