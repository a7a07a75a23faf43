import * as mx from '@mlx/core';
import { sampleRate } from './model';

/** The samples of a WAV file of one channel, 16 bits and 16 kHz, in -1 to 1. */
export function decodeWav(file: Buffer): mx.array {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    throw new Error('the sound is no WAV file');
  for (let at = 12; at + 8 <= file.length; at += 8 + file.readUInt32LE(at + 4)) {
    const kind = file.toString('latin1', at, at + 4);
    if (kind === 'fmt ') {
      const [channels, rate, bits] = [at + 10, at + 12, at + 22].map((place, i) =>
        i === 1 ? file.readUInt32LE(place) : file.readUInt16LE(place),
      );
      if (channels !== 1 || rate !== sampleRate || bits !== 16)
        throw new Error(
          `the sound has ${channels} channels, ${rate} Hz and ${bits} bits; ` +
            `make it so by: sox in.wav -c 1 -r ${sampleRate} -b 16 out.wav`,
        );
    }
    if (kind !== 'data') continue;
    const bytes = new Uint8Array(file.subarray(at + 8, at + 8 + file.readUInt32LE(at + 4)));
    return mx.array(new Int16Array(bytes.buffer)).astype(mx.float32).divide(32768);
  }
  throw new Error('the WAV file has no samples');
}
