// The command line of an example. Plain JavaScript, which TypeScript checks by its comments, because
// `npm start` reads the options before anything is built.
const { parseArgs } = require('node:util');

/** An option that can't be used; its message is for the terminal. */
class OptionError extends Error {}

/**
 * The value of an option that is one of a few words.
 * @template {string} T
 * @param {string} name
 * @param {string} value
 * @param {readonly T[]} allowed
 * @returns {T}
 */
function oneOf(name, value, allowed) {
  const found = allowed.find((word) => word === value);
  if (found === undefined)
    throw new OptionError(`--${name} is ${allowed.join(' or ')}, not "${value}"`);
  return found;
}

/**
 * The value of an option that counts something.
 * @param {string} name
 * @param {string} value
 * @param {number} least
 */
function wholeNumber(name, value, least) {
  const number = Number(value);
  if (value.trim() === '' || !Number.isSafeInteger(number) || number < least)
    throw new OptionError(`--${name} is a whole number from ${least} on, not "${value}"`);
  return number;
}

/**
 * The value of an option that is a number greater than 0.
 * @param {string} name
 * @param {string} value
 */
function positiveNumber(name, value) {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number <= 0)
    throw new OptionError(`--${name} is a number greater than 0, not "${value}"`);
  return number;
}

/**
 * The texts on a command line, by Node's parseArgs, whose errors become OptionErrors.
 * @param {string[]} args
 * @param {string[]} names
 * @returns {Record<string, string | boolean | undefined>}
 */
function readTexts(args, names) {
  const texts = names.map((name) => /** @type {const} */ ([name, { type: 'string' }]));
  try {
    return parseArgs({
      args: args[0] === '--' ? args.slice(1) : args,
      options: { ...Object.fromEntries(texts), help: { type: 'boolean' } },
    }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * An option that is one of a few words, or a whole number.
 * @typedef {{ oneOf: readonly string[], default: string, text: string }
 *   | { from: number, default?: number, text: string }} Option
 * @typedef {{ about: string, options: Record<string, Option> }} CommandLine
 */

/**
 * What an option's value is.
 * @template O
 * @typedef {O extends { oneOf: readonly (infer Word)[] } ? Word
 *   : O extends { default: number } ? number : number | undefined} ValueOf
 */

/**
 * The values that a table describes, by name.
 * @template {CommandLine} T
 * @typedef {{ -readonly [Name in keyof T['options']]: ValueOf<T['options'][Name]> }} ValuesOf
 */

/**
 * Reads a command line that is described by a table; null when help was asked for.
 * @template {CommandLine} T
 * @param {T} table
 * @param {string[]} args
 * @returns {ValuesOf<T> | null}
 */
function readOptions(table, args) {
  const texts = readTexts(args, Object.keys(table.options));
  if (texts.help) return null;
  const values = Object.entries(table.options).map(([name, option]) => {
    const value = texts[name];
    if (typeof value !== 'string') return [name, option.default];
    const isWord = 'oneOf' in option;
    return [
      name,
      isWord ? oneOf(name, value, option.oneOf) : wholeNumber(name, value, option.from),
    ];
  });
  return /** @type {ValuesOf<T>} */ (Object.fromEntries(values));
}

/**
 * What `--help` prints of such a table.
 * @param {CommandLine} table
 */
function usage({ about, options }) {
  const rows = Object.entries(options).map(([name, option]) => {
    const kind = 'oneOf' in option ? option.oneOf.join('|') : 'N';
    const standard = option.default === undefined ? '' : ` (default ${option.default})`;
    return [`--${name} ${kind}`, `${option.text}${standard}`];
  });
  rows.push(['--help', 'this text']);
  const width = Math.max(...rows.map(([left]) => left.length));
  return [about, '', ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)].join(
    '\n',
  );
}

module.exports = { OptionError, oneOf, positiveNumber, readOptions, usage, wholeNumber };
