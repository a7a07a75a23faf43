// Makes a result show what is wrong with it: promises are awaited, arrays computed and read.

const mostBytes = 2 ** 25;

/** Waits for and evaluates whatever a call gave. */
export async function settle(result, mx, depth = 0) {
  if (depth > 4 || result === null) return;
  if (result instanceof mx.array) return computeArray(result, mx);
  if (typeof result !== 'object') return;
  if (typeof result.then === 'function') return settle(await result, mx, depth + 1);
  if (Array.isArray(result)) {
    for (const one of result.slice(0, 64)) await settle(one, mx, depth + 1);
    return;
  }
  if (typeof result[Symbol.dispose] === 'function') return result[Symbol.dispose]();
  if (isPlain(result))
    for (const one of Object.values(result).slice(0, 64)) await settle(one, mx, depth + 1);
}

function computeArray(a, mx) {
  if (a.nbytes > mostBytes) return;
  mx.eval(a);
  if (a.size < 64) {
    // Its own members may stand in for it.
    mx.array.prototype.tolist.call(a);
    String(a);
  }
}

function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
