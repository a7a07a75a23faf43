import type { OperationsLike } from '../addon/functions';
import { native } from '../addon/native';
import { checkStreamIsLast } from '../arguments/count';
import { parameters, required } from '../arguments/reader';
import type { StreamArgument } from '../arguments/types';
import { call, type MLXArray } from '../array/array';

// Windows of M float32 values, symmetric. A single value is 1; M below 1 gives an empty array.

type Window = (M: number, rest: readonly unknown[]) => MLXArray;

function windowOf(name: OperationsLike<typeof native.hanning>): Window {
  const read = parameters(name, { M: 'integer' });
  return (M, rest) => {
    const { M: size, stream } = read([M, ...rest]);
    return call(native[name], stream, required(size, name, 'M'));
  };
}

const runBlackman = windowOf('blackman');
/**
 * The Blackman window, 0.42 - 0.5 cos(2 pi i / (M - 1)) + 0.08 cos(4 pi i / (M - 1)): shape [M],
 * float32. A single value is 1; M below 1 gives an empty array.
 *
 * @param M - the number of points.
 *
 * @example
 * ```ts
 * console.log(mx.blackman(3).tolist()); // => [ 0, 1, 0 ]
 * ```
 */
export function blackman(M: number, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 2, 'blackman');
  return runBlackman(M, [stream]);
}

const runHamming = windowOf('hamming');
/**
 * The Hamming window, 0.54 - 0.46 cos(2 pi i / (M - 1)): shape [M], float32. A single value is 1;
 * M below 1 gives an empty array.
 *
 * @param M - the number of points.
 *
 * @example
 * ```ts
 * console.log(mx.hamming(5).index(2).item()); // => 1
 * ```
 */
export function hamming(M: number, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 2, 'hamming');
  return runHamming(M, [stream]);
}

const runHanning = windowOf('hanning');
/**
 * The Hann window, 0.5 - 0.5 cos(2 pi i / (M - 1)): shape [M], float32. A single value is 1; M
 * below 1 gives an empty array.
 *
 * @param M - the number of points.
 *
 * @example
 * ```ts
 * console.log(mx.hanning(5).tolist()); // => [ 0, 0.5, 1, 0.5, 0 ]
 * ```
 */
export function hanning(M: number, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 2, 'hanning');
  return runHanning(M, [stream]);
}

const runBartlett = windowOf('bartlett');
/**
 * The Bartlett window, a triangle that begins and ends at 0: shape [M], float32. A single value is
 * 1; M below 1 gives an empty array.
 *
 * @param M - the number of points.
 *
 * @example
 * ```ts
 * console.log(mx.bartlett(5).tolist()); // => [ 0, 0.5, 1, 0.5, 0 ]
 * ```
 */
export function bartlett(M: number, stream?: StreamArgument): MLXArray {
  checkStreamIsLast(arguments.length, 2, 'bartlett');
  return runBartlett(M, [stream]);
}
