// Prints the C++ files that binding.gyp compiles from a folder: `node list-sources.mjs FOLDER KIND
// [LINES]`. A new file needs no edit of a list. KIND is `files`, or `groups`, of about so many LINES:
// see groups.mjs.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupsOf, textOf } from './groups.mjs';

const generated = join('build', 'groups');

const [folder, kind, lines] = process.argv.slice(2);
const sources = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.cpp'))
  .map((name) => join(folder, name))
  .sort();
console.log((kind === 'groups' ? grouped(sources) : sources).join('\n'));

function grouped(files) {
  const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
  const groups = groupsOf(texts, lines === undefined ? undefined : Number(lines));
  mkdirSync(generated, { recursive: true });
  const written = new Set();
  const units = groups.map((group) => {
    if (group.files.length === 1) return group.files[0];
    const path = join(generated, `${folder}-${group.name}.cpp`);
    written.add(path);
    writeIfChanged(path, textOf(group, path));
    return path;
  });
  for (const name of readdirSync(generated))
    if (name.startsWith(`${folder}-`) && !written.has(join(generated, name)))
      rmSync(join(generated, name));
  return units;
}

/** An unchanged file keeps its time, or make would compile it again. */
function writeIfChanged(path, text) {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
}
