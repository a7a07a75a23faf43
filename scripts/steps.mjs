// Shows a long command as a few steps of a line each. What the programs of a step print goes to a
// file in logs/, which is named, with its last lines, when a step fails.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './run.mjs';

const titleWidth = 18;
const linesAfterFailure = 25;
const secondsBetweenLines = 20;

/** A failure that is explained by its message alone. */
export class StepError extends Error {}

export class Steps {
  #path;
  #log;

  /** @param name - of the command, after which the log is named. */
  constructor(name) {
    this.#path = join(root, 'logs', `${name}.log`);
  }

  /** Runs `body(task)`, whose result, if any, is shown behind the title. Ends the process if it fails. */
  async step(title, body) {
    const begin = Date.now();
    const line = new StepLine(title);
    this.#openLog();
    writeSync(this.#log, `\n== ${title}\n`);
    try {
      const outcome = await body(new Task(this.#log, line));
      line.end(`${outcome ?? 'done'} (${seconds(begin)})`);
    } catch (error) {
      line.end(`failed after ${seconds(begin)}`);
      this.#explain(error);
      process.exit(1);
    }
  }

  #openLog() {
    if (this.#log !== undefined) return;
    mkdirSync(join(root, 'logs'), { recursive: true });
    this.#log = openSync(this.#path, 'w');
  }

  #explain(error) {
    closeSync(this.#log);
    if (error instanceof StepError) console.error(`\n${error.message}\n`);
    else if (!(error instanceof CommandError)) throw error;
    else {
      const lines = readFileSync(this.#path, 'utf8').trimEnd().split('\n');
      console.error(`\n${lines.slice(-linesAfterFailure).join('\n')}\n\n${error.message}`);
      console.error(`All of it is in ${relative(process.cwd(), this.#path)}`);
    }
  }
}

class CommandError extends Error {}

/** What a step may do: run programs and tell how far they are. */
class Task {
  #log;
  #line;

  constructor(log, line) {
    this.#log = log;
    this.#line = line;
  }

  progress(text) {
    this.#line.update(text);
  }

  /** Runs a program with its output in the log; `onLine` sees each line of it. */
  async run(command, { onLine, ...options } = {}) {
    writeSync(this.#log, `$ ${command.join(' ')}\n`);
    const child = spawn(command[0], command.slice(1), {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    });
    for (const input of [child.stdout, child.stderr])
      createInterface({ input }).on('line', (text) => {
        writeSync(this.#log, `${text}\n`);
        onLine?.(text);
      });
    const ending = await new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (status, signal) => resolve(status === 0 ? '' : (signal ?? status)));
    });
    if (ending !== '') throw new CommandError(`failed (${ending}): ${command.join(' ')}`);
  }
}

/** A step's line: rewritten in place on a terminal, printed now and then elsewhere. */
class StepLine {
  #title;
  #lastLine = Date.now();

  constructor(title) {
    this.#title = title.padEnd(titleWidth);
    if (process.stdout.isTTY) process.stdout.write(`${this.#title}...`);
  }

  update(text) {
    if (process.stdout.isTTY) return void process.stdout.write(`\r\x1b[2K${this.#title}${text}`);
    if (Date.now() - this.#lastLine < 1000 * secondsBetweenLines) return;
    this.#lastLine = Date.now();
    console.log(`${this.#title}${text}`);
  }

  end(text) {
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[2K');
    console.log(`${this.#title}${text}`);
  }
}

function seconds(begin) {
  return duration((Date.now() - begin) / 1000);
}

/** 9.3 s, 48 s, 3 min 20 s. */
export function duration(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
