import * as mx from '@mlx/core';
import type { LanguageModel } from './model';
import type { Tokenizer } from './tokenizer';

export interface SampleOptions {
  prompt: string;
  /** How many tokens to add at most. */
  length: number;
  /** Below 1 likely tokens become likelier, above 1 less likely. */
  temperature: number;
  /** How many tokens the model looks back on. */
  context: number;
}

/** Writes on after a prompt, token by token, until a text ends or is long enough. */
export async function sample(
  model: LanguageModel,
  tokenizer: Tokenizer,
  { prompt, length, temperature, context }: SampleOptions,
): Promise<string> {
  model.eval();
  const tokens = [tokenizer.separator, ...tokenizer.encode(prompt)];
  for (let i = 0; i < length; ++i) {
    const seen = tokens.slice(-context);
    const logits = model(mx.array([seen], mx.int32)).index(0, seen.length - 1);
    const next = mx.random.categorical(logits.divide(temperature));
    await mx.asyncEval(next);
    if (next.item() === tokenizer.separator) break;
    tokens.push(next.item());
  }
  model.train();
  return tokenizer.decode(tokens);
}
