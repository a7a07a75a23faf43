import { loadAddon } from './load';

/** A function of the addon. It returns undefined after an error, which `takeError` describes. */
export type NativeFunction = (...values: unknown[]) => unknown;

/** The addon's functions by name; the operations are listed in native/addon/ops_*.cpp. */
export interface NativeModule {
  readonly [name: string]: NativeFunction;
}

/** The addon; each environment, a worker for example, has its own state in it. */
export const native = loadAddon() as NativeModule;
