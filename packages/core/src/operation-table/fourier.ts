import * as mx from '../index';
import { all, operation, sample, withArguments, type Operation, type Options } from './operation';

// Everything is computed in complex64, or float32 for the real results.
const single: Partial<Options> = {
  dtypes: [mx.float32, mx.complex64],
  relativeTo: 'largest',
  ulps: 16,
};
const real: Partial<Options> = { ...single, dtypes: [mx.float32] };

function line(name: string, options: Partial<Options>): Operation {
  const path = `fft.${name}`;
  return operation(
    path,
    [
      ...withArguments(path, [[3, 8]], [], [6], [11], [null, 0], [5, -2]),
      ...withArguments(path, [[2, 7]], [{ norm: 'ortho' }], [{ norm: 'forward' }]),
    ],
    options,
  );
}

function box(name: string, options: Partial<Options>): Operation {
  const path = `fft.${name}`;
  const lists = [
    [],
    [[3, 6]],
    [
      [2, 3],
      [0, 1],
    ],
    [{ norm: 'ortho', axes: [-1, 0] }],
  ];
  return operation(path, withArguments(path, [[2, 4, 5]], ...lists), options);
}

export const fourier: readonly Operation[] = [
  line('fft', single),
  line('ifft', single),
  line('rfft', real),
  line('irfft', single),
  ...['fft2', 'ifft2', 'irfft2', 'fftn', 'ifftn', 'irfftn'].map((name) => box(name, single)),
  ...['rfft2', 'rfftn'].map((name) => box(name, real)),
  operation(
    'fft.fftshift',
    [sample((a) => mx.fft.fftshift(a), [4, 5]), sample((a) => mx.fft.fftshift(a, [-1]), [4, 5])],
    { dtypes: all },
  ),
  operation(
    'fft.ifftshift',
    [sample((a) => mx.fft.ifftshift(a), [4, 5]), sample((a) => mx.fft.ifftshift(a, [-1]), [4, 5])],
    { dtypes: all },
  ),
];
