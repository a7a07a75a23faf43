/** An exponential moving average without the pull of its start: weights of all values add up to 1. */
export class RunningMean {
  readonly #decay: number;
  #sum = 0;
  #weight = 0;

  /** @param decay - how much of the past each new value keeps. */
  constructor(decay = 0.95) {
    this.#decay = decay;
  }

  /** Takes one more value in; returns the mean up to it. */
  add(value: number): number {
    this.#sum = this.#decay * this.#sum + (1 - this.#decay) * value;
    this.#weight = this.#decay * this.#weight + (1 - this.#decay);
    return this.#sum / this.#weight;
  }
}
