import * as mx from '@mlx/core';
import type { NamedWeights, Published } from '@mlx/example-shared/dist/published-weights';
import * as nn from '@mlx/nn';

export const sampleRate = 16_000;
/** Samples of one decision: 32 ms. */
export const chunkSize = 512;
/** How many samples before the chunk the network looks at again. */
const contextSize = 64;
const frequencies = 129;

/** The network of Silero VAD 5 for 16 kHz: spectrum, four convolutions, a recurrent layer. */
export class SpeechDetector extends nn.Module {
  /** The windowed Fourier basis: cosines, then sines. Shape `[258, 256, 1]`. */
  basis = mx.zeros([2 * frequencies, 256, 1]);
  encoder = [
    new nn.Conv1d(frequencies, 128, 3, { padding: 1 }),
    new nn.Conv1d(128, 64, 3, { stride: 2, padding: 1 }),
    new nn.Conv1d(64, 64, 3, { stride: 2, padding: 1 }),
    new nn.Conv1d(64, 128, 3, { padding: 1 }),
  ];
  memory = new nn.LSTM(128, 128);
  output = new nn.Linear(128, 1);

  /**
   * How likely each chunk is speech.
   *
   * @param sound - samples in -1 to 1, shape `[length]`; what doesn't fill a chunk is left out.
   * @returns shape `[chunks]`.
   */
  forward(sound: mx.array): mx.array {
    const chunks = Math.floor(sound.size / chunkSize);
    const padded = mx.pad(sound, [[contextSize, 0]]);
    // Overlapping rows, a view of the sound: each chunk behind the end of the one before.
    const rows = mx.asStrided(padded, [chunks, contextSize + chunkSize, 1], [chunkSize, 1, 1]);
    let x = this.spectrum(rows);
    for (const layer of this.encoder) x = nn.relu(layer(x));
    // One vector a chunk is left; the chunks are the sequence.
    const [hidden] = this.memory(x.reshape([1, chunks, 128]), null, null);
    return mx.sigmoid(this.output(nn.relu(hidden))).reshape([chunks]);
  }

  /** Magnitudes, shape `[chunks, 4, 129]`. */
  private spectrum(rows: mx.array): mx.array {
    const length = rows.shape[1]!;
    // Mirrored at the end, without the last sample itself.
    const mirrored = rows.index(':', mx.Slice(length - 2, length - 2 - contextSize, -1));
    const waves = mx.conv1d(mx.concatenate([rows, mirrored], 1), this.basis, 128);
    const [cosines, sines] = mx.split(waves, 2, -1);
    return mx.sqrt(cosines!.square().add(sines!.square()));
  }
}

/** The weights under the names of this model, from the constants of the published one. */
export function convertWeights(published: Published): NamedWeights {
  // The model holds a branch for each sample rate; the first is that of 16 kHz.
  const prefix = 'If_0_then_branch__Inline_0__';
  const read = (name: string): mx.array => published(prefix + name);
  // Channels stand last here: [out, in, kernel] becomes [out, kernel, in].
  const kernel = (name: string): mx.array => read(name).transpose(0, 2, 1);
  return [
    ['basis', kernel('stft.forward_basis_buffer')],
    ...[0, 1, 2, 3].flatMap((i): NamedWeights => [
      [`encoder.${i}.weight`, kernel(`encoder.${i}.reparam_conv.weight`)],
      [`encoder.${i}.bias`, read(`encoder.${i}.reparam_conv.bias`)],
    ]),
    ['memory.Wx', read('decoder.rnn.weight_ih')],
    ['memory.Wh', read('decoder.rnn.weight_hh')],
    ['memory.bias', read('decoder.rnn.bias_ih').add(read('decoder.rnn.bias_hh'))],
    ['output.weight', read('decoder.decoder.2.weight').reshape([1, 128])],
    ['output.bias', read('decoder.decoder.2.bias')],
  ];
}
