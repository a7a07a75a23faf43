// Whether what the repository's pages link to is there: files, folders and headings. Pages elsewhere
// are not asked for, so that the check needs no network. Whether the guide names each variable of the
// environment that is the engine's own, and whether the README shows the ratios that were measured last.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { capture, root } from './run.mjs';

const listed = capture(['git', 'ls-files', '-co', '--exclude-standard', '*.md']).output;
const pages = listed.split('\n').filter((page) => page !== '' && existsSync(join(root, page)));
const problems = [...pages.flatMap(problemsOf), ...unnamedVariables(), ...staleRatios()];
for (const problem of problems) console.error(problem);
console.log(`documents: ${pages.length} pages checked, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** A page without what code shows. */
function proseOf(page) {
  const text = readFileSync(join(root, page), 'utf8');
  return text
    .replace(/^```[^]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ''));
}

function problemsOf(page) {
  const prose = proseOf(page);
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)];
  const references = [...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)];
  const images = [...prose.matchAll(/(?:src|srcset|href)="([^"]+)"/g)];
  return [...inline, ...references, ...images]
    .map(([, target]) => target)
    .filter((target) => !/^(https?:|mailto:)/.test(target))
    .filter((target) => !isThere(page, target))
    .map((target) => `${page}: ${target} is not there`);
}

function isThere(page, target) {
  const [path, heading] = decodeURI(target).split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, file))) return false;
  return heading === undefined || (file.endsWith('.md') && headingsOf(file).has(heading));
}

/** The headings of a page as GitHub names them in links. */
function headingsOf(page) {
  const text = readFileSync(join(root, page), 'utf8').replace(/^```[^]*?^```/gm, '');
  const names = [...text.matchAll(/^#+ +(.*?) *#*$/gm)].map(([, title]) =>
    title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set(names);
}

function unnamedVariables() {
  const sources = capture([
    'git',
    'grep',
    '-h',
    'getenv(',
    '--',
    'native/src',
    'native/addon',
  ]).output;
  const guide = readFileSync(join(root, 'docs', 'guide', 'debugging.md'), 'utf8');
  return [...new Set([...sources.matchAll(/getenv\("(MLX_\w+)"\)/g)].map(([, name]) => name))]
    .filter((name) => !guide.includes(name))
    .map((name) => `docs/guide/debugging.md does not name ${name}`);
}

function staleRatios() {
  const rowsOf = (page) =>
    readFileSync(join(root, page), 'utf8')
      .split('\n')
      .filter((line) => /^\| .* \| +[\d.]+ +\| +([\d.]+|–) +\|/.test(line))
      .map((line) =>
        line
          .split('|')
          .slice(1, 4)
          .map((cell) => cell.trim())
          .join(' | '),
      );
  const measured = new Set(rowsOf(join('benchmarks', 'README.md')));
  return rowsOf('README.md')
    .filter((row) => !measured.has(row))
    .map((row) => `README.md: benchmarks/README.md has no row ${row}`);
}
