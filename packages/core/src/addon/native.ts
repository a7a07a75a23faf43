import type { NativeFunctions } from './functions';
import { loadAddon } from './load';

/** The addon; each environment, a worker for example, has its own state in it. */
export const native = loadAddon() as NativeFunctions;
