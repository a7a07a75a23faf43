/** Two tokens that became one. */
export type Merge = readonly [left: number, right: number];

/** A word in tokens, and how often it comes. */
export interface Word {
  tokens: number[];
  count: number;
}

/** Larger than any token, so that a pair of tokens is one number. */
const base = 2 ** 24;

const pairOf = (left: number, right: number): number => left * base + right;

/** How often each pair comes, and in which words; both follow the words as they change. */
class PairCounts {
  readonly #counts = new Map<number, number>();
  readonly #words = new Map<number, Set<Word>>();

  add(word: Word, sign: 1 | -1): void {
    for (let i = 1; i < word.tokens.length; ++i) {
      const pair = pairOf(word.tokens[i - 1]!, word.tokens[i]!);
      const count = (this.#counts.get(pair) ?? 0) + sign * word.count;
      if (count > 0) this.#counts.set(pair, count);
      else this.#counts.delete(pair);
      let words = this.#words.get(pair);
      if (!words) this.#words.set(pair, (words = new Set()));
      if (sign > 0) words.add(word);
      else words.delete(word);
    }
  }

  /** The pair that comes most often, of equal ones the least; null if none comes twice. */
  mostFrequent(): number | null {
    let best: number | null = null;
    let most = 1;
    for (const [pair, count] of this.#counts)
      if (count > most || (count === most && best !== null && pair < best)) {
        best = pair;
        most = count;
      }
    return best;
  }

  wordsWith(pair: number): Word[] {
    return [...(this.#words.get(pair) ?? [])];
  }
}

/**
 * Finds the pair of tokens that comes most often, makes it a token, and does so again.
 *
 * @param words - their tokens are merged in place.
 * @param firstToken - the number of the first new token.
 * @param limit - how many to make at most.
 */
export function mergePairs(words: readonly Word[], firstToken: number, limit: number): Merge[] {
  const counts = new PairCounts();
  for (const word of words) counts.add(word, 1);
  const merges: Merge[] = [];
  while (merges.length < limit) {
    const pair = counts.mostFrequent();
    if (pair === null) break;
    const [left, right] = [Math.floor(pair / base), pair % base];
    for (const word of counts.wordsWith(pair)) {
      counts.add(word, -1);
      word.tokens = replacePair(word.tokens, left, right, firstToken + merges.length);
      counts.add(word, 1);
    }
    merges.push([left, right]);
  }
  return merges;
}

/** Tokens with one in place of each two that are left and right, from the front on. */
export function replacePair(
  tokens: readonly number[],
  left: number,
  right: number,
  token: number,
): number[] {
  const result: number[] = [];
  for (let i = 0; i < tokens.length; ++i) {
    const isPair = tokens[i] === left && tokens[i + 1] === right;
    result.push(isPair ? token : tokens[i]!);
    if (isPair) i += 1;
  }
  return result;
}
