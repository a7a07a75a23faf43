import { Presets, SingleBar } from 'cli-progress';
import { RunningMean } from './running-mean';

/** What training tells after each step. */
export interface Progress {
  /** The step just done, from 1 on. */
  step: number;
  steps: number;
  /** How many items (images, tokens) this step saw. */
  items: number;
  loss: number;
  /** Shown after the rest, such as the loss on held-out data. */
  note?: string;
}

/** Shows how training goes: a bar on a terminal, a plain line now and then elsewhere. */
export class ProgressReport {
  readonly #unit: string;
  readonly #begin = performance.now();
  readonly #bar: SingleBar | null;
  #stepsHere = 0;
  #items = 0;
  readonly #loss = new RunningMean();
  #nextLine = 0;
  #note = '';

  /** @param unit - what the items of a step are, in the plural. */
  constructor(unit: string) {
    this.#unit = unit;
    this.#bar = process.stdout.isTTY
      ? new SingleBar(
          { format: '{bar} {percentage} % | {text}', hideCursor: true },
          Presets.shades_classic,
        )
      : null;
  }

  update({ step, steps, items, loss, note }: Progress): void {
    this.#stepsHere += 1;
    this.#items += items;
    const smoothedLoss = this.#loss.add(loss);
    const isNews = note !== undefined && note !== this.#note;
    this.#note = note ?? this.#note;

    const seconds = (performance.now() - this.#begin) / 1000;
    const parts = [
      `loss ${smoothedLoss.toFixed(4)}`,
      `${Math.round(this.#items / seconds).toLocaleString('en-US')} ${this.#unit}/s`,
      `${Math.ceil((seconds / this.#stepsHere) * (steps - step))} s left`,
    ];
    if (this.#note !== '') parts.push(this.#note);
    const text = parts.join(' | ');
    if (this.#bar) {
      if (this.#stepsHere === 1) this.#bar.start(steps, step, { text });
      this.#bar.update(step, { text });
    } else if (step >= this.#nextLine || step === steps || isNews) {
      this.#nextLine = step + steps / 10;
      const share = Math.round((100 * step) / steps);
      console.log(`${String(share).padStart(3)} % | ${text}`);
    }
  }

  /** A line that stays, above the bar. */
  say(line: string): void {
    if (this.#bar) process.stdout.write('\r\x1b[2K');
    console.log(line);
  }

  stop(): void {
    this.#bar?.stop();
  }
}
