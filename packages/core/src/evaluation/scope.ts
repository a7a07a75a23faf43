import { native } from '../addon/native';
import type { ArrayId, StreamCode } from '../addon/types';
import { builtin } from '../node/builtin';

const { AsyncLocalStorage } = builtin('node:async_hooks');

/** What holds inside a scope that may span awaits. */
interface Scope {
  readonly parent: Scope | undefined;
  /** The addon's number of the innermost tidy scope, 0 for none. */
  readonly tidy: number;
  /** The addon's number of the stream or device, undefined for the default. */
  readonly stream: StreamCode | undefined;
  /** Digits of printed numbers, undefined for the general setting. */
  readonly precision: number | undefined;
  closed: boolean;
}

// Asynchronous tracking costs every promise something, so it runs only while a scope is open.
const storage = new AsyncLocalStorage<Scope | undefined>();
/** What the addon's numbers of scopes' streams have more than those that a call names. */
const scopedStreams = 2 ** 32;
let openScopes = 0;
let activeTidy = 0;

/** The innermost scope of this asynchronous context that is still open. */
function currentScope(): Scope | undefined {
  if (openScopes === 0) return undefined;
  let scope = storage.getStore();
  while (scope?.closed) scope = scope.parent;
  return scope;
}

/** The stream of the innermost scope. */
export function currentStream(): StreamCode | undefined {
  return currentScope()?.stream;
}

/** The digits of printed numbers in the innermost scope. */
export function currentPrecision(): number | undefined {
  return currentScope()?.precision;
}

/** True while some scope is open anywhere; then operations call `enterScope` first. */
export function anyScopeOpen(): boolean {
  return openScopes !== 0;
}

/**
 * Makes the addon count new arrays to this context's tidy scope; the stream to use. A scope's is
 * told from one that the caller named: what only CPUs compute is refused on a GPU that was named.
 */
export function enterScope(stream: StreamCode | undefined): StreamCode | undefined {
  const scope = currentScope();
  const tidy = scope?.tidy ?? 0;
  if (tidy !== activeTidy) {
    native.setScope(tidy);
    activeTidy = tidy;
  }
  if (stream !== undefined || scope?.stream === undefined) return stream;
  return (scope.stream + scopedStreams) as StreamCode;
}

function open(changes: Partial<Pick<Scope, 'tidy' | 'stream' | 'precision'>>): Scope {
  const parent = currentScope();
  openScopes++;
  return {
    parent,
    tidy: parent?.tidy ?? 0,
    stream: parent?.stream,
    precision: parent?.precision,
    ...changes,
    closed: false,
  };
}

function close(scope: Scope): void {
  if (scope.closed) return;
  scope.closed = true;
  openScopes--;
  if (openScopes > 0) return;
  if (activeTidy !== 0) native.setScope(0);
  activeTidy = 0;
  storage.disable();
}

/** A scope that lasts until it is disposed of. */
function openDisposable(changes: Partial<Pick<Scope, 'stream' | 'precision'>>): Disposable {
  const scope = open(changes);
  storage.enterWith(scope);
  return {
    [Symbol.dispose]() {
      const innermost = storage.getStore() === scope;
      close(scope);
      if (innermost && openScopes > 0) storage.enterWith(scope.parent);
    },
  };
}

export function openStreamScope(stream: StreamCode): Disposable {
  return openDisposable({ stream });
}

export function openPrecisionScope(precision: number): Disposable {
  return openDisposable({ precision });
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/**
 * Runs a function in a tidy scope of its own. At its end, or when the promise it returned
 * settles, the arrays made inside are released but for those that `kept` finds in the result.
 */
export function runTidy<T>(run: () => T, kept: (result: unknown) => ArrayId[]): T {
  const parent = currentScope()?.tidy ?? 0;
  const tidy = native.openScope(parent)!;
  const scope = open({ tidy });
  const finish = (ids: ArrayId[]): void => {
    native.closeScope(tidy, ids);
    if (activeTidy === tidy) activeTidy = parent;
    close(scope);
  };
  let result: T;
  try {
    result = storage.run(scope, run);
  } catch (error) {
    finish([]);
    throw error;
  }
  if (!isPromise(result as unknown)) {
    finish(kept(result));
    return result;
  }
  return (result as PromiseLike<unknown>).then(
    (value) => {
      finish(kept(value));
      return value;
    },
    (error: unknown) => {
      finish([]);
      throw error;
    },
  ) as T;
}
