// Programs of the fuzzer: a list of statements that runs as a function and prints as a file.
import { join } from 'node:path';
import { root } from '../scripts/run.mjs';
import { judge } from './oracle.mjs';
import { settle } from './settle.mjs';

const AsyncFunction = (async () => undefined).constructor;

/** Runs a program; gives the class of its error, 'none', or what is wrong. */
export async function runProgram(program, libraries, environment) {
  const { mx, nn, optim } = libraries;
  const text = program.statements.map((statement) => statement.text).join('\n');
  let names = program.names;
  try {
    const body = (program.isAsync ? AsyncFunction : Function)('mx', 'nn', 'optim', 'given', text);
    const result = body(mx, nn, optim, environment);
    // What fails while computing is named after the operation that computes.
    names = [];
    await settle(result, mx);
    return { kind: 'none' };
  } catch (error) {
    return judge(error, { ...program, names }, mx);
  }
}

/** The program as a file that node runs. */
export function printProgram(program) {
  const package_ = (folder) => JSON.stringify(join(root, 'packages', folder, 'dist', 'index.js'));
  const lines = program.statements.map(({ text }) => `  ${text.replaceAll('\n', '\n  ')}`);
  return [
    `const [mx, nn, optim] = [${['core', 'nn', 'optimizers'].map((one) => `require(${package_(one)})`).join(', ')}];`,
    ...(program.preamble ?? []),
    `(${program.isAsync ? 'async ' : ''}() => {`,
    ...lines,
    `})();`,
  ].join('\n');
}
