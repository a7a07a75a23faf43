import { checkCount, checkReceivers, number, readKind, reader } from '@mlx/core/calls';
import { kept } from '../kinds';

const readRunningMean = reader('RunningMean', { decay: kept(0.95) });

/**
 * An exponential moving average of numbers, such as losses, without the pull of its start: the
 * weights of all values add up to 1.
 *
 * @example
 * ```ts
 * import { RunningMean } from '@mlx/optimizers';
 *
 * const mean = new RunningMean(0.5);
 * [mean.add(4), mean.add(1)]; // => [4, 2]
 * ```
 */
export class RunningMean {
  readonly decay: number;
  #sum = 0;
  #weight = 0;

  static {
    const isReceiver = (value: unknown): boolean => value instanceof RunningMean && #sum in value;
    checkReceivers(this, isReceiver, 'a RunningMean');
  }

  /** @param decay - how much of the past each new value keeps; default 0.95. */
  constructor(decay?: number | { decay?: number | undefined });
  constructor(...values: unknown[]) {
    this.decay = readRunningMean(values).decay;
  }

  /** The mean of the values so far; NaN before the first. */
  get value(): number {
    return this.#sum / this.#weight;
  }

  /**
   * Takes one more value in; returns the mean up to it.
   *
   * @param value - the value.
   */
  add(value: number): number {
    checkCount(arguments.length, 1, 'RunningMean.add');
    const given = readKind(number, value, 'RunningMean.add', 'value');
    // Of a decay of 1 the first value stays all there is.
    const share = this.decay === 1 && this.#weight === 0 ? 1 : 1 - this.decay;
    this.#sum = this.decay * this.#sum + share * given;
    this.#weight = this.decay * this.#weight + share;
    return this.value;
  }
}
