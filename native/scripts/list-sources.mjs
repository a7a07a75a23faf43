// Prints the C++ files that binding.gyp compiles from a folder: `node list-sources.mjs FOLDER KIND`.
// A new file needs no edit of a list. KIND is `files`, or `groups`, where files that spend most of
// their time on the same headers are compiled several at once, from a file that includes them.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { namesIn } from './names-in.mjs';

/** Groups of this size take about as long as the largest kernels, and so balance over the cores. */
const linesOfGroup = 2000;
const generated = join('build', 'groups');

const [folder, kind] = process.argv.slice(2);
const sources = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.cpp'))
  .map((name) => join(folder, name))
  .sort();
console.log((kind === 'groups' ? grouped(sources) : sources).join('\n'));

function grouped(files) {
  const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
  // A kernel that Highway compiles once for each instruction set includes itself.
  const alone = files.filter((file) => texts.get(file).includes('hwy/foreach_target.h'));
  const groups = [];
  for (const file of files.filter((each) => !alone.includes(each))) {
    const part = file.split(sep).length > 2 ? file.split(sep).slice(0, 2).join('-') : folder;
    const lines = texts.get(file).split('\n').length;
    const names = namesIn(texts.get(file));
    const fitting = groups.find(
      (group) =>
        group.part === part &&
        group.lines + lines <= linesOfGroup &&
        group.names.every((others) => !haveClash(names, others)),
    );
    if (fitting === undefined) groups.push({ part, lines, names: [names], files: [file] });
    else {
      fitting.lines += lines;
      fitting.names.push(names);
      fitting.files.push(file);
    }
  }
  // The slowest first, so that none is left for one core at the end.
  return [...alone, ...writeGroups(groups)];
}

/** Whether a name that one file has for itself means something else in the other. */
function haveClash(a, b) {
  return [...a.own].some((name) => b.said.has(name)) || [...b.own].some((name) => a.said.has(name));
}

/** Writes what changed only, or all would be compiled again. */
function writeGroups(groups) {
  mkdirSync(generated, { recursive: true });
  const written = new Map();
  const paths = groups.map(({ part, files }) => {
    if (files.length === 1) return files[0];
    const count = [...written.keys()].filter((other) => other.startsWith(`${part}.`)).length;
    const name = `${part}.${count + 1}.cpp`;
    written.set(name, files.map((file) => `#include "../../${file}"\n`).join(''));
    return join(generated, name);
  });
  for (const old of readdirSync(generated))
    if (old.startsWith(folder) && !written.has(old)) rmSync(join(generated, old));
  for (const [name, text] of written) {
    const path = join(generated, name);
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  }
  return paths;
}
