// pnpm fuzz --kind calls|files|graphs --seed N --minutes M: random programs against the built
// packages, until the time or the count is over. Prints what fell, as programs that node runs, and
// ends with one line of figures.
import { availableParallelism, tmpdir } from 'node:os';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findTargets } from './exports.mjs';
import { printProgram } from './program.mjs';
import { shrink, signatureOf } from './shrink.mjs';
import { runChild } from './supervisor.mjs';

const { values: options } = parseArgs({
  options: {
    kind: { type: 'string', multiple: true, default: ['calls', 'files', 'graphs'] },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1' },
    cases: { type: 'string', default: 'Infinity' },
    from: { type: 'string', default: '0' },
    only: { type: 'string', default: '' },
    workers: { type: 'string', default: String(availableParallelism()) },
    // Whether errors that say the wrong thing count too, and not only what ends a process.
    messages: { type: 'boolean', default: false },
    shrink: { type: 'string', default: '20' },
  },
});

const casesAChild = 20_000;
// Files and positions are written often, so into memory where there is such a folder.
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mlx-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let showFigures = () => undefined;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    showFigures();
    process.exit(1);
  });

let isSound = true;
for (const kind of options.kind) isSound = (await fuzz(kind)) && isSound;
process.exitCode = isSound ? 0 : 1;

/** Fuzzes one kind and prints its line; whether nothing was found. */
async function fuzz(kind) {
  const targets = kind === 'calls' ? selectedTargets() : [];
  const job = {
    kind,
    seed: Number(options.seed),
    folder,
    targets,
    memoryLimit: 256 * 2 ** 20,
    cacheLimit: 2 ** 26,
  };
  const begin = Date.now();
  const deadline = begin + Number(options.minutes) * 60_000;
  const total = {
    counts: {},
    findings: new Map(),
    ends: { crash: 0, hang: 0, memory: 0 },
    peakBytes: 0,
  };
  const last = Number(options.from) + Number(options.cases);
  let next = Number(options.from);
  const work = async () => {
    while (Date.now() < deadline && next < last) {
      let from = next;
      const to = Math.min((next += casesAChild), last);
      while (from < to && Date.now() < deadline) {
        const outcome = await runChild({ ...job, from, to, milliseconds: deadline - Date.now() });
        add(total, outcome);
        from = outcome.next;
      }
    }
  };
  showFigures = () => console.log(figures(kind, total, (Date.now() - begin) / 1000));
  await Promise.all(Array.from({ length: Number(options.workers) }, work));
  const seconds = (Date.now() - begin) / 1000;
  showFigures = () => undefined;
  await report(job, total);
  console.log(figures(kind, total, seconds));
  const { crash, hang, memory } = total.ends;
  return crash + hang + memory === 0 && (!options.messages || total.findings.size === 0);
}

/** What calls may call, grouped by what is exported; methods of arrays stand by themselves. */
function selectedTargets() {
  const groups = new Map();
  for (const target of findTargets()) {
    const full = `${target.path}.${target.name}`;
    if (!full.includes(options.only)) continue;
    const group = target.path === 'mx.array' ? full : target.path;
    groups.set(group, [...(groups.get(group) ?? []), target]);
  }
  return [...groups.values()];
}

function add(total, outcome) {
  for (const [kind, count] of Object.entries(outcome.counts))
    total.counts[kind] = (total.counts[kind] ?? 0) + count;
  total.peakBytes = Math.max(total.peakBytes, outcome.peakBytes);
  const found = [...outcome.findings];
  if (outcome.end !== undefined) {
    total.ends[outcome.end.kind]++;
    found.push({ ...outcome.end, label: outcome.end.kind, fault: outcome.end.text });
  }
  for (const finding of found) {
    const signature = signatureOf(
      finding.kind ? { ...finding, kind: `${finding.kind} ${finding.index}` } : finding,
    );
    const known = total.findings.get(signature);
    if (known === undefined) total.findings.set(signature, { ...finding, count: 1 });
    else known.count++;
  }
}

/** Prints the findings, the worst first. */
async function report(job, total) {
  const findings = [...total.findings.values()].sort(
    (a, b) => rank(a) - rank(b) || b.count - a.count,
  );
  let left = Number(options.shrink);
  for (const finding of findings) {
    console.log(
      `\n--- ${finding.label} (${finding.count} times, case ${finding.index}): ${finding.fault}`,
    );
    if (left-- <= 0) {
      if (finding.program) console.log(printProgram(finding.program));
      continue;
    }
    const { program, isAlone } = await shrink({ ...job, milliseconds: 60_000 }, finding);
    if (!isAlone)
      console.log(
        `// only after other cases: --seed ${job.seed} --from ${Math.max(0, finding.index - casesAChild)}`,
      );
    if (program !== undefined) console.log(printProgram(program));
  }
}

function rank({ kind }) {
  return ['crash', 'hang', 'memory', undefined].indexOf(kind);
}

function figures(kind, { counts, findings, ends, peakBytes }, seconds) {
  const count = Object.values(counts).reduce((sum, one) => sum + one, 0);
  const errors = Object.entries(counts)
    .sort()
    .map(([name, n]) => `${name} ${n}`)
    .join(', ');
  return (
    `fuzz ${kind}: seed ${options.seed}, ${count} ${kind} in ${seconds.toFixed(0)} s (${errors}); ` +
    `${findings.size} findings, ${ends.crash} crashes, ${ends.hang} hangs, ${ends.memory} over memory; ` +
    `peak ${Math.round(peakBytes / 2 ** 20)} MiB at a limit of 256`
  );
}
