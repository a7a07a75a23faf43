import { native } from '../addon/native';
import { builtin } from '../node/builtin';

/** A function that collects: at least the young objects, or all. */
type Collect = (options?: { type: 'minor' }) => void;

/** V8's function that collects, which it gives to new contexts once the flag is set. */
function findCollector(): Collect | undefined {
  const { Bun, gc } = globalThis as {
    Bun?: { gc(synchronously: boolean): void };
    gc?: Collect;
  };
  // Bun's function of V8's name only asks for a collection at some later time.
  if (Bun !== undefined) return () => Bun.gc(true);
  if (typeof gc === 'function') return gc;
  try {
    builtin('node:v8').setFlagsFromString('--expose-gc');
    const found: unknown = builtin('node:vm').runInNewContext('gc');
    return typeof found === 'function' ? (found as Collect) : undefined;
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
  if (collector !== undefined) {
    native.setCollector(collector);
    return;
  }
  process.emitWarning(
    'The garbage collector cannot be called here, so memory of arrays is freed only when V8 ' +
      'collects by itself. Long loops should use mx.tidy.',
    { type: 'MLXWarning' },
  );
}
