// Makes a failing program smaller while it still fails in the same way.
import { runChild } from './supervisor.mjs';

const mostTries = { crash: 60, memory: 30, hang: 3 };
const mostTriesForMessages = 12;

/** The program of a case, as small as the tries allow, and whether the case fails by itself. */
export async function shrink(job, finding) {
  const range = { from: finding.index, to: finding.index + 1 };
  const program = finding.program ?? (await runChild({ ...job, describe: true, ...range })).program;
  if (program === undefined) return { program, isAlone: false };
  const signature = signatureOf(finding);
  let tries = 0;
  const fails = async (candidate) => {
    tries++;
    const outcome = await runChild({ ...job, program: candidate, ...range });
    const found = outcome.end ?? outcome.findings[0];
    return found !== undefined && signatureOf({ label: finding.label, ...found }) === signature;
  };
  if (!(await fails(program))) return { program, isAlone: false };
  let smallest = program;
  const limit = mostTries[finding.kind] ?? mostTriesForMessages;
  for (let i = smallest.statements.length - 1; i >= 0 && tries < limit; i--)
    for (const text of ['', ...smallest.statements[i].simpler]) {
      if (tries >= limit) break;
      const statements = smallest.statements.map((one, j) =>
        i === j ? { text, simpler: [] } : one,
      );
      const candidate = { ...smallest, statements: statements.filter((one) => one.text !== '') };
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      break;
    }
  return { program: smallest, isAlone: true };
}

/** What makes two findings one: where, and how, without the numbers and names in it. */
export function signatureOf({ label, kind, fault }) {
  const how =
    kind ??
    fault
      .replace(/array\(.*\)/s, 'array')
      .replace(/-?\d[\d.e+n]*/g, '#')
      .slice(0, 120);
  return `${label}: ${how}`;
}
