import { native } from '../addon/native';
import { checked } from '../errors/errors';
import { callMany, idOf, share, type MLXArray } from './array';

/**
 * What @mlx/nn and @mlx/optimizers may do with arrays beyond the public functions. Found under
 * `mx.array[Symbol.for('mlx.internals')]`.
 */
export interface Internals {
  /** Another array object with the same values, which later moves into the first don't reach. */
  share(a: MLXArray): MLXArray;
  /**
   * Moves the source's values into the target object, whose old values go, and releases the
   * source. Replacing parameters this way makes no objects that only a full collection frees. The
   * target must be an object of the same shape and dtype that `own` was called for, and no trace
   * may be open; returns false, doing nothing, if not.
   */
  move(target: MLXArray, source: MLXArray): boolean;
  /** Says that an optimizer's update made this object, so that later updates may move into it. */
  own(a: MLXArray): void;
  /** Whether two arrays have one shape and one dtype. */
  isAlike(a: MLXArray, b: MLXArray): boolean;
  /**
   * The largest element along an axis, which stays with size 1, and log(sum(exp(a - it))): the two
   * parts of logsumexp, in float32 for half types. Derivatives are right for their sum alone.
   */
  logsumexpParts(a: MLXArray, axis: number): readonly [MLXArray, MLXArray];
  /** Inside a function that vmap or compile traces, where arrays have no values. */
  isTraced(): boolean;
}

const owned = new WeakSet<MLXArray>();

export const internals: Internals = {
  share,
  move(target, source) {
    if (!owned.has(target) || internals.isTraced()) return false;
    if (!internals.isAlike(target, source)) return false;
    checked(native.move(idOf(target), idOf(source)));
    return true;
  },
  own(a) {
    // What a trace makes is gone at its end.
    if (!internals.isTraced()) owned.add(a);
  },
  isAlike: (a, b) => checked(native.isAlike(idOf(a), idOf(b))),
  logsumexpParts: (a, axis) =>
    callMany(native.logsumexpParts, undefined, idOf(a), axis) as [MLXArray, MLXArray],
  isTraced: () => native.inAbstractTracing() === true,
};

/** Where other packages find these functions. */
export const internalsSymbol = Symbol.for('mlx.internals');
