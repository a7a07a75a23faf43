import {
  checkCount,
  checkReceivers,
  describe,
  isPlainObject,
  nonNegativeInteger,
  number,
  optional,
  positiveInteger,
  readKind,
  reader,
  string,
  type Kind,
} from '@mlx/core/calls';
import { RunningMean } from './running-mean';

/** Where a {@link ProgressLine} is written: Node's streams are such. */
export interface ProgressOutput {
  write(text: string): unknown;
  /** Whether a line can be rewritten in place. */
  readonly isTTY?: boolean | undefined;
  /** The width of the terminal. */
  readonly columns?: number | undefined;
}

/** What a step of training tells. */
export interface StepReport {
  /** The step's loss, which is shown as a running mean. */
  loss?: number | undefined;
  /** How many items (images, tokens) the step saw; default: none are shown. */
  items?: number | undefined;
  /** Shown after the rest until another comes, such as the loss on held-out data. */
  note?: string | undefined;
}

/** Options of {@link ProgressLine}. */
export interface ProgressLineOptions {
  /** What the items of a step are, in the plural; default: 'items'. */
  unit?: string | undefined;
  /** Where to write; default: process.stdout. */
  output?: ProgressOutput | undefined;
}

const output: Kind<ProgressOutput | null> = {
  text: 'something with write(text), such as process.stdout',
  fits: (value) => typeof (value as Partial<ProgressOutput> | null)?.write === 'function',
};

const readProgressLine = reader('ProgressLine', {
  steps: positiveInteger,
  unit: optional(string, 'items'),
  output: optional(output, null),
});

const fields = { loss: number, items: number, note: string };
const barWidth = 24;

/**
 * Shows how training goes: one line that is rewritten in place on a terminal, a plain line for each
 * tenth of the steps, and for each new note, elsewhere.
 *
 * @example
 * ```ts
 * import { ProgressLine } from '@mlx/optimizers';
 *
 * const lines: string[] = [];
 * const output = { write: (text: string) => lines.push(text) };
 * const progress = new ProgressLine(2, { output });
 * progress.update(1, { loss: 0.5 });
 * progress.update(2, { loss: 0.5, note: 'accuracy 90 %' });
 * progress.stop();
 * lines[1]; // => '100 % | loss 0.5000 | 0 s left | accuracy 90 %\n'
 * ```
 */
export class ProgressLine {
  readonly #steps: number;
  readonly #unit: string;
  readonly #output: ProgressOutput;
  readonly #begin = performance.now();
  readonly #loss = new RunningMean();
  #stepsHere = 0;
  #items = 0;
  #nextLine = 0;
  #note = '';
  #shown = '';

  static {
    const isReceiver = (value: unknown): boolean =>
      value instanceof ProgressLine && #shown in value;
    checkReceivers(this, isReceiver, 'a ProgressLine');
  }

  /**
   * @param steps - how many steps there will be in all.
   * @param unit - what the items of a step are, in the plural; default 'items'.
   * @param output - where to write; default process.stdout.
   */
  constructor(steps: number, unit?: string, output?: ProgressOutput);
  constructor(steps: number, options: ProgressLineOptions);
  constructor(...values: unknown[]) {
    const { steps, unit, output } = readProgressLine(values);
    this.#steps = steps;
    this.#unit = unit;
    this.#output = output ?? process.stdout;
  }

  /**
   * Shows that a step is done; steps count from 1, and a resumed training begins with a later one.
   *
   * @param step - the number of the step, from 1.
   * @param report - what to show beside it; default: nothing.
   */
  update(step: number, report: StepReport = {}): void {
    checkCount(arguments.length, 2, 'ProgressLine.update');
    const name = 'ProgressLine.update';
    readKind(nonNegativeInteger, step, name, 'step');
    if (!isPlainObject(report))
      throw new TypeError(`[${name}] report must be an object, but got ${describe(report)}.`);
    for (const [key, kind] of Object.entries(fields))
      if (report[key] !== undefined) readKind<unknown>(kind, report[key], name, key);
    const { loss, items, note } = report as StepReport;

    this.#stepsHere += 1;
    this.#items += items ?? 0;
    if (loss !== undefined) this.#loss.add(loss);
    const isNews = note !== undefined && note !== this.#note;
    this.#note = note ?? this.#note;
    const share = Math.min(step / this.#steps, 1);
    const percent = `${String(Math.round(100 * share)).padStart(3)} %`;
    if (this.#output.isTTY) {
      const filled = Math.round(barWidth * share);
      const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
      this.#rewrite(`${bar} ${percent} | ${this.#text(step)}`);
    } else if (step >= this.#nextLine || step === this.#steps || isNews) {
      this.#nextLine = step + this.#steps / 10;
      this.#output.write(`${percent} | ${this.#text(step)}\n`);
    }
  }

  #text(step: number): string {
    const seconds = (performance.now() - this.#begin) / 1000;
    const parts: string[] = [];
    if (!Number.isNaN(this.#loss.value)) parts.push(`loss ${this.#loss.value.toFixed(4)}`);
    if (this.#items > 0)
      parts.push(`${Math.round(this.#items / seconds).toLocaleString('en-US')} ${this.#unit}/s`);
    const left = (seconds / this.#stepsHere) * Math.max(this.#steps - step, 0);
    parts.push(`${Math.ceil(left)} s left`);
    if (this.#note !== '') parts.push(this.#note);
    return parts.join(' | ');
  }

  #rewrite(line: string): void {
    // A longer line would wrap, and could not be rewritten.
    this.#shown = line.slice(0, (this.#output.columns ?? 80) - 1);
    this.#output.write(`\r\x1b[2K${this.#shown}`);
  }

  /**
   * Writes a line that stays, above the progress.
   *
   * @param line - the text, without its end of line.
   */
  say(line: string): void {
    checkCount(arguments.length, 1, 'ProgressLine.say');
    readKind(string, line, 'ProgressLine.say', 'line');
    if (!this.#output.isTTY) return void this.#output.write(`${line}\n`);
    this.#output.write(`\r\x1b[2K${line}\n`);
    if (this.#shown !== '') this.#output.write(this.#shown);
  }

  /** Ends the line, so that what is printed next gets one of its own. */
  stop(): void {
    checkCount(arguments.length, 0, 'ProgressLine.stop');
    if (this.#shown !== '') this.#output.write('\n');
    this.#shown = '';
  }
}
