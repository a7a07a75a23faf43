// docs/gpu.md: the tables of what runs where and of what was executed on which hardware, from the
// sources, the list of suites, the operation table and docs/gpu-runs; and what the emulator says of
// planted bugs, from its test. Run after a build with --tests; --check says whether the page is up to
// date.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import prettier from 'prettier';
import { gpuParts, gpuSuites, gpus } from './gpu-suites.mjs';
import { capture, root } from './run.mjs';

const page = join(root, 'docs', 'gpu.md');
const native = join(root, 'native');

const sections = {
  kinds: kindsTable,
  rows: rowsTable,
  executed: executedTable,
  runs: runsTable,
  bugs: plantedBugs,
};

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

// ---- Which kinds of node have kernels, read off the definitions of eval_gpu and eval_cpu.

/** The classes of a folder that define a function, by the name of the file. */
function definitions(folder, member) {
  const found = new Map();
  for (const name of readdirSync(join(native, 'src', folder), { recursive: true }).sort()) {
    if (!name.endsWith('.cpp')) continue;
    const text = readFileSync(join(native, 'src', folder, name), 'utf8');
    const classes = [...text.matchAll(new RegExp(`^void (\\w+)::${member}\\(`, 'gm'))];
    if (classes.length > 0) found.set(basename(name, '.cpp'), classes.map(([, one]) => one).sort());
  }
  return found;
}

/** Classes whose header says that every device computes them as the CPU does. */
function ofAnyDevice() {
  const folder = join(native, 'src', 'primitives');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.h'))
    .flatMap((name) => [
      ...readFileSync(join(folder, name), 'utf8').matchAll(/^class (\w+)[^]*?^};/gm),
    ])
    .filter(([text]) => /eval_gpu\([^)]*\) override \{/.test(text))
    .map(([, name]) => name);
}

function kindsTable() {
  const onGpu = definitions('gpu', 'eval_gpu');
  const withKernels = new Set([...onGpu.values()].flat());
  const definedIn = (folder) =>
    [...definitions(folder, 'eval_cpu').values()].flat().filter((one) => !withKernels.has(one));
  const cpu = definedIn('cpu');
  const anywhere = new Set([
    ...definedIn('primitives'),
    ...ofAnyDevice().filter((one) => cpu.includes(one)),
  ]);
  const list = (kinds) => [...kinds].sort().join(', ');
  return table(
    ['kinds of node', 'where they are computed'],
    [
      ...[...onGpu].map(([file, kinds]) => [kinds.join(', '), `GPU: \`gpu/${file}.cpp\``]),
      [list(anywhere), 'on any device: views and hand-overs that touch no element'],
      [
        list(cpu.filter((one) => !anywhere.has(one))),
        'CPU, also while the GPU is the default device',
      ],
      [list(definedIn('distributed')), 'CPU: what processes send each other'],
    ],
  );
}

// ---- The operation table's rows. They are TypeScript that no package has compiled.

function operationTable() {
  const require = createRequire(join(root, 'package.json'));
  const ts = require('typescript');
  require.extensions['.ts'] = (module, path) => {
    const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    module._compile(outputText, path);
  };
  const folder = join(root, 'packages', 'core', 'src', 'operation-table');
  const load = (file) => require(join(folder, file));
  const families = [
    ...readFileSync(join(folder, 'table.ts'), 'utf8').matchAll(/^ {2}\.\.\.(\w+),$/gm),
  ];
  const { float64 } = require(join(root, 'packages', 'core', 'src', 'index.ts'));
  const files = [
    ...readFileSync(join(folder, 'table.ts'), 'utf8').matchAll(/\{ (\w+) \} from '(.+)'/g),
  ];
  return families.map(([, name]) => {
    const [, , file] = files.find(([, exported]) => exported === name);
    const operations = load(`${file}.ts`)[name];
    const pairs = operations.flatMap(({ dtypes }) => dtypes.filter((dtype) => dtype !== float64));
    return { name: file.replace('./', '').replaceAll('-', ' '), rows: operations.length, pairs };
  });
}

function rowsTable() {
  const families = operationTable();
  const sum = (of) => families.reduce((total, family) => total + of(family), 0);
  return table(
    ['family of the operation table', 'rows', 'operations × dtypes'],
    [
      ...families.map(({ name, rows, pairs }) => [name, rows, pairs.length]),
      ['together', sum(({ rows }) => rows), sum(({ pairs }) => pairs.length)],
    ],
  );
}

