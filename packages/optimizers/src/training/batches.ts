import * as mx from '@mlx/core';
import {
  arrayTree,
  array,
  boolean,
  bounded,
  callback,
  checkCount,
  checkReceivers,
  describe,
  integer,
  isArray,
  nonNegativeInteger,
  nullable,
  optional,
  positiveInteger,
  readKind,
  reader,
  type Kind,
} from '@mlx/core/calls';

/** A tree of arrays, such as `[images, labels]`. */
export type Batch = mx.array | readonly Batch[] | { readonly [key: string]: Batch };

/** Items that are got one by one, such as pictures from files. */
export interface Dataset<Item> {
  /** How many items there are. */
  readonly length: number;
  /** The item of an index from 0 on; it may take its time. */
  get(index: number): Item | Promise<Item>;
}

/** Options of {@link batches}. */
export interface BatchesOptions {
  /** Whether each epoch has an order of its own; default: false. */
  shuffle?: boolean | undefined;
  /** Decides the orders, together with the epoch; default: 0. */
  seed?: number | undefined;
  /** Whether to leave out a last batch of fewer items; default: false. */
  dropLast?: boolean | undefined;
  /** How many batches are made ready ahead of the one in use; default: 2. */
  prefetch?: number | undefined;
}

/** Options of {@link batches} over a {@link Dataset}. */
export interface DatasetOptions<Item, B> extends BatchesOptions {
  /** Makes a batch of items; default: `mx.stack` at each place of the items' trees. */
  collate?: ((items: Item[]) => B | Promise<B>) | undefined;
}

/** Gets the batch of some rows. */
type Fetch<B> = (rows: Int32Array) => Promise<B>;

interface Settings {
  readonly shuffle: boolean;
  readonly seed: number;
  readonly prefetch: number;
  readonly batchSize: number;
  /** Of items. */
  readonly count: number;
}

/** The batches of a data set, epoch after epoch. Walking over it gives the first epoch's. */
export class Batches<B> implements AsyncIterable<B> {
  /** How many batches an epoch has. */
  readonly length: number;
  readonly #fetch: Fetch<B>;
  readonly #settings: Settings;
  #order: { readonly epoch: number; readonly rows: Int32Array } | undefined;

  static {
    checkReceivers(this, (value) => value instanceof Batches && #order in value, 'batches');
  }

  /** @internal Made by {@link batches}. */
  constructor(fetch: Fetch<B>, length: number, settings: Settings) {
    this.#fetch = fetch;
    this.length = length;
    this.#settings = settings;
  }

  /**
   * The batches of one epoch, counted from 0. The same epoch has the same order each time.
   *
   * @param epoch - the number of the epoch, from 0.
   */
  epoch(epoch: number): AsyncGenerator<B, void, void> {
    checkCount(arguments.length, 1, 'Batches.epoch');
    const index = readKind(nonNegativeInteger, epoch, 'Batches.epoch', 'epoch');
    return this.#walk(index * this.length, (index + 1) * this.length);
  }

  /**
   * The batches from a step of training on, counted from 0 over all epochs, without end: what a
   * training that is resumed goes on with.
   *
   * @param step - the number of the step, from 0.
   */
  from(step: number): AsyncGenerator<B, void, void> {
    const from = readKind(nonNegativeInteger, step, 'Batches.from', 'step');
    if (this.length === 0) throw new RangeError('[Batches.from] There are no batches.');
    return this.#walk(from, Infinity);
  }

  [Symbol.asyncIterator](): AsyncGenerator<B, void, void> {
    return this.epoch(0);
  }

  async *#walk(from: number, to: number): AsyncGenerator<B, void, void> {
    const ready: Promise<B>[] = [];
    let next = from;
    for (let step = from; step < to; ++step) {
      for (; next < to && next <= step + this.#settings.prefetch; ++next) {
        const batch = this.#fetch(this.#rows(next));
        // It is told when the batch's turn comes, or not at all if the walk ends before.
        batch.catch(() => undefined);
        ready.push(batch);
      }
      yield await ready.shift()!;
    }
  }

  #rows(step: number): Int32Array {
    const { batchSize, count, seed, shuffle } = this.#settings;
    const epoch = Math.floor(step / this.length);
    const begin = (step % this.length) * batchSize;
    const end = Math.min(begin + batchSize, count);
    if (!shuffle) return Int32Array.from({ length: end - begin }, (_, i) => begin + i);
    if (this.#order?.epoch !== epoch) {
      const key = mx.random.split(mx.array(Uint32Array.of(epoch, seed))).index(0);
      const rows = mx.random.permutation(mx.arange(count, mx.int32), 0, key);
      this.#order = { epoch, rows: rows.toTypedArray() as Int32Array };
    }
    return this.#order.rows.subarray(begin, end);
  }
}

