import * as mx from '@mlx/core';
import type { Tokenizer } from './tokenizer';

/** All texts in tokens, one after another, a separator before each. */
export function tokenize(texts: readonly string[], tokenizer: Tokenizer): Int32Array {
  const parts = texts.map((text) => [tokenizer.separator, ...tokenizer.encode(text)]);
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Inputs and targets, both `[starts, length]`: targets are one token further on. */
export function windowsAt(
  tokens: Int32Array,
  starts: readonly number[],
  length: number,
): [mx.array, mx.array] {
  const cut = (offset: number): mx.array => {
    const rows = new Int32Array(starts.length * length);
    starts.forEach((start, i) =>
      rows.set(tokens.subarray(start + offset, start + offset + length), i * length),
    );
    return mx.array(rows).reshape(starts.length, length);
  };
  return [cut(0), cut(1)];
}

/** Windows at random places, which the global random state decides. */
export function randomWindows(
  tokens: Int32Array,
  count: number,
  length: number,
): [mx.array, mx.array] {
  const starts = mx.random.randint(0, tokens.length - length, [count]);
  return windowsAt(tokens, starts.tolist() as number[], length);
}

/** Places of windows spread evenly over the tokens, at most so many. */
export function evenStarts(tokens: Int32Array, most: number, length: number): number[] {
  const count = Math.min(most, Math.floor((tokens.length - 1) / length));
  const stride = (tokens.length - 1) / count;
  return Array.from({ length: count }, (_, i) => Math.floor(i * stride));
}