// ---- What was executed: the suites that commands run, and the checks that cards passed.

function cardRuns() {
  const folder = join(root, 'docs', 'gpu-runs');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const [, device, date] = /^# (.+), (\d{4}-\d\d-\d\d)$/m.exec(text);
      const checks = new Map();
      for (const [, check, passed, failed] of text.matchAll(
        /^--- (\S+): (\d+) passed, (\d+) failed/gm,
      )) {
        const before = checks.get(check) ?? { passed: 0, failed: 0 };
        checks.set(check, {
          passed: before.passed + Number(passed),
          failed: before.failed + Number(failed),
        });
      }
      const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(text).map(Number);
      if (checks.size === 0) checks.set('C++', { passed, failed });
      const [, driver] = /Driver ([\d.]+\d)/.exec(text) ?? [];
      const [, commit] = /commit ([0-9a-f]+)/.exec(text) ?? [];
      return { name, device, date, driver, commit, checks, passed, failed };
    });
}

function onCard(part) {
  const check = gpuParts[part].onCard;
  const run = cardRuns().findLast(({ driver, checks }) => driver && checks.has(check));
  if (run === undefined) return '–';
  const { passed, failed } = run.checks.get(check);
  return `${passed} passed, ${failed} failed, [${run.date}](gpu-runs/${run.name})`;
}

function executedTable() {
  const cell = (part, gpu) =>
    gpuSuites
      .filter((suite) => suite.part === part && suite.gpu === gpu)
      .map(({ tier, note }) => `\`${tier}\`${note === undefined ? '' : ` (${note})`}`)
      .join(', ') || '–';
  return table(
    ['what', ...Object.values(gpus), 'a card'],
    Object.entries(gpuParts).map(([part, { title }]) => [
      title,
      ...Object.keys(gpus).map((gpu) => cell(part, gpu)),
      onCard(part),
    ]),
  );
}

function runsTable() {
  return table(
    ['hardware', 'date', 'driver', 'commit', 'checks passed', 'failed'],
    cardRuns().map(({ name, device, date, driver, commit, passed, failed }) => [
      `[${device}](gpu-runs/${name})`,
      date,
      driver ?? '–',
      commit ?? '–',
      passed,
      failed,
    ]),
  );
}

// ---- What the emulator says of bugs. The lines are those of the text that is compiled.

function plantedBugs() {
  const program = join(native, 'build', 'Release', 'mlx_tests');
  const { status, output } = capture([program, '--test-case=gpu seeded bug*'], {
    env: { ...process.env, MLX_PRINT_BUGS: '1' },
  });
  if (status !== 0) throw new Error(`the planted bugs are not found:\n${output}`);
  const said = output
    .split('\n')
    .filter((line) => line !== '' && !/^(\[doctest\]|=+$)/.test(line))
    .map((line) => (line.startsWith(' ') ? line : `\n${line}`));
  return `\`\`\`\n${said.join('\n').trim()}\n\`\`\``;
}

/** The page with its sections written anew, where this machine can. */
function write(text) {
  for (const [name, content] of Object.entries(sections)) {
    const part = new RegExp(`(<!-- ${name}: [^>]*-->)[^]*?(<!-- end -->)`);
    if (!part.test(text)) throw new Error(`docs/gpu.md has no section ${name}`);
    // Other compilers have other words.
    if (name === 'bugs' && process.platform !== 'linux') continue;
    text = text.replace(part, (_, begin, end) => `${begin}\n\n${content()}\n\n${end}`);
  }
  return text;
}

/** Without what differs from compiler to compiler: lines, and clang's words where there is a clang. */
function comparable(text) {
  return text
    .replace(/, at line \d+: .*$/gm, '')
    .replace(/^a wrong address space:\n[^]*?\n(?=\n|```)/gm, '')
    .replace(/\n{2,}/g, '\n\n');
}

const before = readFileSync(page, 'utf8');
const settings = await prettier.resolveConfig(page);
const text = await prettier.format(write(before), { ...settings, parser: 'markdown' });
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (comparable(before) !== comparable(text)) {
  console.error('docs/gpu.md is out of date: node scripts/gpu-page.mjs writes it');
  process.exit(1);
}
