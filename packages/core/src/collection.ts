import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { native } from './native';

/** V8's function that collects, which it gives to new contexts once the flag is set. */
function findCollector(): unknown {
  const own = (globalThis as { gc?: unknown }).gc;
  if (typeof own === 'function') return own;
  try {
    setFlagsFromString('--expose-gc');
    return runInNewContext('gc');
  } catch {
    return undefined;
  }
}

/**
 * Gives the addon the collector. It asks for collections itself, since V8 doesn't know how much
 * memory its small array objects pin.
 */
export function installCollector(): void {
  const collector = findCollector();
  if (typeof collector === 'function') {
    native.setCollector(collector);
    return;
  }
  process.emitWarning(
    'The garbage collector cannot be called here, so memory of arrays is freed only when V8 ' +
      'collects by itself. Long loops should use mx.tidy.',
    { type: 'MLXWarning' },
  );
}
