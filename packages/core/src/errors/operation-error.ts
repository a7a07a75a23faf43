import { heldShape, isArray } from '../array/array';

/** What inner operations said of an error, without their names. */
const texts = new WeakMap<Error, string>();
/** Errors whose names stay: a user's own code met them. */
const settled = new WeakSet<Error>();

function isRenamed(error: unknown): error is TypeError | RangeError {
  return (error instanceof TypeError || error instanceof RangeError) && !settled.has(error);
}

function setMessage(error: Error, message: string): void {
  const { stack } = error;
  const old = error.message;
  error.message = message;
  if (stack !== undefined) error.stack = stack.replace(old, () => message);
}

/**
 * An error of an inner operation, named after what the person called, with the arrays that it
 * received. Errors of other kinds, and those without an operation's name, stay as they are.
 *
 * @param received - the arguments by name.
 * @param about - more to say, such as a layer's settings.
 */
export function operationError(
  error: unknown,
  name: string,
  received: () => Iterable<readonly [string, unknown]>,
  about?: () => string,
): unknown {
  // What the function says itself needs no more.
  if (!isRenamed(error) || error.message.startsWith(`[${name}] `)) return error;
  const text = texts.get(error) ?? /^\[[^\]]*\] (.*)$/s.exec(error.message)?.[1];
  if (text === undefined) return error;
  texts.set(error, text);
  const parts = [/[.!?]$/.test(text) ? text : `${text}.`];
  const arrays: string[] = [];
  for (const [parameter, value] of received()) {
    if (!isArray(value)) continue;
    const shape = heldShape(value);
    arrays.push(
      `${parameter} ${shape ? `(${shape.join(',')}) ${value.dtype}` : 'that was released'}`,
    );
  }
  if (arrays.length > 0) parts.push(`Received ${arrays.join(', ')}.`);
  const more = about?.();
  if (more) parts.push(`${more}.`);
  setMessage(error, `[${name}] ${parts.join(' ')}`);
  return error;
}

/** Keeps the name that an error has: whoever called can't see further out what failed. */
export function settleError(error: unknown): unknown {
  if (isRenamed(error)) settled.add(error);
  return error;
}
