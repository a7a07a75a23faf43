import * as mx from '@mlx/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as nn from './index';

// Weights as MLX's Python and Hugging Face lay them out, and what PyTorch computes from them; made
// by fixtures/weight_file_cases.py.

const files = join(__dirname, '..', '..', '..', 'fixtures', 'files');
const outputs = mx.load(join(files, 'weights_outputs.npz')) as Record<string, mx.array>;
const tokens = outputs.tokens!;

/** In MLX's Python: self.token_embedding, self.conv_in, self.batch_norm and so on. */
class Tagger extends nn.Module {
  tokenEmbedding = new nn.Embedding(11, 8);
  convIn = new nn.Conv1d(8, 8, 3, 1, 1);
  batchNorm = new nn.BatchNorm(8);
  lstm = new nn.LSTM(8, 8);
  blocks = [new nn.TransformerEncoderLayer(8, 2, 12)];
  head = new nn.Linear(8, 3);

  forward(tokens: mx.array): mx.array {
    let x = this.batchNorm(this.convIn(this.tokenEmbedding(tokens)));
    [x] = this.lstm(x);
    for (const block of this.blocks) x = block(x);
    return this.head(x);
  }
}

class SelfAttention extends nn.Module {
  qProj = new nn.Linear(8, 8, false);
  kProj = new nn.Linear(8, 8, false);
  vProj = new nn.Linear(8, 8, false);
  oProj = new nn.Linear(8, 8, false);
  readonly #rope = new nn.RoPE(4);

  forward(x: mx.array): mx.array {
    const heads = (y: mx.array) => mx.transpose(mx.unflatten(y, -1, [2, 4]), [0, 2, 1, 3]);
    const [q, k] = [this.#rope(heads(this.qProj(x))), this.#rope(heads(this.kProj(x)))];
    const v = heads(this.vProj(x));
    const y = mx.fast.scaledDotProductAttention(q, k, v, { scale: 0.5, mask: 'causal' });
    return this.oProj(mx.flatten(mx.transpose(y, [0, 2, 1, 3]), -2));
  }
}

class GatedNetwork extends nn.Module {
  gateProj = new nn.Linear(8, 12, false);
  upProj = new nn.Linear(8, 12, false);
  downProj = new nn.Linear(12, 8, false);

  forward(x: mx.array): mx.array {
    return this.downProj(mx.multiply(nn.silu(this.gateProj(x)), this.upProj(x)));
  }
}

class Block extends nn.Module {
  selfAttn = new SelfAttention();
  mlp = new GatedNetwork();
  inputLayernorm = new nn.RMSNorm(8, 1e-6);
  postAttentionLayernorm = new nn.RMSNorm(8, 1e-6);

  forward(x: mx.array): mx.array {
    const y = mx.add(x, this.selfAttn(this.inputLayernorm(x)));
    return mx.add(y, this.mlp(this.postAttentionLayernorm(y)));
  }
}

class Decoder extends nn.Module {
  embedTokens = new nn.Embedding(11, 8);
  layers = [new Block()];
  norm = new nn.RMSNorm(8, 1e-6);

  forward(tokens: mx.array): mx.array {
    let x = this.embedTokens(tokens);
    for (const layer of this.layers) x = layer(x);
    return this.norm(x);
  }
}

class LanguageModel extends nn.Module {
  model = new Decoder();
  lmHead = new nn.Linear(8, 11, false);

  forward(tokens: mx.array): mx.array {
    return this.lmHead(this.model(tokens));
  }
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mlx-nn-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function expectSameArrays(file: string, original: string): void {
  const [saved, given] = [mx.load(file), mx.load(original)] as Record<string, mx.array>[];
  expect(Object.keys(saved!).sort()).toEqual(Object.keys(given!).sort());
  for (const [name, a] of Object.entries(given!)) {
    expect(saved![name]!.dtype).toBe(a.dtype);
    expect(mx.arrayEqual(saved![name]!, a).item()).toBe(true);
  }
}

test.each(['safetensors', 'npz'])('weights of MLX in %s load, compute, and go back', (kind) => {
  const file = join(files, `mlx_weights.${kind}`);
  const model = new Tagger().loadWeights(file).eval();
  expect(mx.allclose(model(tokens), outputs.mlx!, 1e-4, 1e-5).item()).toBe(true);
  const copy = join(folder, `copy.${kind}`);
  model.saveWeights(copy);
  expectSameArrays(copy, file);
});

test('weights of Hugging Face load in bfloat16, compute in float32, and go back', () => {
  const file = join(files, 'hugging_face_weights.safetensors');
  const model = new LanguageModel().loadWeights(file);
  expect(model.lmHead.weight.dtype).toBe(mx.bfloat16);
  const copy = join(folder, 'copy.safetensors');
  model.saveWeights(copy);
  expectSameArrays(copy, file);
  model.setDtype(mx.float32);
  expect(mx.allclose(model(tokens), outputs.hugging_face!, 1e-4, 1e-5).item()).toBe(true);
});

test.each(['mlx_weights.safetensors', 'mlx_weights.npz'])(
  '%s in a model that differs is told strictly, and fits as far as it goes leniently',
  (name) => {
    class Smaller extends nn.Module {
      head = new nn.Linear(8, 3);
      more = new nn.Linear(1, 1);
      forward(x: mx.array): mx.array {
        return this.head(x);
      }
    }
    const file = join(files, name);
    const model = new Smaller();
    const before = model.more.weight.tolist();
    expect(() => model.loadWeights(file)).toThrow('parameters not in model: batch_norm.bias');
    model.loadWeights(file, false);
    const given = (mx.load(file) as Record<string, mx.array>)['head.weight']!;
    expect(model.head.weight.tolist()).toEqual(given.tolist());
    expect(model.more.weight.tolist()).toEqual(before);

    class Larger extends Tagger {
      more = new nn.Linear(1, 1);
    }
    expect(() => new Larger().loadWeights(file)).toThrow('Missing 2 parameters: more.bias');
    class Other extends Tagger {
      override head = new nn.Linear(8, 4);
    }
    expect(() => new Other().loadWeights(file)).toThrow(
      /Expected shape .4.* but received .3.* for parameter head/,
    );
  },
);
