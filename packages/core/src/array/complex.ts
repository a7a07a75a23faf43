import { checkCount } from '../arguments/count';
import { checkReceivers } from '../arguments/receivers';

/**
 * A complex number: `re` and `im` are its parts.
 *
 * @example
 * ```ts
 * const z = mx.Complex(1, -2);
 * console.log(z.re, z.im); // => 1 -2
 * console.log(String(z)); // => 1-2j
 * ```
 */
export interface Complex {
  readonly re: number;
  readonly im: number;
  toString(): string;
}

interface ComplexConstructor {
  /**
   * Makes a complex number.
   *
   * @param re - the real part.
   * @param im - the imaginary part; default: 0.
   */
  new (re: number, im?: number): Complex;
  /**
   * Makes a complex number.
   *
   * @param re - the real part.
   * @param im - the imaginary part; default: 0.
   */
  (re: number, im?: number): Complex;
  readonly prototype: Complex;
}

class ComplexNumber implements Complex {
  constructor(
    readonly re: number,
    readonly im: number,
  ) {}

  static {
    checkReceivers({ name: 'Complex', prototype: this.prototype }, isComplex, 'a complex number');
  }

  toString(): string {
    return `${this.re}${this.im < 0 || Object.is(this.im, -0) ? '-' : '+'}${Math.abs(this.im)}j`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

function makeComplex(re: number, im = 0): Complex {
  checkCount(arguments.length, 2, 'Complex');
  if (typeof re !== 'number' || typeof im !== 'number')
    throw new TypeError('[Complex] The parts of a complex number are numbers.');
  return new ComplexNumber(re, im);
}

makeComplex.prototype = ComplexNumber.prototype;
Object.defineProperty(makeComplex, 'name', { value: 'Complex' });
Object.defineProperty(ComplexNumber.prototype, 'constructor', { value: makeComplex });

/** Makes a complex number, with and without `new`. */
export const Complex = makeComplex as unknown as ComplexConstructor;

export function isComplex(value: unknown): value is Complex {
  return value instanceof ComplexNumber;
}
