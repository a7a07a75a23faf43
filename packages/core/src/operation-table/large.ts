import * as mx from '../index';
import { named } from './operation';

const draw = (...shape: number[]): mx.array =>
  mx.random.normal(shape, mx.float32, 0, 1, mx.random.key(7));

/** Sums whose order would show. */
const reductions = ['sum', 'mean', 'prod', 'variance', 'logsumexp', 'max', 'argmin'];
const scans = ['cumsum', 'cumprod', 'cummax', 'logcumsumexp'];

type Work = () => mx.array | readonly mx.array[];

/** Work that is divided among threads: more than a million elements each. */
export const large: Readonly<Record<string, Work>> = {
  ...Object.fromEntries(
    reductions.map((name): [string, Work] => [
      name,
      () => {
        const reduce = named(name);
        const a = draw(1031, 1033);
        const b = draw(3, 101, 4099).astype(mx.float16);
        return [reduce(a), reduce(a, 0), reduce(a, 1), reduce(a.T, 1), reduce(b, 1)];
      },
    ]),
  ),
  ...Object.fromEntries(
    scans.map((name): [string, Work] => [
      name,
      () => {
        const scan = named(name);
        const a = draw(1031, 1033);
        return [scan(a, null), scan(a, 0), scan(a, 1)];
      },
    ]),
  ),
  'a fused chain and its sum': () => {
    const a = draw(1031, 1033);
    const b = mx.sin(a).multiply(a).add(mx.exp(a.negative().square()));
    return [b, mx.sum(b, 0), mx.sum(b)];
  },
  softmax: () => [mx.softmax(draw(1031, 1033), -1), mx.softmax(draw(1200000))],
  matmul: () => {
    const a = draw(1031, 515);
    const half = a.astype(mx.bfloat16);
    return [mx.matmul(a, a.T), mx.matmul(a.T, a), mx.matmul(half, half.T), mx.matmul(a, draw(515))];
  },
  'batched matmul': () => mx.matmul(draw(1100, 32, 33), draw(1100, 33, 31)),
  conv2d: () => [
    mx.conv2d(draw(8, 66, 67, 32), draw(16, 3, 3, 32), 1, 1),
    mx.conv2d(draw(2, 480, 481, 3), draw(8, 7, 7, 3), 2, 3),
  ],
  'gradient of conv2d': () =>
    mx.vjp(
      (a, w) => mx.conv2d(a, w, 1, 1),
      [draw(8, 66, 67, 32), draw(8, 3, 3, 32)],
      [draw(8, 66, 67, 8)],
    )[1],
  'gradients that add up': () => {
    const q = draw(1, 4, 300, 32);
    const a = draw(1031, 1033);
    const places = mx.random.randint(0, 50, [9000], mx.int32, mx.random.key(1));
    const { scaledDotProductAttention: attend, layerNorm } = mx.fast;
    return [
      ...mx.vjp((x, y, z) => attend(x, y, z, { scale: 0.2 }), [q, q, q], [q])[1],
      ...mx.vjp(
        (x, w, b) => layerNorm(x, w, b, 1e-5),
        [a, mx.ones([1033]), mx.ones([1033])],
        [a],
      )[1],
      ...mx.vjp((x) => mx.take(x, places, 0), [draw(50, 128)], [draw(9000, 128)])[1],
      ...mx.vjp((x, b) => mx.addmm(b, x, x.T), [a, draw(1031)], [draw(1031, 1031)])[1],
      ...mx.vjp((x, b) => x.multiply(b), [a, draw(1031, 1)], [a])[1],
    ];
  },
  sort: () => [mx.sort(draw(1200000)), mx.sort(draw(1031, 1033), 0), mx.sort(draw(1031, 1033))],
  argsort: () => [mx.argsort(draw(1200000)), mx.argsort(draw(1031, 1033).astype(mx.float16), 0)],
  'topk and partition': () => [
    mx.sort(mx.topk(draw(1200000), 100)),
    mx.sum(mx.partition(draw(1031, 1033), 100), 0),
  ],
  take: () => {
    const places = mx.random.randint(0, 5000, [9000], mx.int32, mx.random.key(1));
    return [
      mx.take(draw(5000, 256), places, 0),
      mx.zeros([5000, 256]).at(places).add(draw(9000, 256)),
    ];
  },
  'random numbers': () => [draw(1200001), mx.random.permutation(1100000, 0, mx.random.key(3))],
  fft: () => [
    mx.fft.fft(draw(1100, 1024)),
    mx.fft.rfft2(draw(1031, 1033)),
    mx.fft.fft(draw(1 << 20)),
    mx.fft.ifft(draw(1000003)),
  ],
  'linear algebra': () => {
    const a = draw(4100, 16, 16).add(mx.eye(16).multiply(8));
    const b = draw(300, 300).add(mx.eye(300).multiply(40));
    const { linalg } = mx;
    return [
      ...[a, b].flatMap((m) => [
        linalg.inv(m),
        linalg.det(m.divide(20)),
        linalg.cholesky(mx.matmul(m, mx.swapaxes(m, -1, -2))),
        ...linalg.qr(m),
        ...linalg.lu(m),
      ]),
      linalg.solve(draw(1100, 1100).add(mx.eye(1100).multiply(90)), draw(1100, 2)),
      ...linalg.eigh(b.add(b.T)),
      ...linalg.svd(b),
      ...linalg.svd(a.index(mx.Slice(0, 500))),
    ];
  },
  'attention and normalization': () => {
    const q = draw(2, 8, 300, 64);
    return [
      mx.fast.scaledDotProductAttention(q, q, q, { scale: 0.125, mask: 'causal' }),
      mx.fast.layerNorm(draw(1031, 1033), mx.ones([1033]), null, 1e-5),
      mx.fast.rmsNorm(draw(1031, 1033), mx.ones([1033]), 1e-5),
      mx.vjp(
        (x, w) => mx.fast.rmsNorm(x, w, 1e-5),
        [draw(1031, 1033), mx.ones([1033])],
        [draw(1031, 1033)],
      )[1][1]!,
    ];
  },
  quantized: () => {
    const w = draw(1088, 1024);
    const [codes, scales, biases] = mx.quantize(w);
    return [codes, mx.quantizedMatmul(draw(33, 1024), codes, scales, biases)];
  },
};
