import { native } from '../addon/native';
import { boolean, bounded, choice, number, nullable, optional, callback } from '../arguments/kinds';
import { reader } from '../arguments/reader';
import { checked, within } from '../errors/errors';
import { groupFromNumber, type Group } from './group';

/**
 * By what processes talk: 'nccl' between NVIDIA GPUs, 'mpi' between hosts; 'any' is NCCL where the
 * default device is such a GPU, else MPI, or plain TCP where mlx-launch started them without mpirun.
 * MLX's 'ring' and 'jaccl' are not here.
 */
export type Backend = 'any' | 'mpi' | 'nccl' | 'ring' | 'jaccl';

/** Gathers what all processes say: gets this one's bytes, gives those of all, by rank. */
export type AllGatherBytes = (own: Uint8Array, size: number) => Uint8Array;

/** Options of init. */
export interface InitOptions {
  /** Whether it is an error if there is no such group; default: false. */
  strict?: boolean;
  /** By what processes talk; default: 'any'. */
  backend?: Backend;
  /** How processes find each other where the backend does not know; default: its own way. */
  allGatherFactory?: ((size: number, rank: number) => AllGatherBytes) | null;
  /**
   * How many seconds to wait for others without a sign from them; default: 60, or what the
   * variable MLX_DISTRIBUTED_TIMEOUT says.
   */
  timeout?: number | null;
}

const backend = choice('any', 'mpi', 'nccl', 'ring', 'jaccl');

const readInit = reader('distributed.init', {
  strict: optional(boolean, false),
  backend: optional(backend, 'any'),
  allGatherFactory: optional(
    nullable(callback<(size: number, rank: number) => AllGatherBytes>()),
    null,
  ),
  timeout: optional(
    nullable(bounded(number, 'a number of seconds above 0', (value) => value > 0 && value <= 1e9)),
    null,
  ),
});

/**
 * The group of all processes that were started together, by mlx-launch or mpirun. Without such it
 * is a group of this process alone, or an EngineError if strict. A later call without a backend
 * gives the first group that there was.
 *
 * @param strict - whether it is an error if there is no such group; default: false.
 * @param backend - by what processes talk; default: 'any'.
 *
 * @example
 * ```ts
 * const world = mx.distributed.init();
 * console.log(world.rank(), world.size()); // => 0 1
 * ```
 */
export function init(strict?: boolean, backend?: Backend, options?: InitOptions): Group;
export function init(options: InitOptions): Group;
export function init(strict: boolean, options: InitOptions): Group;
export function init(...values: unknown[]): Group {
  const { strict, backend, timeout } = readInit(values);
  return within('distributed.init', () => {
    if (timeout !== null) checked(native.distributedSetTimeout(timeout));
    return groupFromNumber(checked(native.distributedInit(strict, backend)));
  });
}

const readIsAvailable = reader('distributed.isAvailable', { backend: optional(backend, 'any') });

/**
 * Whether what a backend needs is there: for 'mpi' an Open MPI library, for 'nccl' an NVIDIA GPU and
 * its library, for 'any' one of these. 'ring' and 'jaccl' never are.
 *
 * @param backend - the backend; default: 'any'.
 *
 * @example
 * ```ts
 * console.log(mx.distributed.isAvailable('ring')); // => false
 * ```
 */
export function isAvailable(backend?: Backend): boolean;
export function isAvailable(options: { backend?: Backend }): boolean;
export function isAvailable(...values: unknown[]): boolean {
  const { backend } = readIsAvailable(values);
  return checked(native.distributedIsAvailable(backend));
}
