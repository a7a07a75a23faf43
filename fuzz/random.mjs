// Random numbers that a seed and a case's number determine, so that every case can be made again.

/** A generator (sfc32) with the draws that the kinds need. */
export class Random {
  constructor(seed, index) {
    this.a = seed >>> 0;
    this.b = index >>> 0;
    this.c = Math.floor(seed / 2 ** 32) ^ 0x9e3779b9;
    this.counter = 1;
    for (let i = 0; i < 12; i++) this.bits();
  }

  /** 32 random bits. */
  bits() {
    const sum = (this.a + this.b + this.counter++) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A whole number from 0 to limit - 1. */
  below(limit) {
    return Math.floor((this.bits() / 2 ** 32) * limit);
  }

  /** A whole number from low to high, both included. */
  between(low, high) {
    return low + this.below(high - low + 1);
  }

  chance(probability) {
    return this.bits() < probability * 2 ** 32;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** A list of a random length. */
  list(low, high, make) {
    return Array.from({ length: this.between(low, high) }, make);
  }
}
