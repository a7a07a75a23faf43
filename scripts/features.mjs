// FEATURES.md: every public name of MLX and how it is spelled here, what is here beside it, and what
// differs on purpose. Run after a build; --check says whether the page is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import prettier from 'prettier';
import { absent, behaviour, language } from './features/differences.mjs';
import { root } from './run.mjs';

const page = join(root, 'FEATURES.md');
const require = createRequire(join(root, 'packages', 'optimizers', 'package.json'));
const mx = require('@mlx/core');
const nn = require('@mlx/nn');
const optimizers = require(join(root, 'packages', 'optimizers'));

/** Where the names of MLX's modules are, and how code calls that place. */
const homes = {
  'mlx.core': [mx, 'mx'],
  'mlx.core.array': [mx.array.prototype, 'a'],
  'mlx.utils': [mx, 'mx'],
  'mlx.nn': [nn, 'nn'],
  'mlx.nn (distributed)': [nn, 'nn'],
  'mlx.nn.init': [nn.init, 'nn.init'],
  'mlx.nn.losses': [nn.losses, 'nn.losses'],
  'mlx.optimizers': [optimizers, 'optim'],
};

/** Names that are not just MLX's in camelCase. */
const spellings = {
  __add__: 'add',
  __sub__: 'subtract',
  __mul__: 'multiply',
  __truediv__: 'divide',
  __floordiv__: 'floorDivide',
  __mod__: 'remainder',
  __pow__: 'power',
  __matmul__: 'matmul',
  __neg__: 'negative',
  __eq__: 'equal',
  __ne__: 'notEqual',
  __lt__: 'less',
  __le__: 'lessEqual',
  __gt__: 'greater',
  __ge__: 'greaterEqual',
  __and__: 'bitwiseAnd',
  __or__: 'bitwiseOr',
  __xor__: 'bitwiseXor',
  __invert__: 'bitwiseInvert',
  __lshift__: 'leftShift',
  __rshift__: 'rightShift',
  __getitem__: 'index',
  __setitem__: 'indexPut_',
  __len__: 'length',
  __repr__: 'toString',
  __call__: 'forward',
  __version__: '__version__',
  bool_: 'bool_',
};

function spelled(name) {
  return spellings[name] ?? name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}

function homeOf(module) {
  const own = module.replace('mlx.core.', '');
  return homes[module] ?? [mx[own] ?? {}, `mx.${own}`];
}

/** How code calls what MLX calls so, or undefined where it is not here. */
function spellingOf(module, name) {
  const [home, called] = homeOf(module);
  if (name === '__iter__') return Symbol.iterator in home ? 'for (const row of a)' : undefined;
  const [first, member] = name.split('.').map(spelled);
  if (!(first in home)) return undefined;
  if (member === undefined) return `${called}.${first}`;
  const owner = home[first];
  return member in owner.prototype || member in owner ? `${called}.${first}.${member}` : undefined;
}

/** The modules of MLX with their names. */
function readNames() {
  const text = readFileSync(join(root, 'scripts', 'features', 'mlx-names.txt'), 'utf8');
  const [, ...sections] = text.split(/\n\n# /);
  return sections.map((section) => {
    const [module, ...names] = section.trim().split('\n');
    return { module, names };
  });
}

function reasonFor(module, name) {
  const full = `${module}.${name}`;
  const [, reason] = absent.find(([begin]) => full.startsWith(begin)) ?? [];
  if (reason === undefined) throw new Error(`${full} is not here, and nothing says why`);
  return reason;
}

function sectionOf({ module, names }) {
  const rows = names.map((name) => {
    const spelling = spellingOf(module, name);
    return `| \`${name}\` | ${spelling ? `\`${spelling}\`` : `not here: ${reasonFor(module, name)}`} |`;
  });
  return [`### ${module}`, '', '| MLX | here |', '| --- | --- |', ...rows, ''];
}

/** What there is that no name of MLX is spelled like; nothing or one line. */
function beyond(title, exported, called, used) {
  const isOther = (name) => name !== 'constructor' && !used.has(`${called}.${name}`);
  const names = Object.keys(exported).filter(isOther);
  return names.length === 0 ? [] : [`- ${title}: ${names.map((name) => `\`${name}\``).join(', ')}`];
}

function differences(list) {
  return ['| what | why |', '| --- | --- |', ...list.map(([what, why]) => `| ${what} | ${why} |`)];
}

function write() {
  const modules = readNames();
  const all = modules.flatMap(({ module, names }) => names.map((name) => spellingOf(module, name)));
  const used = new Set(all);
  // Losses are functions of nn too, as in MLX.
  for (const name of Object.keys(nn.losses)) used.add(`nn.${name}`);
  for (const name of ['losses', 'init']) used.add(`nn.${name}`);
  for (const name of ['fast', 'linalg', 'fft', 'random', 'metal', 'cuda', 'utils', 'distributed'])
    used.add(`mx.${name}`);
  const here = all.filter((spelling) => spelling !== undefined).length;
  return [
    '# What is here of MLX',
    '',
    '<!-- Written by scripts/features.mjs; change that or scripts/features/, and run it. -->',
    '',
    `${here} of the ${all.length} public names of MLX 0.32, all but those that the tables call not`,
    'here. `mx` is `@mlx/core`, `nn` is `@mlx/nn`, `optim` is `@mlx/optimizers`, `a` an array.',
    '',
    '## What differs on purpose',
    '',
    'Because the language is another one:',
    '',
    ...differences(language),
    '',
    'In what is computed:',
    '',
    ...differences(behaviour),
    '',
    '## Beyond MLX',
    '',
    ...beyond('`@mlx/core`', mx, 'mx', used),
    ...beyond('arrays', Object.getOwnPropertyDescriptors(mx.array.prototype), 'a', used),
    ...beyond('`@mlx/nn`', nn, 'nn', used),
    ...beyond('`@mlx/optimizers`', optimizers, 'optim', used),
    '',
    '## Name by name',
    '',
    ...modules.flatMap(sectionOf),
  ].join('\n');
}

const settings = await prettier.resolveConfig(page);
const text = await prettier.format(write(), { ...settings, parser: 'markdown' });
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.error('FEATURES.md is out of date: node scripts/features.mjs writes it');
  process.exit(1);
}
