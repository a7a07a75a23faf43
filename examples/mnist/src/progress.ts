import { Presets, SingleBar } from 'cli-progress';
import type { Progress } from './train';

/** Shows how training goes: a bar on a terminal, a plain line now and then elsewhere. */
export class ProgressReport {
  readonly #begin = performance.now();
  readonly #bar: SingleBar | null;
  #smoothedLoss = NaN;
  #nextLine = 0;

  constructor() {
    this.#bar = process.stdout.isTTY
      ? new SingleBar(
          {
            format: '{bar} {percentage} % | loss {loss} | {rate} images/s | {left} left',
            hideCursor: true,
          },
          Presets.shades_classic,
        )
      : null;
  }

  update(progress: Progress): void {
    const { step, steps, images, loss } = progress;
    this.#smoothedLoss = step === 1 ? loss : 0.95 * this.#smoothedLoss + 0.05 * loss;
    const seconds = (performance.now() - this.#begin) / 1000;
    const payload = {
      loss: this.#smoothedLoss.toFixed(4),
      rate: Math.round(images / seconds).toLocaleString('en-US'),
      left: `${Math.ceil((seconds / step) * (steps - step))} s`,
    };
    if (this.#bar) {
      if (step === 1) this.#bar.start(steps, 0, payload);
      this.#bar.update(step, payload);
    } else if (step >= this.#nextLine || step === steps) {
      this.#nextLine = step + steps / 10;
      const share = Math.round((100 * step) / steps);
      console.log(
        `${String(share).padStart(3)} % | loss ${payload.loss} | ${payload.rate} images/s | ` +
          `${payload.left} left`,
      );
    }
  }

  stop(): void {
    this.#bar?.stop();
  }
}
