import { native } from '../addon/native';
import { checkCount } from '../arguments/count';
import { readKind, string } from '../arguments/kinds';
import { checked } from '../errors/errors';

/** What there is about Apple's GPUs. */
export const metal = {
  /**
   * Whether this machine and this build can compute with Metal.
   *
   * @example
   * ```ts
   * console.log(typeof mx.metal.isAvailable()); // => boolean
   * ```
   */
  isAvailable(): boolean {
    checkCount(arguments.length, 0, 'metal.isAvailable');
    return checked(native.metalIsAvailable());
  },

  /** What is known about the GPU. Throws EngineError where Metal is not available. */
  deviceInfo(): Readonly<Record<string, string | number>> {
    checkCount(arguments.length, 0, 'metal.deviceInfo');
    return Object.fromEntries(checked(native.metalDeviceInfo()));
  },

  /**
   * Records GPU work into a file for Xcode. Throws EngineError where Metal is not available.
   *
   * @param path - the name of the file; default: ''.
   */
  startCapture(path = ''): void {
    checkCount(arguments.length, 1, 'metal.startCapture');
    readKind(string, path, 'metal.startCapture', 'path');
    checked(native.metalStartCapture(path));
  },

  /** Ends the recording. Throws EngineError where Metal is not available. */
  stopCapture(): void {
    checkCount(arguments.length, 0, 'metal.stopCapture');
    checked(native.metalStopCapture());
  },
};

/** What there is about NVIDIA's GPUs. */
export const cuda = {
  /**
   * Whether this machine and this build can compute with CUDA.
   *
   * @example
   * ```ts
   * console.log(typeof mx.cuda.isAvailable()); // => boolean
   * ```
   */
  isAvailable(): boolean {
    checkCount(arguments.length, 0, 'cuda.isAvailable');
    return checked(native.cudaIsAvailable());
  },

  /**
   * What is known about the GPU: `device_name`, `architecture`, `memory_size` in bytes and more.
   * Throws EngineError, which says why, where CUDA is not available.
   */
  deviceInfo(): Readonly<Record<string, string | number>> {
    checkCount(arguments.length, 0, 'cuda.deviceInfo');
    return Object.fromEntries(checked(native.cudaDeviceInfo()));
  },
};
