import * as mx from '@mlx/core';
import {
  arrayTree,
  isArray,
  nonNegative,
  nullable,
  operation,
  optional,
  type Kind,
} from '@mlx/core/calls';
import { group, groupOrAll } from './arguments';

const stream: Kind<mx.Stream | null> = optional(
  nullable({ text: 'a Stream', fits: (value) => value instanceof mx.Stream }),
  null,
);

const mebibyte = 1024 ** 2;

/**
 * Lists of gradients of one dtype, each full once it holds so many bytes; from the last to the
 * first, as gradients are computed.
 */
function buckets(leaves: readonly mx.array[], bytes: number): number[][] {
  const full: number[][] = [];
  const open = new Map<mx.Dtype, { members: number[]; bytes: number }>();
  for (let i = leaves.length - 1; i >= 0; i--) {
    const { dtype, nbytes } = leaves[i]!;
    const bucket = open.get(dtype) ?? { members: [], bytes: 0 };
    bucket.members.push(i);
    bucket.bytes += nbytes;
    if (bucket.bytes >= bytes) {
      full.push(bucket.members);
      open.delete(dtype);
    } else {
      open.set(dtype, bucket);
    }
  }
  return [...full, ...Array.from(open.values(), ({ members }) => members)];
}

/** Options of averageGradients. */
export interface AverageGradientsOptions {
  /** The processes; default: all. */
  group?: mx.distributed.Group | null | undefined;
  /** How many bytes are sent together; 0: each gradient by itself; default: 32 MiB. */
  allReduceSize?: number | undefined;
  /** Where they are sent; default: the group's own stream. */
  communicationStream?: mx.Stream | null | undefined;
}

/**
 * The mean of the processes' gradients: what one process would get for the batches of all. Small
 * ones are sent together, by dtype.
 *
 * @param gradients - a tree of arrays, which has the same structure on all processes.
 * @param group - the processes; default: all.
 * @param allReduceSize - how many bytes are sent together; 0: each gradient by itself; default: 32
 *   MiB.
 * @param communicationStream - where they are sent; default: the group's own stream.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { averageGradients } from '@mlx/nn';
 *
 * averageGradients({ weight: mx.array([1, 2]) }).weight.tolist(); // => [1, 2]
 * ```
 */
export function averageGradients<T extends object>(
  gradients: T,
  group?: mx.distributed.Group | null,
  allReduceSize?: number,
  communicationStream?: mx.Stream | null,
): T;
export function averageGradients<T extends object>(
  gradients: T,
  options: AverageGradientsOptions,
): T;
export function averageGradients(...values: unknown[]): unknown {
  return average(values);
}
const average = operation(
  'averageGradients',
  {
    gradients: arrayTree,
    group,
    allReduceSize: optional(nonNegative, 32 * mebibyte),
    communicationStream: stream,
  },
  ({ gradients, group: given, allReduceSize, communicationStream }) => {
    const group = groupOrAll(given);
    const size = group.size();
    if (size === 1) return gradients;
    const options =
      communicationStream === null ? { group } : { group, stream: communicationStream };
    const flat = mx.treeFlatten(gradients) as [string, mx.array][];
    const leaves = flat.map(([, leaf]) => leaf);
    const means = [...leaves];
    const sent = buckets(leaves, allReduceSize).map((members) => {
      const parts = members.map((i) => leaves[i]!);
      const joined =
        parts.length === 1 ? parts[0]! : mx.concatenate(parts.map((part) => mx.flatten(part)));
      return { members, parts, sum: mx.distributed.allSum(joined, options) };
    });
    const sums = sent.map(({ sum }) => sum);
    // All are sent before the first is used: each while the gradients of the next are computed.
    const received = sums.length > 1 ? mx.depends(sums, sums) : sums;
    sent.forEach(({ members, parts }, i) => {
      const mean = mx.divide(received[i]!, size);
      let end = 0;
      const ends = parts.slice(0, -1).map((part) => (end += part.size));
      const pieces = parts.length === 1 ? [mean] : mx.split(mean, ends);
      pieces.forEach((piece, k) => {
        means[members[k]!] = mx.reshape(piece, parts[k]!.shape);
      });
    });
    let next = 0;
    return mx.treeMap((leaf: unknown) => (isArray(leaf) ? means[next++]! : leaf), gradients);
  },
);

/**
 * Scales gradients down, of which each process has a part, so that the norm of all parts together
 * is at most maxNorm.
 *
 * @param gradients - a tree with this process's part.
 * @param maxNorm - the largest norm.
 * @param group - the processes; default: all.
 * @returns the scaled tree and the norm before, a scalar.
 *
 * @example
 * ```ts
 * import * as mx from '@mlx/core';
 * import { clipGradNormSharded } from '@mlx/nn';
 *
 * const [clipped, norm] = clipGradNormSharded({ w: mx.array([3, 4]) }, 10);
 * [norm.item(), clipped.w.tolist()]; // => [5, [3, 4]]
 * ```
 */
export function clipGradNormSharded<T extends object>(
  gradients: T,
  maxNorm: number,
  group?: mx.distributed.Group | null | { group?: mx.distributed.Group | null },
): [T, mx.array];
export function clipGradNormSharded(...values: unknown[]): unknown {
  return clip(values);
}
const clip = operation(
  'clipGradNormSharded',
  { gradients: arrayTree, maxNorm: nonNegative, group },
  ({ gradients, maxNorm, group }) => {
    const wide = (gradient: mx.array): mx.array =>
      gradient.dtype.size < 4 ? mx.astype(gradient, mx.float32) : gradient;
    const own = mx.treeReduce(
      (sum: mx.array, gradient: mx.array) => mx.add(sum, mx.sum(mx.square(mx.abs(wide(gradient))))),
      gradients,
      mx.array(0),
    );
    const norm = mx.sqrt(mx.distributed.allSum(own, groupOrAll(group)));
    const scale = mx.minimum(mx.divide(maxNorm, mx.add(norm, 1e-6)), 1);
    const clipped = mx.treeMap(
      (gradient: mx.array) => mx.astype(mx.multiply(gradient, scale), gradient.dtype),
      gradients,
    );
    return [clipped, norm];
  },
);
