import * as mx from '@mlx/core';
import { batches } from '../index';

async function all<T>(walk: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const batch of walk) seen.push(batch);
  return seen;
}

const lists = async (walk: AsyncIterable<mx.array>) =>
  (await all(walk)).map((a) => a.tolist<number[]>());

test('an epoch has every item once, in an order that seed and epoch alone decide', async () => {
  const data = batches(mx.arange(103), 10, { shuffle: true, seed: 5 });
  expect(data.length).toBe(11);
  const orders = [];
  for (const epoch of [0, 1, 2]) {
    const seen = await lists(data.epoch(epoch));
    expect(seen.map((batch) => batch.length)).toEqual([...Array<number>(10).fill(10), 3]);
    orders.push(seen.flat());
    expect([...seen.flat()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 103 }, (_, i) => i),
    );
  }
  expect(orders[0]).not.toEqual(orders[1]);
  mx.random.seed(99);
  const again = batches(mx.arange(103), 10, { shuffle: true, seed: 5, prefetch: 0 });
  expect((await lists(again.epoch(2))).flat()).toEqual(orders[2]);
  expect((await lists(again)).flat()).toEqual(orders[0]);
  const other = batches(mx.arange(103), 10, { shuffle: true, seed: 6 });
  expect((await lists(other)).flat()).not.toEqual(orders[0]);
});

test('a walk from a step on goes on where the whole walk was, over the ends of epochs', async () => {
  const data = batches(mx.arange(10), 4, { shuffle: true });
  const whole = (await Promise.all([0, 1, 2].map((epoch) => lists(data.epoch(epoch))))).flat();
  for (const step of [0, 1, 3, 5]) {
    const seen: unknown[] = [];
    for await (const batch of data.from(step)) {
      seen.push(batch.tolist());
      if (seen.length === 4) break;
    }
    expect(seen).toEqual(whole.slice(step, step + 4));
  }
});

test('trees keep their structure, and rows stay together', async () => {
  const x = mx.random.normal([7, 2]);
  const data = batches({ x, more: [mx.arange(7)] }, 3, { shuffle: true, dropLast: true });
  expect(data.length).toBe(2);
  for await (const { x: rows, more } of data)
    expect(rows.tolist()).toEqual(mx.take(x, more[0].astype(mx.int32), 0).tolist());
});

test('items come from functions that take their time, at most some ahead', async () => {
  let [got, largestLead, used] = [0, 0, 0];
  const get = async (index: number) => {
    got += 1;
    largestLead = Math.max(largestLead, got - used);
    await new Promise((resolve) => setTimeout(resolve, (index * 7) % 5));
    return { x: mx.array([index, index]), y: index };
  };
  for await (const { x, y } of batches({ length: 40, get }, 4, { prefetch: 2 })) {
    used += 4;
    expect(x.shape).toEqual([4, 2]);
    expect(x.index('...', 0).tolist()).toEqual((y as unknown as mx.array).tolist());
  }
  expect(got).toBe(40);
  // The batch that is waited for, and two ahead.
  expect(largestLead).toBeLessThanOrEqual(12);
});

test('a walk that is left gets no further items', async () => {
  let got = 0;
  const get = (index: number) => mx.array((got++, index));
  const walk = batches({ length: 1000, get }, 1, { prefetch: 3 }).epoch(0);
  await walk.next();
  await walk.return();
  await new Promise((resolve) => setImmediate(resolve));
  expect(got).toBe(4);
});

test('collate makes batches of what is no tree of arrays', async () => {
  const words = ['a', 'bcd', 'ef'];
  const data = batches({ length: 3, get: (i: number) => words[i]! }, 2, {
    collate: (items) => items.join('-'),
  });
  expect(await all(data)).toEqual(['a-bcd', 'ef']);
  const bare = batches({ length: 3, get: (i: number) => words[i]! }, 2);
  await expect(all(bare)).rejects.toThrow(/^\[batches\] An item must be an array or a number/);
});

test('an error surfaces at its batch, after those before it', async () => {
  const get = (index: number) => {
    if (index === 3) throw new Error('item 3 is broken');
    return mx.array(index);
  };
  const seen: unknown[] = [];
  const walk = async (): Promise<void> => {
    for await (const batch of batches({ length: 6, get }, 1, { prefetch: 5 }))
      seen.push(batch.item());
  };
  await expect(walk()).rejects.toThrow('item 3 is broken');
  expect(seen).toEqual([0, 1, 2]);
});

test('what is no data is refused', () => {
  const make = batches as (...values: unknown[]) => unknown;
  expect(() => make([1, 2, 3], 2)).toThrow('[batches] data must be a tree of arrays, but 0 is 1.');
  expect(() => make({}, 2)).toThrow(TypeError);
  expect(() => make(mx.array(1), 2)).toThrow(mx.ShapeError);
  expect(() => make([mx.ones([3]), mx.ones([4])], 2)).toThrow(/sizes 3, 4/);
  expect(() => make(mx.ones([3]), 0)).toThrow(RangeError);
  expect(() => make(mx.ones([3]), 2, { seed: -1 })).toThrow(RangeError);
  expect(() => make({ length: -1, get: () => 1 }, 2)).toThrow(RangeError);
  const none = batches(mx.ones([3]), 4, { dropLast: true });
  expect(none.length).toBe(0);
  expect(() => none.from(0)).toThrow('[Batches.from] There are no batches.');
  expect(() => none.epoch(-1)).toThrow(RangeError);
});
