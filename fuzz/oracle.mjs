// What an error must be like.

/** What the values of the fuzzer throw themselves passes through as it is. */
const own = /thrown by the case|has been revoked/;

/** The language's answer to a class that is called without `new`. */
const callOfClass = /^Class constructor \w+ cannot be invoked without 'new'$/;

const raw =
  /Cannot (read|set|convert|mix|destructure|access|create|perform|assign|define|delete|add)|is not (iterable|a function|a constructor|defined|extensible|an object)|private (member|field)|call stack|Invalid (array|typed array|count|string|code point)|incompatible receiver|Reduce of empty|read only property|circular structure|trap returned/;

/** Whether an error comes from the case's own functions, which do with arguments what they please. */
function isFromCase(error) {
  const [frame] = String(error.stack).match(/^ {4}at .*$/m) ?? [];
  return frame !== undefined && frame.includes('eval at ');
}

/** What is wrong with an error, or undefined; the class otherwise. */
export function judge(error, { names, isHook }, mx) {
  if (!(error instanceof Error)) return { fault: `threw what is no error: ${String(error)}` };
  const { message } = error;
  if (own.test(message) || callOfClass.test(message) || isFromCase(error))
    return { kind: 'passed through' };
  const kind = [mx.ShapeError, mx.DtypeError, mx.EngineError].find(
    (one) => error.constructor === one,
  );
  if (kind === undefined && error.constructor !== TypeError && error.constructor !== RangeError)
    return { fault: `undocumented class ${error.constructor.name}: ${message}` };
  const [, name] = message.match(/^\[([^\]]+)\] ./) ?? [];
  if (name === undefined && isHook) return { kind: 'passed through' };
  if (name === undefined)
    return { fault: `${raw.test(message) ? "JavaScript's own error" : 'no name'}: ${message}` };
  if (names.length > 0 && !names.includes(name))
    return { fault: `another's name, not [${names.join('|')}]: ${message}` };
  if (/\d[.\d]*e\+\d/.test(message) && !/e\+\d{3}/.test(message))
    return { fault: `a number that is not whole: ${message}` };
  return { kind: error.constructor.name };
}
