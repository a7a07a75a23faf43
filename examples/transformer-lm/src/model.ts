import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';

/** What decides about the shapes of a model's weights. */
export interface ModelSettings {
  vocabularySize: number;
  /** How many tokens the model looks back on. */
  context: number;
  layers: number;
  dims: number;
  heads: number;
}

/** A transformer that predicts at each position the token that comes next. */
export class LanguageModel extends nn.Module {
  tokens: nn.Embedding;
  positions: nn.Embedding;
  transformer: nn.TransformerEncoder;
  output: nn.Linear;

  constructor({ vocabularySize, context, layers, dims, heads }: ModelSettings) {
    super();
    this.tokens = new nn.Embedding(vocabularySize, dims);
    this.positions = new nn.Embedding(context, dims);
    this.transformer = new nn.TransformerEncoder(layers, dims, heads, 4 * dims, 0, nn.geluApprox);
    this.output = new nn.Linear(dims, vocabularySize, false);
  }

  /** Logits `[batch, length, vocabulary]` of tokens `[batch, length]`, at most context long. */
  forward(tokens: mx.array): mx.array {
    const positions = mx.arange(tokens.shape[1]!, mx.int32);
    const x = mx.add(this.tokens(tokens), this.positions(positions));
    // Causal: each position sees the ones before it and itself.
    return this.output(this.transformer(x, 'causal'));
  }
}