function isDataset(value: unknown): value is Dataset<unknown> {
  if (isArray(value)) return false;
  const { length, get } = (value ?? {}) as Partial<Dataset<unknown>>;
  return typeof length === 'number' && typeof get === 'function';
}

const source: Kind<Batch | Dataset<unknown>> = {
  text: 'a tree of arrays, or a data set with length and get(index)',
  fits: (value) => isDataset(value) || arrayTree.fits(value),
  read: (value, name, parameter) =>
    isDataset(value) ? value : (readKind(arrayTree, value, name, parameter) as Batch),
};

const readBatches = reader('batches', {
  data: source,
  batchSize: positiveInteger,
  shuffle: optional(boolean, false),
  seed: optional(
    bounded(integer, 'an integer from 0 to 2^32 - 1', (seed) => seed >= 0 && seed < 2 ** 32),
    0,
  ),
  dropLast: optional(boolean, false),
  prefetch: optional(nonNegativeInteger, 2),
  collate: optional(nullable(callback<(items: unknown[]) => unknown>()), null),
});

/**
 * Divides a data set into batches, in an order of its own for each epoch if wanted. The next ones
 * are got and computed while one is in use, never more than `prefetch` of them, and the order
 * depends on the seed and the epoch alone.
 *
 * @param data - a tree of arrays whose first axes count the items, or a {@link Dataset}.
 * @param batchSize - items in a batch.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { batches } from '@mlx/optimizers';
 *
 * const data = batches([mx.arange(5), mx.arange(5, 10)], 2);
 * const seen: unknown[] = [];
 * for await (const [x, y] of data) seen.push([x.tolist(), y.tolist()]);
 * seen; // => [[[0, 1], [5, 6]], [[2, 3], [7, 8]], [[4], [9]]]
 *
 * const squares = { length: 4, get: async (index: number) => mx.array(index * index) };
 * for await (const batch of batches(squares, 4, { shuffle: true }).epoch(7))
 *   mx.sort(batch).tolist(); // => [0, 1, 4, 9]
 * ```
 */
export function batches<const B extends Batch>(
  data: B,
  batchSize: number,
  options?: BatchesOptions,
): Batches<B>;
export function batches<Item, B = Item>(
  data: Dataset<Item>,
  batchSize: number,
  options?: DatasetOptions<Item, B>,
): Batches<B>;
export function batches(...values: unknown[]): Batches<unknown> {
  const { data, collate, dropLast, ...settings } = readBatches(values);
  const count = isDataset(data) ? countOf(data) : rowsOf(data);
  const whole = count / settings.batchSize;
  const fetch = isDataset(data) ? fetchItems(data, collate ?? stackItems) : fetchRows(data);
  return new Batches(fetch, dropLast ? Math.floor(whole) : Math.ceil(whole), {
    ...settings,
    count,
  });
}

function countOf({ length }: Dataset<unknown>): number {
  return readKind(nonNegativeInteger, length, 'batches', "The data set's length");
}

/** The size of all first axes. */
function rowsOf(data: Batch): number {
  const counts = new Set<number>();
  for (const [path, a] of mx.treeFlatten<mx.array>(data)) {
    if (a.ndim === 0)
      throw new mx.ShapeError(`[batches] ${path || 'data'} is a scalar, which has no items.`);
    counts.add(a.shape[0]!);
  }
  if (counts.size === 0)
    throw new TypeError('[batches] data must be a tree of arrays, but has none.');
  if (counts.size !== 1)
    throw new mx.ShapeError(
      `[batches] The first axes count the items, but have the sizes ${[...counts].join(', ')}.`,
    );
  return [...counts][0]!;
}

function fetchRows(data: Batch): Fetch<Batch> {
  return async (rows) => {
    const index = mx.array(rows);
    const batch = mx.treeMap<Batch>((a: mx.array) => mx.take(a, index, 0), data);
    await mx.asyncEval(batch);
    return batch;
  };
}

function fetchItems(
  data: Dataset<unknown>,
  collate: (items: unknown[]) => unknown,
): Fetch<unknown> {
  return async (rows) => {
    const items = await Promise.all(Array.from(rows, async (row) => data.get(row)));
    const batch = await collate(items);
    await mx.asyncEval(batch);
    return batch;
  };
}

/** The tree whose leaves are the items' leaves, one upon another. */
function stackItems(items: unknown[]): unknown {
  const [first, ...rest] = items;
  return mx.treeMapWithPath(
    (path: string, ...leaves: unknown[]) => {
      const unfit = leaves.find((leaf) => !array.fits(leaf));
      if (unfit !== undefined)
        throw new TypeError(
          `[batches] ${path || 'An item'} must be an array or a number, but is ` +
            `${describe(unfit)}; collate makes batches of what else there is.`,
        );
      return mx.stack(leaves as mx.array[]);
    },
    first,
    rest,
  );
}
