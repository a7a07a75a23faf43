// Runs cases in child processes, one after another, and sees how they end: a death, a standstill or
// too much memory ends the child, is noted with the case that it was at, and the next one goes on.
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

const childProgram = fileURLToPath(new URL('child.mjs', import.meta.url));
/** No end is 20 s of computing, or of waiting where the machine is not busy with other things. */
const hangMilliseconds = 20_000;
const waitMilliseconds = 6 * hangMilliseconds;
const pollMilliseconds = 200;
/** What a process may need beyond the limit of the engine's memory. */
const spareBytes = 300 * 2 ** 20;

let jobs = 0;

/**
 * Runs one child over a range of cases. Resolves to { next, counts, findings, end, peakBytes }: end
 * is undefined for a child that got through, or { kind: crash | hang | memory, index, text }.
 */
export function runChild(job) {
  const path = join(job.folder, `job-${process.pid}-${++jobs}`);
  const position = `${path}.position`;
  writeFileSync(position, Buffer.alloc(8));
  writeFileSync(`${path}.json`, JSON.stringify({ ...job, position }));
  const child = fork(childProgram, [`${path}.json`], {
    execArgv: ['--no-warnings', '--max-old-space-size=512'],
    env: { ...process.env, MLX_NUM_THREADS: '2', NODE_DISABLE_COLORS: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const outcome = {
    next: job.from,
    counts: {},
    findings: [],
    peakBytes: 0,
    end: undefined,
    isDone: false,
  };
  let errorOutput = '';
  child.stderr.on('data', (text) => (errorOutput = (errorOutput + text).slice(-4000)));
  child.on('message', (message) => receive(outcome, message));
  return new Promise((resolve) => {
    let last = -1;
    let since = Date.now();
    let computed = 0;
    const timer = setInterval(() => {
      outcome.peakBytes = Math.max(outcome.peakBytes, peakOf(child.pid));
      const at = readPosition(position);
      const computing = computingOf(child.pid);
      if (at !== last) [last, since, computed] = [at, Date.now(), computing];
      if (computing - computed > hangMilliseconds || Date.now() - since > waitMilliseconds)
        stop('hang', 'no end within 20 s');
      else if (outcome.peakBytes > job.memoryLimit + spareBytes)
        stop('memory', `${Math.round(outcome.peakBytes / 2 ** 20)} MiB resident`);
    }, pollMilliseconds);
    const stop = (kind, text) => {
      outcome.end ??= { kind, index: readPosition(position), text };
      child.kill('SIGKILL');
    };
    child.on('exit', (code, signal) => {
      clearInterval(timer);
      if (!outcome.isDone && outcome.end === undefined)
        outcome.end = {
          kind: 'crash',
          index: readPosition(position),
          text: `${signal ?? `exit code ${code}`} ${errorOutput.trim().slice(0, 600)}`,
        };
      if (outcome.end !== undefined) outcome.next = Math.max(outcome.next, outcome.end.index + 1);
      resolve(outcome);
    });
  });
}

function receive(outcome, message) {
  if (message.finding) outcome.findings.push(message.finding);
  if (message.program) outcome.program = message.program;
  if (message.done) outcome.isDone = true;
  if (!message.counts) return;
  outcome.next = message.next;
  for (const [kind, count] of Object.entries(message.counts))
    outcome.counts[kind] = (outcome.counts[kind] ?? 0) + count;
}

function readPosition(path) {
  return readFileSync(path).readDoubleLE(0);
}

/** The most memory that a process has had in use; 0 where the system does not tell. */
function peakOf(pid) {
  try {
    const [, kilobytes] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** The milliseconds that a process has computed; 0 where the system does not tell. */
function computingOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    // Ticks of a hundredth of a second, in the program and in the system for it.
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return 0;
  }
}
