import { native } from '../addon/native';
import { refuseArguments } from '../arguments/count';
import { describe, isPlainObject } from '../arguments/kinds';
import { checked, checkedFor } from '../errors/errors';
import { currentPrecision, openPrecisionScope } from '../evaluation/scope';
import { idOf, type MLXArray } from './array';

/** How arrays are printed. */
export interface PrintOptions {
  /** Digits after the point; -1 for six significant ones. */
  readonly precision?: number;
}

function checkPrecision(options: unknown, name: string): number {
  if (!isPlainObject(options))
    throw new TypeError(`[${name}] Expected options, but got ${describe(options)}.`);
  const { precision = -1, ...others } = options as PrintOptions;
  for (const key of Object.keys(others))
    throw new TypeError(`[${name}] Unknown option ${key}; the options are precision.`);
  if (!Number.isInteger(precision) || precision < -1)
    throw new TypeError(`[${name}] precision is a whole number of digits, or -1.`);
  return precision;
}

/**
 * Sets how arrays are printed.
 *
 * @example
 * ```ts
 * mx.setPrintoptions({ precision: 2 });
 * console.log(mx.getPrintoptions().precision); // => 2
 * mx.setPrintoptions({ precision: -1 });
 * ```
 */
export function setPrintoptions(options: PrintOptions): void {
  const name = 'setPrintoptions';
  checkedFor(name, native.setPrintPrecision(checkPrecision(options, name)));
}

/**
 * How arrays are printed here.
 *
 * @example
 * ```ts
 * console.log(mx.getPrintoptions().precision); // => -1
 * ```
 */
export function getPrintoptions(): Required<PrintOptions>;
export function getPrintoptions(...values: unknown[]): Required<PrintOptions> {
  refuseArguments(values, 'getPrintoptions');
  return { precision: currentPrecision() ?? checked(native.printPrecision()) };
}

/**
 * Sets how arrays are printed until the result is disposed of, for the code that called and what
 * it awaits.
 *
 * @example
 * ```ts
 * const scope = mx.printoptions({ precision: 3 });
 * console.log(String(mx.array(1 / 3))); // => array(0.333, dtype=float32)
 * scope[Symbol.dispose]();
 * ```
 */
export function printoptions(options: PrintOptions): { [Symbol.dispose](): void } {
  return openPrecisionScope(checkPrecision(options, 'printoptions'));
}

/** The text of an array, evaluating it. */
export function print(a: MLXArray): string {
  const scoped = currentPrecision();
  if (scoped === undefined) return checked(native.print(idOf(a)));
  const general = checked(native.printPrecision());
  native.setPrintPrecision(scoped);
  try {
    return checked(native.print(idOf(a)));
  } finally {
    native.setPrintPrecision(general);
  }
}
