import { checkCount } from '../arguments/count';
import { checkReceivers } from '../arguments/receivers';

/**
 * A range of indices along an axis: `Slice(5)` is `5:` and `Slice()` is everything; null stands
 * for an end of the axis.
 *
 * @example
 * ```ts
 * const a = mx.arange(5);
 * console.log(a.index(mx.Slice(1, 3)).tolist()); // => [ 1, 2 ]
 * console.log(a.index(mx.Slice(null, null, -2)).tolist()); // => [ 4, 2, 0 ]
 * ```
 */
export interface Slice {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number | null;
}

type Bound = number | null;

interface SliceConstructor {
  /**
   * Makes a slice: `Slice(5)` is `5:`, `Slice(1, null, 2)` is `1::2`.
   *
   * @param start - where it begins; default: null, the end of the axis.
   * @param stop - where it ends, without it; default: null, the other end.
   * @param step - the distance, backwards if negative; default: null, which is 1.
   */
  new (start?: Bound, stop?: Bound, step?: Bound): Slice;
  /**
   * Makes a slice: `Slice(5)` is `5:`, `Slice(1, null, 2)` is `1::2`.
   *
   * @param start - where it begins; default: null, the end of the axis.
   * @param stop - where it ends, without it; default: null, the other end.
   * @param step - the distance, backwards if negative; default: null, which is 1.
   */
  (start?: Bound, stop?: Bound, step?: Bound): Slice;
  readonly prototype: Slice;
}

class IndexRange implements Slice {
  constructor(
    readonly start: Bound,
    readonly stop: Bound,
    readonly step: Bound,
  ) {
    Object.freeze(this);
  }

  static {
    checkReceivers({ name: 'Slice', prototype: this.prototype }, isSlice, 'a Slice');
  }

  toString(): string {
    const text = (bound: Bound): string => (bound === null ? '' : String(bound));
    const step = this.step === null ? '' : `:${this.step}`;
    return `${text(this.start)}:${text(this.stop)}${step}`;
  }
}

function makeSlice(start: Bound = null, stop: Bound = null, step: Bound = null): Slice {
  checkCount(arguments.length, 3, 'Slice');
  for (const bound of [start, stop, step]) {
    if (bound !== null && !Number.isInteger(bound))
      throw new TypeError('[Slice] The bounds and the step are integers or null.');
  }
  if (step === 0) throw new TypeError('[Slice] The step must not be zero.');
  return new IndexRange(start, stop, step);
}

makeSlice.prototype = IndexRange.prototype;
Object.defineProperty(makeSlice, 'name', { value: 'Slice' });
Object.defineProperty(IndexRange.prototype, 'constructor', { value: makeSlice });

/** Makes a slice, with and without `new`. */
export const Slice = makeSlice as unknown as SliceConstructor;

export function isSlice(value: unknown): value is Slice {
  return value instanceof IndexRange;
}

/** The slice that a text like '1:', '::-1' or '2:5' means. */
export function parseSlice(text: string): Slice | undefined {
  const match = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/.exec(text);
  if (match === null) return undefined;
  const bound = (part: string | undefined): Bound => (part === undefined ? null : Number(part));
  return makeSlice(bound(match[1]), bound(match[2]), bound(match[3]));
}

/** Python's rules: where a slice of an axis begins, its step, and how many places it has. */
export function resolveSlice(slice: Slice, size: number): [number, number, number] {
  const step = slice.step ?? 1;
  const clip = (bound: Bound, fallback: number): number => {
    if (bound === null) return fallback;
    const from = bound < 0 ? bound + size : bound;
    return step > 0 ? Math.min(Math.max(from, 0), size) : Math.min(Math.max(from, -1), size - 1);
  };
  const start = clip(slice.start, step > 0 ? 0 : size - 1);
  const stop = clip(slice.stop, step > 0 ? size : -1);
  return [start, step, Math.max(0, Math.ceil((stop - start) / step))];
}
