import { mergePairs, replacePair, type Merge } from './merges';

/** The tokens 0 to 255 are the bytes themselves, so that any text can be written in tokens. */
const bytes = 256;

/** A word with the space before it, a number, signs, or further spaces. Tokens stay within one. */
const pieces = / ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+/gu;

/**
 * Byte-pair encoding (Sennrich, Haddow and Birch 2016, arXiv:1508.07909): the tokens are the bytes,
 * and pairs of tokens that stand together most often in a training text. One more, the last, stands
 * between texts.
 */
export class Tokenizer {
  /** The pairs that became tokens, the most frequent first: the first is token 256. */
  readonly merges: readonly Merge[];
  readonly #ranks = new Map<string, number>();
  readonly #spellings: Buffer[] = [];
  readonly #known = new Map<string, readonly number[]>();

  constructor(merges: readonly Merge[]) {
    this.merges = merges;
    for (let byte = 0; byte < bytes; ++byte) this.#spellings.push(Buffer.from([byte]));
    merges.forEach(([left, right], rank) => {
      this.#ranks.set(`${left},${right}`, rank);
      this.#spellings.push(Buffer.concat([this.#spellings[left]!, this.#spellings[right]!]));
    });
  }

  /** Learns a vocabulary of some size, or a smaller one where no pair comes twice. */
  static train(texts: readonly string[], vocabularySize: number): Tokenizer {
    const counts = new Map<string, number>();
    for (const text of texts)
      for (const [piece] of text.matchAll(pieces)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
    const words = [...counts].map(([piece, count]) => ({ tokens: [...Buffer.from(piece)], count }));
    return new Tokenizer(mergePairs(words, bytes, vocabularySize - bytes - 1));
  }

  get vocabularySize(): number {
    return bytes + this.merges.length + 1;
  }

  /** The token that stands between texts. */
  get separator(): number {
    return this.vocabularySize - 1;
  }

  encode(text: string): number[] {
    const tokens: number[] = [];
    for (const [piece] of text.matchAll(pieces))
      for (const token of this.#encodePiece(piece)) tokens.push(token);
    return tokens;
  }

  /** The same pieces come again and again, so each is merged once. */
  #encodePiece(piece: string): readonly number[] {
    let tokens = this.#known.get(piece);
    if (!tokens) this.#known.set(piece, (tokens = this.#merge([...Buffer.from(piece)])));
    return tokens;
  }

  /** Merges pairs in the order in which they were learned. */
  #merge(tokens: number[]): number[] {
    for (;;) {
      let first = Infinity;
      for (let i = 1; i < tokens.length; ++i)
        first = Math.min(first, this.#ranks.get(`${tokens[i - 1]},${tokens[i]}`) ?? Infinity);
      if (first === Infinity) return tokens;
      const [left, right] = this.merges[first]!;
      tokens = replacePair(tokens, left, right, bytes + first);
    }
  }

  /** The text of tokens; separators and unknown ones have none. */
  decode(tokens: Iterable<number>): string {
    const parts = [...tokens].map((token) => this.#spellings[token] ?? Buffer.alloc(0));
    return Buffer.concat(parts).toString('utf8');
  }
}
