/** The ratio of a circle's circumference to its diameter. */
export const pi: number = Math.PI;
/** The base of the natural logarithm. */
export const e: number = Math.E;
/** The positive infinity. */
export const inf: number = Infinity;
/** Not a number. */
export const nan: number = NaN;
/** Euler's constant gamma. */
export const eulerGamma = 0.5772156649015329;
/** A new axis of size one, in indices. */
export const newaxis: null = null;
