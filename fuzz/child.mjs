// The process that runs cases. It writes the number of the case it is at into a file, which tells
// the supervisor what it was doing when it died or hung.
import { openSync, readFileSync, writeSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { kinds } from './kinds.mjs';
import { loadPackages } from './packages.mjs';
import { runProgram } from './program.mjs';
import { Random } from './random.mjs';

const job = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { libraries } = loadPackages();
const folder = join(job.folder, `child-${process.pid}`);
mkdirSync(folder, { recursive: true });
process.chdir(folder);

const { mx } = libraries;
const kind = kinds[job.kind];
const environment = kind.prepare(job, libraries);
const position = openSync(job.position, 'r+');
const mark = Buffer.alloc(8);

/** Puts back what a case may have changed for all that follow. */
function reset() {
  mx.setMemoryLimit(job.memoryLimit);
  mx.setCacheLimit(job.cacheLimit);
  mx.setDefaultDevice(mx.cpu);
  mx.enableCompile();
  mx.setPrintoptions({ precision: -1 });
}

process.on('unhandledRejection', () => undefined);
process.on('uncaughtException', (error) => {
  process.send({
    finding: { index, label: 'uncaught', fault: `uncaught: ${error?.stack ?? error}` },
  });
});

let index = job.from;
let counts = {};
reset();
const begin = Date.now();
for (; index < job.to && Date.now() - begin < job.milliseconds; index++) {
  mark.writeDoubleLE(index);
  writeSync(position, mark, 0, 8, 0);
  const random = new Random(job.seed, index);
  mx.random.seed(index);
  const program = job.program ?? kind.make(random, job, environment);
  if (job.describe) {
    process.send({ program, counts: {}, next: index + 1 });
    continue;
  }
  const { kind: errorKind, fault } = await runProgram(program, libraries, environment);
  if (fault !== undefined)
    process.send({ finding: { index, label: program.label, fault, program } });
  const counted = fault === undefined ? errorKind : 'faulty';
  counts[counted] = (counts[counted] ?? 0) + 1;
  reset();
  // Promises and finalizers get their turn.
  if (index % 256 === 0) {
    mx.clearStreams();
    await new Promise((resolve) => setImmediate(resolve));
    process.send({ counts, next: index + 1 });
    counts = {};
  }
}
process.send({ counts, next: index, done: true }, () => process.exit(0));
